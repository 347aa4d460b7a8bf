import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ask, JsonStream } from '../../support/plain-http.js'
import type { JsonScheduler } from '../../support/test-scheduler.js'
import { accept, outcome, type Status, scalar, small, statusIn, taskFor } from './bad-tasks.js'
import { Victims } from './victims.js'

/** Executors that do what none should (B60, B63, B66): the test speaks in the place of one whose process only sleeps. */

let victims: Victims
let scheduler: JsonScheduler
let serial = 0
beforeAll(async () => {
  victims = await Victims.begin()
  scheduler = await victims.scheduler()
})
afterEach(() => victims.areWell())
afterAll(() => victims.end())

/** A running executor that nobody speaks for yet. Its name is its task's. */
async function executor(): Promise<string> {
  const id = `e${++serial}`
  const info = {
    type: 'CUSTOM',
    executor_id: { value: id },
    framework_id: { value: scheduler.id },
    command: { value: 'sleep 1000' },
    resources: [scalar('cpus', 0.01), scalar('mem', 32)],
  }
  await accept(scheduler, (offer) => [taskFor(offer, id, { command: undefined, executor: info, resources: small() })])
  await expect.poll(() => victims.agent.read('/containers'), { timeout: 20_000 }).toContain(`"executor_id":"${id}"`)
  return id
}

const post = (id: string, call: object) =>
  victims.agent.post('/api/v1/executor', { framework_id: { value: scheduler.id }, executor_id: { value: id }, ...call })

async function subscribe(id: string, more: object = {}): Promise<JsonStream> {
  const call = { type: 'SUBSCRIBE', framework_id: { value: scheduler.id }, executor_id: { value: id }, subscribe: more }
  return JsonStream.open(victims.agent.url, '/api/v1/executor', call)
}

const uuid = (n: number): string => {
  const bytes = Buffer.alloc(16, n & 0xff)
  bytes.writeUInt32BE(n, 0)
  bytes[6] = 0x40
  bytes[8] = 0x80
  return bytes.toString('base64')
}
const update = (id: string, state: string, n: number, more: object = {}) => ({
  type: 'UPDATE',
  update: {
    status: { task_id: { value: id }, state, uuid: uuid(n), source: 'SOURCE_EXECUTOR', executor_id: { value: id }, ...more },
  },
})

async function end(id: string, stream: JsonStream): Promise<void> {
  await scheduler.call({ type: 'SHUTDOWN', shutdown: { executor_id: { value: id }, agent_id: { value: await agentId() } } })
  stream.close()
}

const agentId = async (): Promise<string> => (JSON.parse(await victims.agent.read('/state')) as { id: string }).id

test('B35: calls of executors that are not there', async () => {
  for (const value of ['', '.', '..', '../..', 'a/b', 'a\u0000b', '__proto__', 'constructor', 'x'.repeat(100_000)])
    for (const call of [
      { type: 'SUBSCRIBE', subscribe: {} },
      update('t', 'TASK_RUNNING', 1, { executor_id: { value } }),
      { type: 'MESSAGE', message: { data: '' } },
      { type: 'HEARTBEAT' },
    ]) {
      const said = await victims.agent.post('/api/v1/executor', { ...call, framework_id: { value }, executor_id: { value } })
      expect([said.status, said.body], value.slice(0, 50)).toEqual([400, expect.stringMatching(/./)])
      expect((await post(value, call)).status, value.slice(0, 50)).toBe(400)
    }
})

test('calls before SUBSCRIBE are refused; half-said ones always', async () => {
  const id = await executor()
  expect((await post(id, update(id, 'TASK_RUNNING', 1))).status).toBe(403)
  const stream = await subscribe(id)
  for (const call of [
    {},
    { type: 'UNKNOWN_TYPE' },
    { type: 'UPDATE' },
    { type: 'UPDATE', update: {} },
    { type: 'MESSAGE' },
    update(id, 'TASK_STAGING', 1),
    update(id, 'TASK_WHATEVER', 1),
    update(id, 'TASK_RUNNING', 1, { uuid: undefined }),
    update(id, 'TASK_RUNNING', 1, { uuid: 'AA==' }),
    update(id, 'TASK_RUNNING', 1, { uuid: '' }),
    update(id, 'TASK_RUNNING', 1, { source: 'SOURCE_MASTER' }),
    update(id, 'TASK_RUNNING', 1, { executor_id: { value: 'another' } }),
    update(id, 'TASK_RUNNING', 1, { timestamp: 'NaN' }),
  ])
    expect([400, 501], JSON.stringify(call)).toContain((await post(id, call)).status)
  await end(id, stream)
})

