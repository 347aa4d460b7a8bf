import type protobuf from 'protobufjs/light.js'
import { listsWrittenEmpty } from './json-exceptions.js'
import { isEnum, isMessage, snakeName } from './reflect.js'

type Data = Record<string, unknown>
/** The JSON text of one value that is set; `undefined` where nothing can be written, so that the field is left out. */
type Write = (value: never) => string | undefined

const writers = new WeakMap<protobuf.Type, Write>()

/** A function that writes messages of `type` as Mesos does (1-002); compiled once a type. */
export function jsonWriter(type: protobuf.Type): (value: object) => string {
  let write = writers.get(type)
  if (!write) {
    // Known before its fields are compiled: messages contain each other.
    let compiled: Write | undefined
    writers.set(type, (value) => (compiled as Write)(value))
    compiled = messageWriter(type)
    writers.set(type, compiled)
    write = compiled
  }
  return write as (value: object) => string
}

interface FieldWriter {
  name: string
  /** `"name":`, as the first member and as a later one. */
  first: string
  next: string
  write: Write
  required: boolean
  /** What is written for a field that is not set, with its name. */
  absent: string | undefined
}

/** A required field is not set; which, is looked up afterwards. */
export class Incomplete extends Error {}

function messageWriter(type: protobuf.Type): Write {
  // Declaration order, as Mesos writes; not the order of the numbers.
  const fields = type.fieldsArray.map((field) => fieldWriter(type, field))
  return (data: Data) => {
    let text = '{'
    for (const field of fields) {
      const value = data[field.name]
      if (value === undefined || value === null) {
        if (field.required) throw new Incomplete()
        if (field.absent !== undefined) text += text.length === 1 ? field.first + field.absent : field.next + field.absent
        continue
      }
      const written = field.write(value as never)
      if (written === undefined) continue
      text += (text.length === 1 ? field.first : field.next) + written
    }
    return `${text}}`
  }
}

function fieldWriter(type: protobuf.Type, field: protobuf.Field): FieldWriter {
  const quoted = `${JSON.stringify(snakeName(field))}:`
  const emptyToo = listsWrittenEmpty(type.fullName.slice(1)).has(snakeName(field))
  const one = valueWriter(field)
  const write = field.map ? mapWriter(one) : field.repeated ? listWriter(one, emptyToo) : one
  const absent = emptyToo ? '[]' : absentText(field, one)
  return { name: field.name, first: quoted, next: `,${quoted}`, write, required: field.required, absent }
}

/** An optional field that has a default of its own is written although it is not set, unless it is deprecated. */
function absentText(field: protobuf.Field, write: Write): string | undefined {
  const explicit = field.options?.default
  if (explicit === undefined || !field.optional || field.repeated || field.options?.deprecated) return undefined
  return write(field.typeDefault as never)
}

function listWriter(write: Write, emptyToo: boolean): Write {
  return (values: never[]) => {
    let text = ''
    for (const value of values) {
      const written = write(value)
      if (written !== undefined) text += text === '' ? written : `,${written}`
    }
    return text === '' && !emptyToo ? undefined : `[${text}]`
  }
}

function mapWriter(write: Write): Write {
  return (map: Record<string, never>) => {
    const members = Object.entries(map).flatMap(([key, value]) => {
      const written = write(value)
      return written === undefined ? [] : [`${quote(key)}:${written}`]
    })
    return members.length === 0 ? undefined : `{${members.join(',')}}`
  }
}

function valueWriter(field: protobuf.Field): Write {
  const resolved = field.resolvedType
  if (isMessage(resolved)) {
    let write: ((value: object) => string) | undefined
    return (value: object) => {
      write ??= jsonWriter(resolved)
      return write(value)
    }
  }
  if (isEnum(resolved)) return enumWriter(resolved)
  switch (field.type) {
    case 'string':
      return quote as Write
    case 'bytes':
      return (value: Uint8Array) => `"${asBuffer(value).toString('base64')}"`
    case 'double':
    case 'float':
      return doubleText as Write
    default:
      // bool, and whole numbers: bigint writes every digit of 64 bits.
      return (value: boolean | number | bigint) => `${value}`
  }
}

/** A number without a name can only come from bytes of a newer peer; there is nothing to write for it. */
function enumWriter(type: protobuf.Enum): Write {
  const names = new Map(Object.entries(type.valuesById).map(([number, name]) => [Number(number), `"${name}"`]))
  return (value: number) => names.get(value)
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON must escape
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/

const quote = (text: string): string => (NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`)

/** Shortest digits that read back the same, always with a point or an exponent: `15.0`, `0.1`, `1e30`. */
export function doubleText(value: number): string {
  if (Number.isInteger(value)) {
    if (Math.abs(value) < 1e21) return Object.is(value, -0) ? '-0.0' : `${value}.0`
    return `${value}`.replace('e+', 'e')
  }
  return Number.isFinite(value) ? `${value}` : `"${value}"`
}
