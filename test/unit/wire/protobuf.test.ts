import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodedError } from '#base/errors.js'
import { fromJson, toJson } from '#wire/json.js'
import { ContainerID, FrameworkInfo, TaskID, TaskInfo, TaskState, TaskStatus } from '#wire/mesos.js'
import { type MessageType, message } from '#wire/message.js'
import { Compression, Unpacked } from '#wire/native.js'
import { decode, encode } from '#wire/protobuf.js'
import { Call, Event } from '#wire/scheduler.js'
import { arbitraryMessage, type Data } from '../../support/arbitrary-message.js'

/** The sentence of the coded error with which it ends; `undefined` when it does not. Anything else is a defect. */
function refusal(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return error.message
  }
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('decode', { timeout: 60_000 }, () => {
  test.each([
    ['a varint that is cut off', '0a 05 0a'],
    ['a length beyond the end', '0a 7f 61'],
    ['an 11-byte varint', '0a ff ff ff ff ff ff ff ff ff ff 01'],
    ['field number 0', '02 01 61'],
    ['an end of a group that has not begun', '0c'],
    ['a group that does not end', '1b'],
    ['wire type 6', '0e'],
    ['nothing, where a field is required', ''],
    ['a required field of the wrong wire type', '08 01'],
  ])('refuses %s (B27)', (_what, bytes) => {
    expect(refusal(() => decode(TaskID, hex(bytes)))).toMatch(/^Failed to parse body into TaskID protobuf: /)
  })

  test('names the required fields that are missing', () => {
    expect(refusal(() => decode(TaskStatus, hex('0a 00 10 01')))).toBe(
      'Failed to parse body into TaskStatus protobuf: Missing required fields of TaskID: value',
    )
  })

  test('refuses ten thousand messages within each other, takes ninety (CVE-2015-5237)', () => {
    const chain = (n: number) => {
      let bytes = hex('0a 01 63')
      for (let i = 0; i < n; i++) bytes = Buffer.concat([hex('0a 01 63 12'), varint(bytes.length), bytes])
      return bytes
    }
    expect(refusal(() => decode(ContainerID, chain(10_000)))).toContain('more than 100 messages')
    expect(refusal(() => decode(ContainerID, chain(90)))).toBeUndefined()
    expect(refusal(() => decode(ContainerID, Buffer.alloc(1_000_000, 0x1b)))).toBeDefined()
  })

  test('an id that is no UTF-8 is refused, other text is repaired (B30)', () => {
    expect(refusal(() => decode(TaskID, hex('0a 02 61 ff')))).toBe(
      'Failed to parse body into TaskID protobuf: an id is not UTF-8',
    )
    const status = decode(TaskStatus, hex('0a 03 0a 01 74 10 01 22 02 61 ff'))
    expect(status.message).toBe('a\ufffd')
  })

  test('an unknown enum number leaves its field unset; a required one is missing', () => {
    const call = decode(Call, hex('10 e3 01'))
    expect(call.type).toBeUndefined()
    expect(encode(Call, call)).toEqual(hex('10 e3 01'))
    expect(refusal(() => decode(TaskStatus, hex('0a 03 0a 01 74 10 63')))).toContain(
      'Missing required fields of TaskStatus: state',
    )
  })

  test('what is decoded shares no memory with the bytes', () => {
    const bytes = Buffer.from(
      encode(TaskStatus, { taskId: { value: 't' }, state: TaskState.TASK_RUNNING, uuid: Buffer.from('uuid') }),
    )
    const { uuid } = decode(TaskStatus, bytes)
    bytes.fill(0)
    expect(uuid).toEqual(Buffer.from('uuid'))
  })

  test('what is not set reads undefined, lists and maps too', () => {
    const task = decode(TaskInfo, encode(TaskInfo, { name: 'n', taskId: { value: 't' }, agentId: { value: 'a' } }))
    expect([task.resources, task.limits, task.command, task.data]).toEqual([undefined, undefined, undefined, undefined])
    expect(Object.keys(task)).toEqual(['name', 'taskId', 'agentId'])
  })

  test('no bytes make it end otherwise than with a message or a coded error', () => {
    const types: MessageType<Data>[] = ['scheduler.Call', 'master.Call', 'agent.Call', 'executor.Call', 'TaskInfo'].map((name) =>
      message(`mesos.v1.${name}`),
    )
    const anything = fc.oneof(...types.map((type) => fc.tuple(fc.constant(type), fc.uint8Array({ maxLength: 60 }))))
    fc.assert(
      fc.property(anything, ([type, bytes]) => void refusal(() => decode(type, bytes))),
      { numRuns: 3000 },
    )
  })

  test('nor do changed bytes of a good message', () => {
    const good = arbitraryMessage(Event.reflected).map((value) => encode(Event, value))
    const change = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(good, change, fc.nat(), (bytes, changes, cut) => {
        for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte
        refusal(() => toJson(Event, decode(Event, bytes)))
        refusal(() => decode(Event, bytes.subarray(0, cut % (bytes.length + 1))))
      }),
      { numRuns: 1000 },
    )
  })

  test('nor does changed text', () => {
    const good = arbitraryMessage(Event.reflected).map((value) => toJson(Event, value))
    const change = fc.array(
      fc.tuple(fc.nat(), fc.constantFrom('', '"', '{', ']', ',', ':', '\\', '0', '-', 'e', 'null', '\u0000', '9'.repeat(20))),
      { maxLength: 3 },
    )
    fc.assert(
      fc.property(good, change, (text, changes) => {
        const broken = changes.reduce(
          (so, [at, piece]) => so.slice(0, at % so.length) + piece + so.slice((at % so.length) + 1),
          text,
        )
        refusal(() => encode(Event, fromJson(Event, broken)))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('encode', () => {
  test('a message that lacks what is required is our defect, and said so', () => {
    const incomplete = [
      () => encode(TaskStatus, { taskId: {}, state: TaskState.TASK_RUNNING } as never),
      () => encode(TaskStatus, { taskId: { value: 't' } } as never),
      () => encode(FrameworkInfo, { name: 'n' } as never),
    ]
    expect(incomplete.map((run) => refusal(run))).toEqual([
      'Cannot encode TaskStatus: Missing required fields: task_id.value',
      'Cannot encode TaskStatus: Missing required fields: state',
      'Cannot encode FrameworkInfo: Missing required fields: user',
    ])
  })
})

describe('unknown fields', () => {
  // A framework of the future: `name` and `user` are known, 1000 and the 77 within `id` are not.
  const future = hex('0a 01 75 12 01 6e 1a 07 0a 01 66 ea 04 01 78 c2 3e 02 68 69')

  test('are kept, at every depth, through decoding and encoding', () => {
    expect(encode(FrameworkInfo, decode(FrameworkInfo, future))).toEqual(future)
  })

  test('are dropped when nobody wants them', () => {
    expect(encode(FrameworkInfo, decode(FrameworkInfo, future, { keepUnknown: false }))).toEqual(
      hex('0a 01 75 12 01 6e 1a 03 0a 01 66'),
    )
  })

  test('a million of them are refused, or ignored when nobody wants them (B27)', () => {
    const million = Buffer.concat([future, Buffer.alloc(2_000_000, hex('78 01'))])
    expect(refusal(() => decode(FrameworkInfo, million))).toContain('more than 10000 unknown fields')
    expect(decode(FrameworkInfo, million, { keepUnknown: false }).name).toBe('n')
  })

  test('are not those of bytes, of which there may be any number', () => {
    const below = Array.from({ length: 20_000 }, () => Buffer.from('x'))
    const about = {
      digest: '',
      diffId: '',
      size: 0n,
      unpackedBytes: 0n,
      entries: 0n,
      compression: Compression.NONE,
      hidesBelow: false,
    }
    const bytes = encode(Unpacked, { ...about, impliedDirectories: below })
    expect(decode(Unpacked, bytes).impliedDirectories).toHaveLength(20_000)
  })

  test('are not written as JSON', () => {
    expect(toJson(FrameworkInfo, decode(FrameworkInfo, future))).not.toContain('hi')
  })

  test('survive a spread', () => {
    const info = decode(FrameworkInfo, future)
    expect(encode(FrameworkInfo, { ...info, name: 'm' })).toEqual(
      hex('0a 01 75 12 01 6d 1a 07 0a 01 66 ea 04 01 78 c2 3e 02 68 69'),
    )
  })
})

function varint(value: number): Buffer {
  const bytes = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}
