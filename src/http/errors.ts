import { catalogue } from '#base/errors.js'

export const HttpErrors = catalogue('HTTP', {
  CONTENT_TYPE_MISSING: { say: (_: object) => "Expecting 'Content-Type' to be present", http: 400 },
  CONTENT_TYPE_UNKNOWN: {
    say: (e: { expected: readonly string[] }) => `Expecting 'Content-Type' of ${e.expected.join(' or ')}`,
    http: 415,
  },
  NOT_ACCEPTABLE: {
    say: (e: { offered: readonly string[] }) => `Expecting 'Accept' to allow ${e.offered.join(' or ')}`,
    http: 406,
  },
  ENCODING_BROKEN: { say: (_: object) => 'failed to decode body', http: 500 },
  ENCODING_UNKNOWN: {
    say: (e: { encoding: string }) => `Content-Encoding ${JSON.stringify(e.encoding)} is not supported; use gzip or none`,
    http: 415,
  },
  BODY_TOO_LARGE: { say: (e: { limit: number }) => `The body is larger than the limit of ${e.limit} bytes`, http: 413 },
  CALL_INVALID: { say: (e: { kind: string; why: string }) => `Failed to validate ${e.kind}: ${e.why}`, http: 400 },
  ADDRESS_UNUSABLE: {
    say: (e: { address: string; why: string; todo: string }) => `cannot listen on ${e.address}: ${e.why}; ${e.todo}`,
  },
  /** The client half: the server cannot be reached, or its answer is none. */
  UNREACHABLE: { say: (e: { url: string; why: string }) => `${e.url} cannot be reached: ${e.why}` },
  REFUSED: {
    say: (e: { url: string; status: number; body: string }) => `${e.url} answered ${e.status}${e.body ? `: ${e.body}` : ''}`,
  },
  SILENT: {
    say: (e: { url: string; milliseconds: number }) => `${e.url} sent nothing for ${Math.round(e.milliseconds / 1000)} seconds`,
  },
  REDIRECTS_ENDLESS: { say: (e: { url: string; limit: number }) => `${e.url} redirected more than ${e.limit} times` },
  STREAM_ENDED: { say: (e: { url: string; why: string }) => `the event stream of ${e.url} ended: ${e.why}` },
  FILE_PATH_MISSING: { say: (_: object) => "Expecting 'path=value' in query.\n", http: 400 },
  FILE_NUMBER_INVALID: {
    say: (e: { field: string; value: string }) => `Failed to parse ${e.field}: Failed to convert '${e.value}' to number.\n`,
    http: 400,
  },
  FILE_NUMBER_NEGATIVE: {
    say: (e: { field: string; value: number }) => `Negative ${e.field} provided: ${e.value}.\n`,
    http: 400,
  },
  /** Without a word, as recorded. */
  FILE_NOT_FOUND: { say: (_: object) => '', http: 404 },
  PATH_NOT_FOUND: { say: (_: object) => '404 Not Found.', http: 404 },
  FILE_INACCESSIBLE: { say: (e: { path: string }) => `'${e.path}' is inaccessible.\n`, http: 400 },
  FILE_IS_DIRECTORY: { say: (e: { verb: string }) => `Cannot ${e.verb} a directory.\n`, http: 400 },
  TOGGLE_FIELD_MISSING: { say: (e: { field: string }) => `Expecting '${e.field}=value' in query.\n`, http: 400 },
  TOGGLE_INVALID: { say: (e: { value: string }) => `Failed to convert '${e.value}' to number.\n`, http: 400 },
  LEVEL_NEGATIVE: { say: (e: { level: number }) => `Invalid level '${e.level}'.\n`, http: 400 },
})
