import { shortName, WireErrors } from './errors.js'
import { type Json, parseExactly } from './json-parser.js'
import { jsonReader, Mismatch, type Reading } from './json-reader.js'
import { Incomplete, jsonWriter } from './json-writer.js'
import { checkSize } from './limits.js'
import type { MessageType } from './message.js'
import { missingRequired } from './required.js'

/**
 * JSON text of a message in Mesos' dialect (1-002): snake_case, enums by name, 64-bit numbers with every digit. Every required field must be
 * set: it is our defect if one is not.
 */
export function toJson<T extends object>(type: MessageType<T>, value: T): string {
  try {
    return jsonWriter(type.reflected)(value)
  } catch (error) {
    if (!(error instanceof Incomplete)) throw error
    const why = missingRequired(type.reflected, value) ?? 'Missing required fields'
    throw WireErrors.INCOMPLETE({ type: shortName(type.name), why }, error)
  }
}

/** The message that a JSON text stands for. Throws a `WireErrors` one, with a sentence for its sender, and nothing else. */
export function fromJson<T>(type: MessageType<T>, text: string | Uint8Array): T {
  checkSize(text, 'the JSON text')
  return fromParsedJson(type, parse(typeof text === 'string' ? text : decodeUtf8(text)))
}

/** The message that a parsed JSON value stands for. */
function fromParsedJson<T>(type: MessageType<T>, json: Json): T {
  const reflected = type.reflected
  const mismatch = (why: string) => WireErrors.JSON_MISMATCH({ type: shortName(type.name), why })
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw mismatch('Expecting a JSON object')
  const reading: Reading = { depth: 0, incomplete: false }
  try {
    const value = jsonReader(reflected)(json, reading) as object
    if (!reading.incomplete) return value as T
    throw new Mismatch(missingRequired(reflected, value) ?? 'Missing required fields')
  } catch (error) {
    throw error instanceof Mismatch ? mismatch(error.message) : error
  }
}

/** From this many digits on, `JSON.parse` may round. */
const LONG_NUMBER = /[0-9]{16}/

function parse(text: string): Json {
  if (LONG_NUMBER.test(text)) return parseExactly(text)
  try {
    return JSON.parse(text) as Json
  } catch {
    // For the sentence: it says where.
    return parseExactly(text)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (error) {
    throw WireErrors.JSON_SYNTAX({ line: 1, near: '', why: 'the body is not UTF-8' }, error)
  }
}
