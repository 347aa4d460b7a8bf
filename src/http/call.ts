import { CodedError } from '#base/errors.js'
import { shortName, WireErrors } from '#wire/errors.js'
import { fromJson, toJson } from '#wire/json.js'
import type { MessageType } from '#wire/message.js'
import { decode, encode } from '#wire/protobuf.js'
import type { Answer, Request } from './answer.js'
import { contentType, JSON_TYPE, MESSAGE_TYPES, type MediaType } from './media-type.js'

/** The call in a request's body, in the encoding that its Content-Type names. Throws what is answered to the client (1-001, 1-004). */
export function decodeCall<T>(type: MessageType<T>, request: Pick<Request, 'headers' | 'body'>): T {
  return decodeMessage(type, request.body, contentType(request, MESSAGE_TYPES))
}

export function decodeMessage<T>(type: MessageType<T>, bytes: Uint8Array, media: MediaType): T {
  if (media === JSON_TYPE) return fromJson(type, bytes)
  try {
    return decode(type, bytes)
  } catch (error) {
    if (error instanceof CodedError) throw error
    throw WireErrors.PROTOBUF_MALFORMED({ type: shortName(type.name), why: (error as Error).message }, error)
  }
}

/** The bytes or the text of a message: the body of an answer, or a record of a stream. */
export function encodeMessage<T extends object>(type: MessageType<T>, value: T, media: MediaType): string | Buffer {
  return media === JSON_TYPE ? toJson(type, value) : encode(type, value)
}

/** 200 with a message. */
export function answerMessage<T extends object>(type: MessageType<T>, value: T, media: MediaType): Answer {
  return { status: 200, headers: { 'Content-Type': media }, body: encodeMessage(type, value, media) }
}
