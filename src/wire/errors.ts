import { catalogue } from '#base/errors.js'

/** What can be wrong with bytes that came from outside. The sentences are those of golden/errors: clients show them to people. */
export const WireErrors = catalogue('WIRE', {
  JSON_SYNTAX: {
    say: (e: { line: number; near: string; why?: string }) =>
      `Failed to parse body into JSON: syntax error at line ${e.line} near: ${e.near}${e.why ? ` (${e.why})` : ''}`,
    http: 400,
  },
  JSON_MISMATCH: {
    say: (e: { type: string; why: string }) => `Failed to convert JSON into ${e.type} protobuf: ${e.why}`,
    http: 400,
  },
  PROTOBUF_MALFORMED: {
    say: (e: { type: string; why: string }) => `Failed to parse body into ${e.type} protobuf: ${e.why}`,
    http: 400,
  },
  TOO_LARGE: { say: (e: { what: string; limit: number }) => `${e.what} is larger than the limit of ${e.limit} bytes`, http: 413 },
  /** A defect of ours, not of the peer: a message was to be sent that lacks what the protocol requires. */
  INCOMPLETE: { say: (e: { type: string; why: string }) => `Cannot encode ${e.type}: ${e.why}`, http: 500 },
  RECORD_MALFORMED: { say: (e: { why: string }) => `Failed to decode RecordIO: ${e.why}`, http: 400 },
})

/** `mesos.v1.scheduler.Call` → `Call`, as the sentences name it. */
export const shortName = (fullName: string): string => fullName.slice(fullName.lastIndexOf('.') + 1)

/** What of a text from outside may stand in a sentence. */
export const excerpt = (text: string): string => (text.length <= 100 ? text : `${text.slice(0, 100)}…`)
