import { describe, expect, test } from 'vitest'
import * as agent from '#wire/agent.js'
import * as executor from '#wire/executor.js'
import { fromJson, toJson } from '#wire/json.js'
import * as master from '#wire/master.js'
import type { MessageType } from '#wire/message.js'
import { decode, encode } from '#wire/protobuf.js'
import { RecordDecoder } from '#wire/recordio.js'
import * as scheduler from '#wire/scheduler.js'
import { recorded, recordings } from '../../support/recordings.js'

// What a real Mesos wrote, read as its message and written again: nothing may be lost, and where its exact bytes are known they are ours.

/** Reads, takes the way through protobuf as well, and writes. */
function rewritten<T extends object>(type: MessageType<T>, text: string): string {
  const read = fromJson(type, text)
  const again = toJson(type, decode(type, encode(type, read)))
  expect(toJson(type, read)).toBe(again)
  return again
}

describe('byte for byte', () => {
  test('a scheduler stream', () => {
    const raw = recorded('streams/scheduler_stream.raw.txt')
    const records = new RecordDecoder().decode(raw.subarray(raw.indexOf('\n\n') + 2))
    expect(records).toHaveLength(17)
    for (const record of records) expect(rewritten(scheduler.Event, record.toString())).toBe(record.toString())
  })

  test('the calls of a scheduler', () => {
    const calls = jsonLines('streams/scheduler_calls.txt')
    expect(calls.length).toBeGreaterThan(5)
    for (const call of calls.map((text) => text.replace('"tasks":[]', ''))) {
      expect(JSON.parse(rewritten(scheduler.Call, call))).toMatchObject(JSON.parse(call))
    }
  })

  test('the stream of an operator', () => {
    const events = jsonLines('streams/master_subscribe.raw.txt')
    expect(events.length).toBeGreaterThan(10)
    for (const event of events) expect(rewritten(master.Event, event)).toBe(closestDigits(event))
  })

  test('the input and output of a container', () => {
    const messages = jsonLines('streams/process_io.raw.txt').filter((line) => line.startsWith('{"type":"DATA"'))
    expect(messages.length).toBeGreaterThan(5)
    for (const line of messages) expect(rewritten(agent.ProcessIO, line)).toBe(line)
  })
})

/** Of two texts of 17 digits for the same double, Mesos does not always take the closest one, and JavaScript does. */
const closestDigits = (text: string) => text.replace(/\b\d{10}\.\d{7}\b/g, (digits) => String(Number(digits)))

const jsonLines = (name: string): string[] =>
  recorded(name)
    .toString()
    .split('\n')
    .map((line) => line.replace('<CR><LF>', ''))
    .filter((line) => line.startsWith('{'))

describe.each(['master', 'agent'])('answers of /api/v1 of the %s', (daemon) => {
  const type: MessageType<object> = daemon === 'master' ? master.Response : agent.Response
  const names = recordings(`${daemon}/v1`)

  test.each(names.filter((name) => name.endsWith('.json')))('%s', (name) => {
    const text = recorded(name).toString()
    expect(JSON.parse(rewritten(type, text))).toEqual(JSON.parse(text))
  })

  test.each(names.filter((name) => name.endsWith('.pb.hex')))('%s', (name) => {
    const bytes = Buffer.from(recorded(name).toString().trim(), 'hex')
    expect(encode(type, decode(type, bytes)).toString('hex')).toBe(bytes.toString('hex'))
  })
})

interface Step {
  request?: { path: string; port: number; body?: unknown; headers: Record<string, string> }
  stream?: string
  status?: string | null
  body?: unknown
  events?: { stream: string; event: unknown }[]
}

describe.each(recordings('sequences'))('%s', (name) => {
  const cases = JSON.parse(recorded(name).toString()) as { name: string; steps: Step[] }[]

  test('every event', () => {
    let seen = 0
    for (const one of cases) {
      const types = streamTypes(one.steps)
      for (const { stream, event } of one.steps.flatMap((step) => step.events ?? [])) {
        const type = types.get(stream)
        if (!type || isNote(event)) continue
        const { '(data as text)': _aid, ...sent } = event as Record<string, unknown>
        expect(JSON.parse(rewritten(type, JSON.stringify(sent))), one.name).toEqual(sent)
        seen++
      }
    }
    expect(seen).toBeGreaterThan(4)
  })
})

/** What the recorder wrote itself, such as the end of a stream. */
const isNote = (event: unknown): boolean =>
  typeof event !== 'object' || event === null || !('type' in event) || String(event.type).startsWith('(')

function streamTypes(steps: Step[]): Map<string, MessageType<object>> {
  return new Map(steps.flatMap(({ request, stream }) => (request && stream ? [[stream, typeOf(request)] as const] : [])))
}

function typeOf({ path, port }: { path: string; port: number }): MessageType<object> {
  if (path.endsWith('/scheduler')) return scheduler.Event
  if (path.endsWith('/executor')) return executor.Event
  return port === 15050 ? master.Event : agent.ProcessIO
}