test('B66: states that go back, end twice, speak of others, or come again with other content', async () => {
  const id = await executor()
  const stream = await subscribe(id)
  await stream.next(({ type }) => type === 'LAUNCH')
  for (const [state, n] of [
    ['TASK_RUNNING', 1],
    ['TASK_STARTING', 2],
    ['TASK_RUNNING', 1],
    ['TASK_FINISHED', 1],
  ] as const)
    expect((await post(id, update(id, state, n))).status).toBe(202)
  for (const other of ['nobody', '', '..', '__proto__', 'x'.repeat(100_000)])
    expect([202, 400], other.slice(0, 50)).toContain((await post(id, update(other, 'TASK_RUNNING', 50 + other.length))).status)
  for (const odd of [
    { timestamp: -1e308 },
    { timestamp: 1e308 },
    { agent_id: { value: 'nobody' } },
    { message: '\u0000\n'.repeat(10_000) },
    { labels: { labels: [{ key: '__proto__' }] } },
    { container_status: { network_infos: [{}], executor_pid: 4_294_967_295 } },
  ])
    expect([202, 400], JSON.stringify(odd).slice(0, 50)).toContain(
      (await post(id, update(id, 'TASK_RUNNING', 100 + Object.keys(odd)[0]!.length, odd))).status,
    )
  await post(id, update(id, 'TASK_FAILED', 3))
  await post(id, update(id, 'TASK_FINISHED', 4))
  await post(id, update(id, 'TASK_RUNNING', 5))
  expect((await outcome(scheduler, id)).state).toBe('TASK_FAILED')
  await end(id, stream)
})

test('B66: five thousand updates and eight megabytes of data', async () => {
  const id = await executor()
  const stream = await subscribe(id)
  await stream.next(({ type }) => type === 'LAUNCH')
  await post(id, update(id, 'TASK_RUNNING', 1, { data: Buffer.alloc(8 * 1024 * 1024, 1).toString('base64') }))
  for (let from = 2; from < 5000; from += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => post(id, update(id, i % 2 ? 'TASK_RUNNING' : 'TASK_STARTING', from + i))),
    )
  expect((await post(id, update(id, 'TASK_FINISHED', 9000))).status).toBe(202)
  await stream.next(
    (event) => (event as { acknowledged?: { uuid: string } }).acknowledged?.uuid === uuid(9000),
    'the last acknowledgement',
    30_000,
  )
  expect((statusIn(await scheduler.stream.next((event) => statusIn(event)?.task_id.value === id)) as Status).state).toBe(
    'TASK_RUNNING',
  )
  await end(id, stream)
})

test('B63: of fifty who subscribe as one executor, one stays', async () => {
  const id = await executor()
  const streams = await Promise.all(Array.from({ length: 50 }, () => subscribe(id)))
  await expect.poll(() => streams.filter(({ ended }) => !ended).length, { timeout: 10_000 }).toBe(1)
  // The second one did not say that it has the task, so that is over.
  expect((await outcome(scheduler, id)).state).toBe('TASK_DROPPED')
  await end(id, streams.find(({ ended }) => !ended)!)
})

test('an executor that brings along what nobody gave it', async () => {
  const id = await executor()
  const task = { name: 'x', task_id: { value: '..' }, agent_id: { value: 'x' }, resources: [scalar('cpus', -1)] }
  const status = { task_id: { value: 'stranger' }, state: 'TASK_FINISHED', uuid: uuid(1), source: 'SOURCE_EXECUTOR' }
  const stream = await subscribe(id, {
    unacknowledged_tasks: [task, task],
    unacknowledged_updates: [
      { status },
      { status: { ...status, uuid: undefined } },
      { status: { ...status, uuid: 'AA==' } },
      { status: { ...status, state: 'TASK_STAGING', uuid: uuid(2) } },
    ],
  })
  expect([200, 400]).toContain(stream.status)
  const sane = await subscribe(id)
  await end(id, sane)
})

test('files, and states, of executors with odd names can be read', async () => {
  for (const path of ['/state', '/containers', '/monitor/statistics', '/metrics/snapshot', '/files/debug'])
    expect((await ask(victims.agent.url, { method: 'GET', path })).status, path).toBe(200)
  for (const type of ['GET_STATE', 'GET_TASKS', 'GET_EXECUTORS', 'GET_FRAMEWORKS', 'GET_CONTAINERS', 'GET_AGENT'])
    expect((await victims.agent.post('/api/v1', { type })).status, type).toBe(200)
})
