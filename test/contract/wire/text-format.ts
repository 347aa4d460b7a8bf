import protobuf from 'protobufjs/light.js'
import type { Data } from '../../support/arbitrary-message.js'

/** Protobuf's text format, for `protoc --encode`: written here so that protoc and our codec have nothing in common but the message. */
export function textFormat(type: protobuf.Type, data: Data): string {
  return type.fieldsArray
    .flatMap((field) => (data[field.name] === undefined ? [] : fieldText(field, data[field.name])))
    .join('\n')
}

function fieldText(field: protobuf.Field, value: unknown): string[] {
  const name = field.protoName ?? field.name
  if (field.map) {
    return Object.entries(value as Data).map(
      ([key, item]) => `${name} { key: ${stringText(Buffer.from(key))} ${one('value', field, item)} }`,
    )
  }
  return (field.repeated ? (value as unknown[]) : [value]).map((item) => one(name, field, item))
}

function one(name: string, field: protobuf.Field, value: unknown): string {
  const { resolvedType } = field
  if (resolvedType instanceof protobuf.Type) return `${name} {\n${textFormat(resolvedType, value as Data)}\n}`
  if (resolvedType instanceof protobuf.Enum) return `${name}: ${resolvedType.valuesById[value as number]}`
  return `${name}: ${scalarText(field.type, value)}`
}

function scalarText(type: string, value: unknown): string {
  if (type === 'string') return stringText(Buffer.from(value as string))
  if (type === 'bytes') return stringText(value as Buffer)
  if (type === 'double') return Object.is(value, -0) ? '-0' : String(value).replace('Infinity', 'inf')
  return String(value)
}

const stringText = (bytes: Buffer) => `"${[...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"`
