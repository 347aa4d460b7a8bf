import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { encodeRecord } from '#wire/recordio.js'
import { type Victim, Victims } from './victims.js'

/** Bodies that are no calls, or too much of one (B20 to B31). */

let victims: Victims
beforeAll(async () => {
  victims = await Victims.begin()
})
afterEach(() => victims.areWell())
afterAll(() => victims.end())

const endpoints = (): [Victim, string][] => [
  [victims.master, '/api/v1/scheduler'],
  [victims.master, '/api/v1/agent'],
  [victims.master, '/api/v1'],
  [victims.agent, '/api/v1'],
  [victims.agent, '/api/v1/executor'],
]

/** Every endpoint refuses it with 400 and a sentence that shows nothing of our insides. */
async function refused(body: string | Buffer, type = 'application/json'): Promise<void> {
  for (const [victim, path] of endpoints()) {
    const answer = await victim.post(path, body, { 'Content-Type': type })
    const what = `${victim.name} ${path} ${typeof body === 'string' ? body.slice(0, 100) : body.toString('hex', 0, 50)}`
    expect(answer.status, what).toBe(400)
    expect(answer.body, what).toMatch(/^[A-Z'].{5}/)
    expect(answer.body, what).not.toMatch(/\bat .*:\d+:\d+|node_modules|undefined|\[object/)
    expect(answer.body.length, what).toBeLessThan(10_000)
  }
}

const record = (body: string): string => encodeRecord(body).toString()

test.each([
  ['no digits', 'x\n{}'],
  ['more digits than a number has', '99999999999999999999\n{}'],
  ['a negative length', '-1\n{}'],
  ['an exponent', '1e3\n{}'],
  ['a record in place of a call', record('{"type":"GET_HEALTH"}')],
])('B20, B21: RecordIO with %s is no call', (_what, body) => refused(body))

test.each([500_000, 201])('B22: %d arrays, or objects, within each other', async (depth) => {
  await refused('['.repeat(depth))
  await refused(`{"type":"GET_HEALTH","x":${'['.repeat(depth)}${']'.repeat(depth)}}`)
  await refused(`{"type":"GET_HEALTH","x":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`)
})

test.each([
  '',
  ' ',
  '\u0000',
  '\ufeff{}',
  '{"type":"GET_HEALTH",}',
  '{"type":"GET_HEALTH"}//',
  '{"type":"GET_HEALTH"} {"type":"GET_HEALTH"}',
  "{'type':'GET_HEALTH'}",
  '{"type":NaN}',
  '{"type":Infinity}',
  '{"type":"GET_HEALTH"',
  '{"type":"\\ud800"}',
  '{"type":"a\nb"}',
  '{"type":"\\x41"}',
  '[]',
  'null',
  '"GET_HEALTH"',
  '5',
  '{"type":5}',
  '{"type":["GET_HEALTH"]}',
  '{"type":{}}',
  '{"type":null}',
  '{"type":"__proto__"}',
  '{"type":"toString"}',
  '{"type":""}',
])('B23, B28, B29: %j', (body) => refused(body))

test('B23: a hundred thousand keys, a string of ten megabytes and half a pair of surrogates', async () => {
  const keys = Array.from({ length: 100_000 }, (_, i) => `"k${i}":0`).join(',')
  await refused(`{${keys}}`)
  await refused(`{"type":"${'x'.repeat(10 * 1024 * 1024)}"}`)
  await refused('{"type":"\\udc00"}')
})

test('B24: names that JavaScript knows are only data', async () => {
  for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'])
    for (const [victim] of endpoints()) {
      const answer = await victim.post('/api/v1', `{"${name}":{"polluted":true,"type":"GET_HEALTH"},"type":"GET_HEALTH"}`)
      expect(answer.status).toBe(200)
    }
  expect(await victims.master.read('/state')).not.toContain('polluted')
})

test('B25: numbers that no field holds', async () => {
  for (const number of ['1e400', '99999999999999999999999', '"9223372036854775808"', '"1e3"', '1.5', '"x"', 'true', '{}'])
    for (const victim of victims.both) {
      const body = `{"type":"SET_LOGGING_LEVEL","set_logging_level":{"level":0,"duration":{"nanoseconds":${number}}}}`
      expect([400, 200], number).toContain((await victim.post('/api/v1', body)).status)
      const read = `{"type":"READ_FILE","read_file":{"path":"/x","offset":${number},"length":${number}}}`
      expect([400, 404], number).toContain((await victim.post('/api/v1', read)).status)
    }
})

test('B26: bytes that are no base64', async () => {
  for (const data of ['*', 'a', '====', 'aGk', 'aG k=', '-_-_'])
    for (const [victim, path] of [endpoints()[0]!, endpoints()[4]!]) {
      const call = {
        type: 'MESSAGE',
        framework_id: { value: 'x' },
        executor_id: { value: 'x' },
        message: { agent_id: { value: 'x' }, executor_id: { value: 'x' }, data },
      }
      const answer = await victim.post(path, call)
      expect([answer.status, answer.body], data).toEqual([400, expect.stringMatching(/./)])
    }
})

const bytes = (...parts: (number | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from([part]))))

test.each([
  ['a varint that is cut off', bytes(0x08, 0xff)],
  ['a varint of eleven bytes', bytes(0x08, Buffer.alloc(10, 0xff), 0x01)],
  ['field 0', bytes(0x00, 0x00)],
  ['a length beyond the end', bytes(0x12, 0xff, 0xff, 0xff, 0xff, 0x0f)],
  ['groups', bytes(0x0b)],
  ['a wire type that there is not', bytes(0x0f)],
  ['ten thousand messages within each other', bytes(Buffer.alloc(10_000, 0x0b))],
  ['a million unknown fields', bytes(...Array(1000).fill(Buffer.alloc(1000, Buffer.from([0xf8, 0x01]))))],
  ['noise', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919 + 13) & 0xff))],
  ['nothing', Buffer.alloc(0)],
])('B27: protobuf with %s', (_what, body) => refused(body, 'application/x-protobuf'))

test('B30: text that is not UTF-8', async () => {
  await refused(Buffer.from('{"type":"\xff\xfe"}', 'latin1'))
  await refused(Buffer.from('{"type":"GET_HEALTH","\xc0\xaf":1}', 'latin1'))
})

test('B10, B11: a type with more to it, and one that does not fit the body', async () => {
  for (const [victim, path] of endpoints()) {
    for (const type of [
      'application/json; charset=utf-16',
      'application/json,application/x-protobuf',
      'APPLICATION/JSON',
      'application/octet-stream',
    ])
      expect((await victim.post(path, '{}', { 'Content-Type': type })).status, type).toBe(415)
    expect((await victim.post(path, '{}', { 'Content-Type': 'application/x-protobuf' })).status).toBe(400)
  }
})
