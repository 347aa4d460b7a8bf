import fc from 'fast-check'
import protobuf from 'protobufjs/light.js'
import { reflection } from '#wire/message.js'

export type Data = Record<string, unknown>

/** Deeper than this only required fields are set. */
const DEPTH = 3

/** Any complete message of a type: plain data as decode gives it, without empty lists and maps. */
export function arbitraryMessage(type: protobuf.Type, depth = 0): fc.Arbitrary<Data> {
  const fields = type.fieldsArray.filter((field) => field.required || depth < DEPTH)
  const rivals = type.oneofsArray.map((oneof) => oneof.oneof)
  // The deeper, the fewer fields are set: messages stay of a size that can be read.
  const members = fields.map((field) => {
    const value = fc.constant(undefined).chain(() => arbitraryField(field, depth + 1))
    return field.required ? value : fc.option(value, { nil: undefined, freq: depth === 0 ? 2 : 1 })
  })
  return fc.tuple(...members).map((values) => {
    const set = values.flatMap((value, i) => (value === undefined ? [] : [[fields[i]?.name, value]]))
    const data = Object.fromEntries(set) as Data
    for (const names of rivals) for (const name of names.filter((one) => one in data).slice(1)) delete data[name]
    return data
  })
}

function arbitraryField(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  const one = arbitraryValue(field, depth)
  if (field.map)
    return fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), one, { minKeys: 1, maxKeys: 2, noNullPrototype: true })
  return field.repeated ? fc.array(one, { minLength: 1, maxLength: 2 }) : one
}

function arbitraryValue(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  const { resolvedType } = field
  if (resolvedType instanceof protobuf.Enum) return fc.constantFrom(...Object.values(resolvedType.values))
  if (resolvedType instanceof protobuf.Type) return arbitraryMessage(resolvedType, depth)
  const scalar = SCALARS[field.type]
  if (!scalar) throw new Error(`no arbitrary for ${field.type}`)
  return scalar
}

const edges = <T>(arbitrary: fc.Arbitrary<T>, ...values: T[]) =>
  fc.oneof({ weight: 3, arbitrary }, { weight: 1, arbitrary: fc.constantFrom(...values) })

const SCALARS: Record<string, fc.Arbitrary<unknown>> = {
  // `unit: binary` is any code point but half a surrogate pair.
  string: edges(fc.string({ unit: 'binary', maxLength: 12 }), '', '__proto__', '"\\/\b\u0001\u2028', '1234567890123456'),
  bytes: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
  bool: fc.boolean(),
  double: edges(fc.double({ noNaN: true }), 0.1, 16384, 1.5e9, 1e21, 1e-7, -0, 5e-324, 1795178341.872524),
  int32: edges(fc.integer(), 0, 2 ** 31 - 1, -(2 ** 31)),
  uint32: edges(fc.nat(), 0, 2 ** 32 - 1),
  int64: edges(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), 0n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)),
  uint64: edges(fc.bigInt(0n, 2n ** 64n - 1n), 0n, 2n ** 53n + 1n, 2n ** 64n - 1n),
}

/** All message types of a protobuf package, nested ones too. */
export function messageTypes(packageName: string): protobuf.Type[] {
  const below = (object: protobuf.ReflectionObject): protobuf.Type[] => [
    ...(object instanceof protobuf.Type ? [object] : []),
    ...(object instanceof protobuf.Namespace ? object.nestedArray.flatMap(below) : []),
  ]
  return below(reflection().lookup(packageName) as protobuf.ReflectionObject)
}

/** The data of a message alone: decoded ones carry a prototype, and bytes come as Buffer or Uint8Array. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
}
