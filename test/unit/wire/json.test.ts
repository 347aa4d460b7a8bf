import { describe, expect, test } from 'vitest'
import { CodedError } from '#base/errors.js'
import * as agent from '#wire/agent.js'
import { fromJson, toJson } from '#wire/json.js'
import * as master from '#wire/master.js'
import {
  CommandInfo,
  ContainerID,
  Filters,
  FrameworkInfo,
  Labels,
  MasterInfo,
  Resource,
  TaskID,
  TaskState,
  TaskStatus,
  Value,
  ValueType,
} from '#wire/mesos.js'
import { Call, CallType } from '#wire/scheduler.js'

/** The sentence of the coded error with which it ends. Anything else is a defect. */
function refusal(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError)
    expect((error as CodedError).http).toBe(400)
    return (error as CodedError).message
  }
  throw new Error('was not refused')
}

describe('writing (1-002)', () => {
  test('names are as in proto/, enums are names, bytes are standard base64', () => {
    const status = { taskId: { value: 't' }, state: TaskState.TASK_RUNNING, uuid: Buffer.from([251, 255, 254]) }
    expect(toJson(TaskStatus, status)).toBe('{"task_id":{"value":"t"},"state":"TASK_RUNNING","uuid":"+//+"}')
  })

  test('64-bit numbers have every digit, doubles always a point or an exponent', () => {
    const ranges = { type: ValueType.RANGES, ranges: { range: [{ begin: 0n, end: 2n ** 64n - 1n }] } }
    expect(toJson(Value, ranges)).toContain('{"begin":0,"end":18446744073709551615}')
    const texts = [0.1, 15, 16384, 1.5e9, -0, 1e21, 1e-7, 123456789012345680000, Infinity].map((value) =>
      toJson(Filters, { refuseSeconds: value }),
    )
    expect(texts.map((text) => text.slice('{"refuse_seconds":'.length, -1))).toEqual([
      '0.1',
      '15.0',
      '16384.0',
      '1500000000.0',
      '-0.0',
      '1e21',
      '1e-7',
      '123456789012345680000.0',
      '"Infinity"',
    ])
  })

  test('a field that is not set is not written, unless it has a default of its own and is not deprecated', () => {
    expect(toJson(CommandInfo, {})).toBe('{"shell":true}')
    expect(toJson(FrameworkInfo, { user: 'u', name: 'n' })).toBe(
      '{"user":"u","name":"n","failover_timeout":0.0,"checkpoint":false}',
    )
    expect(toJson(Resource, { name: 'cpus', type: ValueType.SCALAR })).toBe('{"name":"cpus","type":"SCALAR"}')
  })

  test('lists and maps without elements are not written, but in the answers that Mesos writes by hand', () => {
    expect(toJson(Labels, { labels: [] })).toBe('{}')
    expect(toJson(master.ResponseGetOperations, {})).toBe('{}')
    expect(toJson(master.ResponseGetExecutors, {})).toBe('{"executors":[]}')
    expect(toJson(agent.ResponseGetExecutors, { executors: [] })).toBe('{"executors":[],"completed_executors":[]}')
  })

  test('what JSON must escape is escaped, and text stays text', () => {
    const value = 'a"\\/\n\u0001é\u{1f600}\u2028'
    const text = toJson(TaskID, { value })
    expect(text).toBe('{"value":"a\\"\\\\/\\n\\u0001é\u{1f600}\u2028"}')
    expect(fromJson(TaskID, text).value).toBe(value)
  })

  test('a message that lacks what is required is our defect, and said so', () => {
    const incomplete = { type: CallType.KILL, kill: { taskId: {} } } as Call
    const why = 'Cannot encode Call: Missing required fields: kill.task_id.value'
    expect(() => toJson(Call, incomplete)).toThrow(expect.objectContaining({ code: 'WIRE_INCOMPLETE', message: why, http: 500 }))
  })

  test('an enum number that has no name is left out', () => {
    expect(toJson(Call, { type: 4242 as CallType })).toBe('{}')
  })
})

