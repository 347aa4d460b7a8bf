import { readFileSync } from 'node:fs'
import protobuf from 'protobufjs/light.js'
import { expect, test } from 'vitest'
import { reflection } from '#wire/message.js'

// mesos-v1-wire.tsv is the project's copy of the v1 API: every message, field and enum value with number, label, type, default and oneof.
const table = readFileSync(new URL('./mesos-v1-wire.tsv', import.meta.url), 'utf8')
  .replace(/\n$/, '')
  .split('\n')
  .slice(1)

/** The rows that proto/mesos/v1 makes, in the order of its files. */
function rowsOf(object: protobuf.ReflectionObject): string[] {
  if (object instanceof protobuf.Enum) {
    return Object.entries(object.values).map(([name, number]) => row('enum', fullName(object), name, String(number)))
  }
  if (!(object instanceof protobuf.Namespace)) return []
  const own = object instanceof protobuf.Type ? [row('message', fullName(object)), ...object.fieldsArray.map(fieldRow)] : []
  return [...own, ...object.nestedArray.flatMap(rowsOf)]
}

function fieldRow(field: protobuf.Field): string {
  const label = field.map ? 'map' : field.repeated ? 'repeated' : field.required ? 'required' : 'optional'
  const value = field.resolvedType ? fullName(field.resolvedType) : field.type
  const type = field instanceof protobuf.MapField ? `${field.keyType},${value}` : value
  const explicit = field.options?.default
  const parent = field.parent as protobuf.Type
  return row(
    'field',
    fullName(parent),
    field.protoName ?? field.name,
    String(field.id),
    label,
    type,
    String(explicit ?? ''),
    snake(field.partOf?.name),
  )
}

/** protobufjs spells a oneof in camel case, and forgets how it was written. */
const snake = (name: string | undefined) => name?.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const fullName = (object: protobuf.ReflectionObject) => object.fullName.slice(1)
const row = (...cells: (string | undefined)[]) => Array.from({ length: 8 }, (_, i) => cells[i] ?? '').join('\t')

/** Lists of names and fields by the message or enum they are in, in their order. */
function byScope(rows: string[]): Map<string, string[]> {
  const scopes = new Map<string, string[]>()
  for (const line of rows) {
    const [kind, scope] = line.split('\t')
    const key = `${kind} ${scope}`
    scopes.set(key, [...(scopes.get(key) ?? []), line])
  }
  return scopes
}

const ours = ['mesos.v1', 'google.protobuf'].flatMap((name) => rowsOf(reflection().lookup(name) as protobuf.ReflectionObject))

/** What proto/ has beyond the table, because a real Mesos was recorded to write it (recordings.test.ts). */
const RECORDED = [row('field', 'mesos.v1.AgentInfo', 'checkpoint', '7', 'optional', 'bool')]
const beyond = ours.filter((line) => RECORDED.includes(line))
const same = ours.filter((line) => !RECORDED.includes(line))

test('proto/mesos/v1 says exactly what the table of the v1 API says', () => {
  expect(table.length).toBeGreaterThan(2000)
  const missing = table.filter((line) => !ours.includes(line))
  const added = same.filter((line) => !table.includes(line))
  expect({ missing, added }).toEqual({ missing: [], added: [] })
  expect(same).toHaveLength(table.length)
  expect(beyond).toEqual(RECORDED)
})

test('fields are declared in the order of the table, which is the order of the keys in JSON', () => {
  const theirs = byScope(table)
  for (const [scope, rows] of byScope(same)) expect(rows, scope).toEqual(theirs.get(scope))
})
