import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import protobuf from 'protobufjs/light.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MessageType, message } from '#wire/message.js'
import { decode, encode } from '#wire/protobuf.js'
import { arbitraryMessage, type Data, messageTypes, plain } from '../../support/arbitrary-message.js'
import { textFormat } from './text-format.js'

// protoc is the oracle. One call serves thousands of messages: they travel as the fields of a Batch, one field a message type.

const protoRoot = fileURLToPath(new URL('../../../proto', import.meta.url))
const types = messageTypes('mesos.v1')
/** Of the field of Batch that holds the i-th message type. */
const number = (i: number) => i + 1
let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'meseta-protoc-'))
  const files = (readdirSync(protoRoot, { recursive: true, encoding: 'utf8' }) as string[]).filter((file) =>
    /^mesos.*\.proto$/.test(file),
  )
  const fields = types.map((type, i) => `  repeated ${type.fullName} field_${i} = ${number(i)};`)
  const imports = files.map((file) => `import "${file}";`)
  writeFileSync(join(directory, 'batch.proto'), ['syntax = "proto2";', ...imports, 'message Batch {', ...fields, '}'].join('\n'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function protoc(mode: '--encode' | '--decode', input: string | Buffer): Buffer {
  const args = [`${mode}=Batch`, `--proto_path=${directory}`, `--proto_path=${protoRoot}`, 'batch.proto']
  return execFileSync('protoc', args, { input, maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'pipe'] })
}

interface Sample {
  field: number
  type: MessageType<Data>
  reflected: protobuf.Type
  value: Data
}

/** Some complete messages of every type, in the order of the fields of Batch. */
function samples(seed: number, each: number): Sample[] {
  return types.flatMap((reflected, field) => {
    const type: MessageType<Data> = message(reflected.fullName.slice(1))
    return fc.sample(arbitraryMessage(reflected), { seed, numRuns: each }).map((value) => ({ field, type, reflected, value }))
  })
}

const batchText = (all: Sample[]) =>
  all.map((one) => `field_${one.field} {\n${textFormat(one.reflected, one.value)}\n}`).join('\n')

function batchBytes(parts: { field: number; bytes: Uint8Array }[]): Buffer {
  const writer = protobuf.Writer.create()
  for (const { field, bytes } of parts) writer.uint32((number(field) << 3) | 2).bytes(bytes)
  return Buffer.from(writer.finish())
}

function partsOf(batch: Buffer): Buffer[] {
  const reader = protobuf.Reader.create(batch)
  const parts: Buffer[] = []
  while (reader.pos < reader.len) {
    reader.uint32()
    parts.push(Buffer.from(reader.bytes()))
  }
  return parts
}

const all = samples(20_261_120, 8)

test('what protoc encodes, we decode to the same message', () => {
  const parts = partsOf(protoc('--encode', batchText(all)))
  expect(parts).toHaveLength(all.length)
  for (const [i, { type, value }] of all.entries())
    expect(plain(decode(type, parts[i] as Buffer)), type.name).toEqual(plain(value))
})

test('what we encode, protoc encodes byte for byte the same and decodes without an unknown field', () => {
  const ours = all.map(({ field, type, value }) => ({ field, bytes: encode(type, value) }))
  const theirs = partsOf(protoc('--encode', batchText(all)))
  for (const [i, { type, value }] of all.entries()) {
    // The order of a map's entries is nobody's business.
    if (!hasMap(value))
      expect(ours[i]?.bytes.equals(theirs[i] as Buffer), `${type.name} ${JSON.stringify(plain(value), hex)}`).toBe(true)
  }
  const text = String(protoc('--decode', batchBytes(ours)))
  expect(text).toBe(String(protoc('--decode', batchBytes(theirs.map((bytes, i) => ({ field: all[i]?.field as number, bytes }))))))
  expect(text.split('\n').filter((line) => /^\s*\d+[ :{]/.test(line))).toEqual([])
})

const hex = (_key: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)

const MAPS = new Set(types.flatMap((type) => type.fieldsArray.filter((field) => field.map).map((field) => field.name)))
const hasMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.entries(value).some(([key, item]) => MAPS.has(key) || hasMap(item))