describe('reading (1-002)', () => {
  const status = (fields: string) => fromJson(TaskStatus, `{"task_id":{"value":"t"},"state":"TASK_RUNNING",${fields}}`)

  test('numbers and booleans may come as strings', () => {
    const read = status(
      '"timestamp":"1.5","healthy":"true","container_status":{"executor_pid":"17","container_id":{"value":"c"}}',
    )
    expect(read).toMatchObject({ timestamp: 1.5, healthy: true, containerStatus: { executorPid: 17 } })
    expect(fromJson(Filters, '{"refuse_seconds":"-Infinity"}').refuseSeconds).toBe(-Infinity)
  })

  test('null is unset, unknown names are ignored, the last of equal names counts', () => {
    const read = status('"message":null,"no_such_field":{"a":[1]},"reason":null,"data":"YQ==","data":"Yg"')
    expect(read).toEqual({ taskId: { value: 't' }, state: TaskState.TASK_RUNNING, data: Buffer.from('b') })
    expect(fromJson(Labels, '{"labels":[null,{"key":"k","value":null}]}')).toEqual({ labels: [{ key: 'k' }] })
  })

  test('an unknown enum name leaves an optional field unset and is refused in a required one (B29)', () => {
    expect(fromJson(Call, '{"type":"NOPE"}')).toEqual({})
    expect(refusal(() => fromJson(TaskStatus, '{"task_id":{"value":"t"},"state":"TASK_NOPE"}'))).toContain(
      "Failed to find enum for 'TASK_NOPE'",
    )
    const framework = fromJson(FrameworkInfo, '{"user":"u","name":"n","capabilities":[{"type":"NOPE"}]}')
    expect(framework.capabilities).toEqual([{}])
  })

  test('a value that is no list counts as a list of one', () => {
    expect(fromJson(Labels, '{"labels":{"key":"k"}}')).toEqual({ labels: [{ key: 'k' }] })
  })

  test('64 bits keep every digit, as numbers and as strings (B25)', () => {
    const end = (text: string) =>
      fromJson(Value, `{"type":"RANGES","ranges":{"range":[{"begin":0,"end":${text}}]}}`).ranges?.range?.[0]?.end
    expect(end('9007199254740993')).toBe(9007199254740993n)
    expect(end('18446744073709551615')).toBe(2n ** 64n - 1n)
    expect(end('"18446744073709551615"')).toBe(2n ** 64n - 1n)
    expect(end('31000.0')).toBe(31000n)
    expect(end('1.9e3')).toBe(1900n)
    for (const bad of ['18446744073709551616', '"99999999999999999999999"', '1e400', '-1e19', `1${'0'.repeat(400)}`])
      expect(
        refusal(() => end(bad)),
        bad,
      ).toMatch(/is out of range for field 'end'$/)
  })

  test.each(['-1', '4294967296', '1e10', '9007199254740993', '"4294967296"'])('32 bits without a sign do not hold %s', (text) => {
    expect(refusal(() => status(`"container_status":{"executor_pid":${text}}`))).toContain('is out of range')
  })

  test.each([
    ['"message":1', "Not expecting a JSON number for field 'message'"],
    ['"message":9007199254740993', "Not expecting a JSON number for field 'message'"],
    ['"message":["a"]', "Not expecting a JSON array for field 'message'"],
    ['"healthy":"yes"', "Not expecting a JSON string for field 'healthy'"],
    ['"labels":true', "Not expecting a JSON boolean for field 'labels'"],
    ['"timestamp":"NaN"', "Failed to parse 'NaN' as a JSON number for field 'timestamp'"],
    ['"timestamp":{}', "Not expecting a JSON object for field 'timestamp'"],
    ['"uuid":"a-_b"', "Failed to base64 decode bytes field 'uuid': Invalid character '-'"],
    ['"uuid":"YWJj\\n"', "Failed to base64 decode bytes field 'uuid': Invalid character '\n'"],
    ['"uuid":"YQ="', "Failed to base64 decode bytes field 'uuid': Wrong length"],
    ['"uuid":"Y"', "Failed to base64 decode bytes field 'uuid': Wrong length"],
    ['"message":"\\ud800"', "Not expecting half of a surrogate pair for field 'message'"],
  ])('%s is refused', (fields, why) => {
    expect(refusal(() => status(fields))).toBe(`Failed to convert JSON into TaskStatus protobuf: ${why}`)
  })

  test('all missing required fields are told, with their paths', () => {
    const text = '{"type":"ACCEPT","accept":{"operations":[{"type":"LAUNCH","launch":{"task_infos":[{"name":"n"}]}}]}}'
    expect(refusal(() => fromJson(Call, text))).toBe(
      'Failed to convert JSON into Call protobuf: Missing required fields: ' +
        'accept.operations[0].launch.task_infos[0].task_id, accept.operations[0].launch.task_infos[0].agent_id',
    )
    const many = refusal(() =>
      fromJson(Call, `{"accept":{"operations":[{"launch":{"task_infos":[${'{},'.repeat(100_000)}{}]}}]}}`),
    )
    expect(many.length).toBeLessThan(5_000)
  })

  test('names that JavaScript knows are names like any other (B24)', () => {
    const name = '__proto__'
    const text = `{"name":"n","type":"SCALAR","${name}":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"hasOwnProperty":null}`
    expect(fromJson(Resource, text)).toEqual({ name: 'n', type: ValueType.SCALAR })
    expect(fromJson(Resource, text.replace('1}', '12345678901234567890}'))).toEqual({ name: 'n', type: ValueType.SCALAR })
    const task = `{"name":"n","task_id":{"value":"t"},"agent_id":{"value":"a"},"limits":{"${name}":{"value":1},"toString":{"value":2}}}`
    const call = fromJson(Call, `{"type":"ACCEPT","accept":{"operations":[{"type":"LAUNCH","launch":{"task_infos":[${task}]}}]}}`)
    const limits = call.accept?.operations?.[0]?.launch?.taskInfos?.[0]?.limits ?? {}
    expect(Object.keys(limits)).toEqual([name, 'toString'])
    expect(toJson(Call, call)).toContain(`"limits":{"${name}":{"value":1.0},"toString":{"value":2.0}}`)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('what is no JSON', () => {
  test.each([
    '',
    ' ',
    '{',
    '{"a":1,}',
    '{"a" 1}',
    '[1,]',
    '{}x',
    '{a:1}',
    "{'a':1}",
    '// c\n{}',
    '\ufeff{}',
    '{"a":01}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":NaN}',
    '{"a":Infinity}',
    '{"a":"\n"}',
    '{"a":"\\x"}',
    '{"a":"',
    '{"a":tru}',
    '{"a":1234567890123456,}',
    '{"a":"1234567890123456\u0001"}',
  ])('%j is refused with the line', (text) => {
    expect(refusal(() => fromJson(Call, text))).toMatch(/^Failed to parse body into JSON: syntax error at line \d near: /)
  })

  test('the sentence says where', () => {
    expect(refusal(() => fromJson(Call, '{\n  "type": "ACCEPT",\n  "accept": nonsense\n}'))).toBe(
      'Failed to parse body into JSON: syntax error at line 3 near: nonsense',
    )
  })

  test.each(['[]', '1', '"a"', 'null', 'true', '[12345678901234567890]'])('%s is no message', (text) => {
    expect(refusal(() => fromJson(Call, text))).toBe('Failed to convert JSON into Call protobuf: Expecting a JSON object')
  })

  test('bytes that are no UTF-8 are refused (B30)', () => {
    expect(refusal(() => fromJson(Call, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])))).toContain('not UTF-8')
  })
})

describe('what is too much', { timeout: 60_000 }, () => {
  test.each([
    ['in a field that nobody knows', (n: number) => `{"x":${'['.repeat(n)}${']'.repeat(n)}}`],
    ['in one that is known', (n: number) => `${'{"parent":'.repeat(n)}{"value":"c"}${'}'.repeat(n)}`],
    ['beside a long number', (n: number) => `{"n":1234567890123456,"x":${'{"a":'.repeat(n)}1${'}'.repeat(n)}}`],
  ])('half a million values within each other are refused, %s (B22)', (_where, text) => {
    refusal(() => fromJson(ContainerID, text(500_000)))
  })

  test('nesting up to the limit is taken', () => {
    const chain = (n: number) => `${'{"value":"c","parent":'.repeat(n)}{"value":"c"}${'}'.repeat(n)}`
    let depth = 0
    for (let id: ContainerID | undefined = fromJson(ContainerID, chain(90)); id; id = id.parent) depth++
    expect(depth).toBe(91)
    expect(fromJson(Call, `{"x":${'['.repeat(150)}${']'.repeat(150)}}`)).toEqual({})
    expect(fromJson(Call, `{"n":1234567890123456,"x":${'['.repeat(150)}${']'.repeat(150)}}`)).toEqual({})
  })

  test('a hundred thousand keys and ten million letters are taken (B23)', () => {
    const keys = Array.from({ length: 100_000 }, (_, i) => `"k${i}":0`).join(',')
    expect(fromJson(Call, `{${keys}}`)).toEqual({})
    const value = 'x'.repeat(10 << 20)
    expect(fromJson(TaskID, `{"value":"${value}","n":1234567890123456}`).value).toBe(value)
    expect(refusal(() => fromJson(Filters, `{"refuse_seconds":"${value}"}`)).length).toBeLessThan(300)
  })

  test('a text above 64 MiB is not even looked at', () => {
    expect(() => fromJson(MasterInfo, Buffer.alloc((64 << 20) + 1, ' '))).toThrow(
      expect.objectContaining({ code: 'WIRE_TOO_LARGE', http: 413 }),
    )
  })
})
