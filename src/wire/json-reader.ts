import type protobuf from 'protobufjs/light.js'
import { decodeBase64 } from './base64.js'
import { excerpt } from './errors.js'
import { doubleOf, int32Of, int64Of } from './json-numbers.js'
import { type Json, type JsonObject, MAX_DEPTH } from './json-parser.js'
import { isEnum, isMessage, isUnset, snakeName } from './reflect.js'

type Data = Record<string, unknown>

/** Why a JSON value is not the message; the sentence that follows `Failed to convert JSON into Call protobuf: `. */
export class Mismatch extends Error {}

/** Messages within each other; what protobuf readers take, ours too, so that what was read can be passed on. */
const MAX_MESSAGES = 100

/** What is found out on the way. */
export interface Reading {
  /** How many messages this one is in. */
  depth: number
  /** A required field was not set; which, is looked up afterwards. */
  incomplete: boolean
}

type Read = (value: Json, reading: Reading) => unknown

const readers = new WeakMap<protobuf.Type, Read>()

/** A function that makes the plain data of `type` from parsed JSON (1-002); compiled once a type. */
export function jsonReader(type: protobuf.Type): Read {
  let read = readers.get(type)
  if (!read) {
    read = messageReader(type)
    readers.set(type, read)
  }
  return read
}

function checkDepth(value: Json, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth >= MAX_DEPTH) throw new Mismatch(`Nested deeper than ${MAX_DEPTH}`)
  for (const item of Object.values(value)) checkDepth(item, depth + 1)
}

interface FieldReader {
  name: string
  read: Read
  /** The other fields of its oneof; the last one in the text wins. */
  rivals: readonly string[]
}

function messageReader(type: protobuf.Type): Read {
  let fields: Map<string, FieldReader> | undefined
  const required = type.fieldsArray.filter((field) => field.required).map((field) => field.name)
  return (value, reading) => {
    // Compiled at first use: messages contain each other.
    fields ??= new Map(type.fieldsArray.map((field) => [snakeName(field), fieldReader(field)]))
    if (++reading.depth > MAX_MESSAGES) throw new Mismatch(`More than ${MAX_MESSAGES} messages within each other`)
    const data: Data = {}
    for (const name of Object.keys(value as JsonObject)) {
      const given = (value as JsonObject)[name]
      if (given === undefined || given === null) continue
      const field = fields.get(name)
      if (field === undefined) {
        // Unknown names are ignored, but not what they could do to whoever walks the text.
        checkDepth(given, reading.depth)
        continue
      }
      const read = field.read(given, reading)
      if (read === undefined) continue
      for (const rival of field.rivals) delete data[rival]
      data[field.name] = read
    }
    for (const name of required) if (data[name] === undefined) reading.incomplete = true
    reading.depth--
    return data
  }
}

function fieldReader(field: protobuf.Field): FieldReader {
  const name = snakeName(field)
  // In a sentence, the value of a map's entry goes by the name that protobuf gives it.
  const one = valueReader(field, field.map ? 'value' : name)
  const read = field.map ? mapReader(name, one) : field.repeated ? listReader(one) : one
  const rivals = field.partOf?.oneof.filter((other) => other !== field.name) ?? []
  return { name: field.name, read, rivals }
}

/** One value that is no list counts as a list of one, as Mesos takes it. */
function listReader(read: Read): Read {
  return (value, reading) => {
    const list: unknown[] = []
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item === null) continue
      const one = read(item, reading)
      if (one !== undefined) list.push(one)
    }
    return list.length === 0 ? undefined : list
  }
}

function mapReader(name: string, read: Read): Read {
  return (value, reading) => {
    if (!isObject(value)) throw unexpected(value, name)
    const map: Data = {}
    for (const key of Object.keys(value)) {
      const item = value[key]
      const one = isUnset(item) ? undefined : read(item, reading)
      if (one !== undefined) Object.defineProperty(map, key, { value: one, enumerable: true, configurable: true, writable: true })
    }
    return map
  }
}

function valueReader(field: protobuf.Field, name: string): Read {
  const { resolvedType } = field
  if (isMessage(resolvedType)) {
    const read = jsonReader(resolvedType)
    return (value, reading) => {
      if (!isObject(value)) throw unexpected(value, name)
      return read(value, reading)
    }
  }
  if (isEnum(resolvedType)) return enumReader(name, field.required, resolvedType)
  const scalar = scalarReader(field.type, name)
  return (value) => {
    const read = scalar(value)
    if (read === undefined) throw unexpected(value, name)
    return read
  }
}

/** An unknown name leaves an optional field unset: it is a newer client's (1-002). */
function enumReader(name: string, required: boolean, type: protobuf.Enum): Read {
  const numbers = new Map(Object.entries(type.values))
  return (value) => {
    if (typeof value !== 'string') throw unexpected(value, name)
    const number = numbers.get(value)
    if (number === undefined && required) throw new Mismatch(`Failed to find enum for '${excerpt(value)}' in field '${name}'`)
    return number
  }
}

/** Gives `undefined` for a JSON value of a kind that the field does not take. */
function scalarReader(type: string, name: string): (value: Json) => unknown {
  const complain = (why: string): never => {
    throw new Mismatch(`${why} for field '${name}'`)
  }
  switch (type) {
    case 'string':
      return (value) => (typeof value === 'string' ? wellFormed(value, complain) : undefined)
    case 'bytes':
      return (value) => (typeof value === 'string' ? bytesOf(value, name) : undefined)
    case 'bool':
      return (value) => (value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined)
    case 'double':
    case 'float':
      return (value) => doubleOf(value, complain)
    case 'int64':
    case 'uint64':
      return (value) => int64Of(value, type === 'uint64', complain)
    default:
      return (value) => int32Of(value, type === 'uint32', complain)
  }
}

/** Half a surrogate pair has no UTF-8 (B23). */
const wellFormed = (text: string, complain: (why: string) => never): string =>
  /\p{Surrogate}/u.test(text) ? complain('Not expecting half of a surrogate pair') : text

function bytesOf(text: string, name: string): Buffer {
  const bytes = decodeBase64(text)
  if (typeof bytes === 'string') throw new Mismatch(`Failed to base64 decode bytes field '${name}': ${bytes}`)
  return bytes
}

const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

function unexpected(value: Json, name: string): Mismatch {
  return new Mismatch(`Not expecting a JSON ${kindOf(value)} for field '${name}'`)
}

function kindOf(value: Json): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'bigint' ? 'number' : value === null ? 'null' : typeof value
}
