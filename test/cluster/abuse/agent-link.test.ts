import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { JsonStream } from '../../support/plain-http.js'
import { read } from '../../support/test-scheduler.js'
import { until } from '../../support/waiting.js'
import { attempt } from './bad-tasks.js'
import { Victims } from './victims.js'

/** Agents that lie, to a master that has an honest one (B67 and what goes beyond it). */

let victims: Victims
let honest: string
const streams: JsonStream[] = []

beforeAll(async () => {
  victims = await Victims.begin()
  honest = (await agents())[0]!.id
})
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close()
  await everythingCanBeRead()
  await victims.areWell()
})
afterAll(() => victims.end())

interface ShownAgent {
  id: string
  active: boolean
  pid: string
}

const agents = async (): Promise<ShownAgent[]> => ((await read(victims.master.url, '/slaves')) as { slaves: ShownAgent[] }).slaves

/** What a lie leaves in the state must not be in the way of those who look at it. */
async function everythingCanBeRead(): Promise<void> {
  for (const path of ['/state', '/state-summary', '/slaves', '/frameworks', '/tasks', '/roles', '/metrics/snapshot']) {
    const { status, body } = await victims.master.ask({ method: 'GET', path })
    expect(status, `${path}: ${body.slice(0, 200)}`).toBe(200)
    expect(() => JSON.parse(body), path).not.toThrow()
  }
  for (const type of ['GET_STATE', 'GET_AGENTS', 'GET_FRAMEWORKS', 'GET_TASKS', 'GET_EXECUTORS', 'GET_ROLES', 'GET_MASTER'])
    for (const accept of ['application/json', 'application/x-protobuf']) {
      const { status, body } = await victims.master.post('/api/v1', { type }, { Accept: accept })
      expect(status, `${type}: ${body.slice(0, 200)}`).toBe(200)
    }
}

const scalar = (name: string, value: unknown) => ({ name, type: 'SCALAR', scalar: { value } })
const good = (): Record<string, unknown> => ({
  agent_info: { hostname: 'liar', port: 1, resources: [scalar('cpus', 1)] },
  version: '1.12.0',
  total_resources: [scalar('cpus', 1), scalar('mem', 128)],
  pid: 'slave(1)@127.0.0.1:1',
})

async function subscribe(changes: object, agent_id?: string): Promise<JsonStream> {
  const call = {
    type: 'SUBSCRIBE',
    ...(agent_id !== undefined && { agent_id: { value: agent_id } }),
    subscribe: { ...good(), ...changes },
  }
  const stream = await JsonStream.open(victims.master.url, '/api/v1/agent', call)
  streams.push(stream)
  return stream
}

const tell = (call: object, stream: string): Promise<{ status: number; body: string }> =>
  victims.master.post('/api/v1/agent', call, { 'Mesos-Stream-Id': stream })

const strange = ['', '.', '..', 'a/b', 'a\u0000b', '\n', '__proto__', 'x'.repeat(256), 'x'.repeat(100_000), '\u202e']
const framework = (id: string, more: object = {}) => ({ id: { value: id }, user: 'root', name: 'x', ...more })
const task = (framework_id: string, id: string, more: object = {}) => ({
  name: 'x',
  task_id: { value: id },
  framework_id: { value: framework_id },
  agent_id: { value: 'x' },
  state: 'TASK_RUNNING',
  resources: [scalar('cpus', 1)],
  ...more,
})

const lies: Record<string, object> = {
  'no body': {},
  'resources that are none': { total_resources: [{ name: 'cpus', type: 'SCALAR' }] },
  'negative resources': { total_resources: [scalar('cpus', -1)] },
  'endless resources': { total_resources: [scalar('cpus', 1e308)] },
  'twenty thousand kinds of resources': { total_resources: Array.from({ length: 20_000 }, (_, i) => scalar(`r${i}`, 1)) },
  'ranges of everything': {
    total_resources: [{ name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 0, end: '18446744073709551615' }] } }],
  },
  'an odd address': { pid: 'nothing at all' },
  'another odd address': { pid: '@:::' },
  'an empty address': { pid: '' },
  'an endless host name': { agent_info: { hostname: 'h'.repeat(1024 * 1024) } },
  'a host name with line breaks': { agent_info: { hostname: 'h\r\nX: y\u0000' } },
  'attributes without values': {
    agent_info: {
      hostname: 'h',
      attributes: [
        { name: 'a', type: 'SCALAR' },
        { name: '', type: 'RANGES' },
        { name: '__proto__', type: 'TEXT' },
        { name: 'a', type: 'SET' },
      ],
    },
  },
  'a domain of nowhere': {
    agent_info: { hostname: 'h', domain: { fault_domain: { region: { name: '' }, zone: { name: '' } } } },
  },
  'a version that is none': { version: '' },
  'an old version': { version: '0.1' },
  'capabilities that nobody has': { capabilities: [{ type: 'FLYING' }, {}] },
  'frameworks with strange ids': { frameworks: strange.map((id) => framework(id)) },
  'frameworks with bad roles': {
    frameworks: [
      framework('lie-1', { role: '../..' }),
      framework('lie-2', { roles: ['', 'a//b', '*', '*'], capabilities: [{ type: 'MULTI_ROLE' }] }),
    ],
  },
  'frameworks without ids': { frameworks: [{ user: 'x', name: 'x' }] },
  'frameworks that never come back': {
    frameworks: [framework('lie-3', { failover_timeout: 1e300 }), framework('lie-4', { failover_timeout: -1e300 })],
  },
  'tasks with strange ids': { frameworks: [framework('lie-5')], tasks: strange.map((id) => task('lie-5', id)) },
  'tasks of nobody': { tasks: [task('nobody', 't')] },
  'tasks with bad resources': {
    frameworks: [framework('lie-6')],
    tasks: [
      task('lie-6', 't1', { resources: [{ name: 'cpus', type: 'SCALAR' }] }),
      task('lie-6', 't2', { resources: [scalar('cpus', -5)] }),
      task('lie-6', 't3', { resources: [scalar('cpus', 1e300)] }),
      task('lie-6', 't4', {
        resources: [
          { name: 'cpus', type: 'TEXT' },
          { name: '', type: 'SET', set: { item: ['a', 'a'] } },
        ],
      }),
      task('lie-6', 't5', { resources: [{ ...scalar('cpus', 1), allocation_info: { role: '../..' } }] }),
      task('lie-6', 't6', { resources: [{ ...scalar('cpus', 1), allocation_info: {} }] }),
    ],
  },
  'a task with a hundred thousand kinds of resources': {
    frameworks: [framework('lie-7')],
    tasks: [task('lie-7', 't', { resources: Array.from({ length: 100_000 }, (_, i) => scalar(`r${i}`, 1)) })],
  },
  'the same task twice': {
    frameworks: [framework('lie-8')],
    tasks: [task('lie-8', 't'), task('lie-8', 't', { state: 'TASK_FINISHED' })],
  },
  'tasks with bad statuses': {
    frameworks: [framework('lie-9')],
    tasks: [
      task('lie-9', 't', {
        statuses: [{ task_id: { value: 'another' }, state: 'TASK_STAGING', uuid: 'AA==', timestamp: 1e308 }],
        status_update_uuid: '',
        status_update_state: 'TASK_FINISHED',
      }),
    ],
  },
  'executors of nobody': {
    executors: [{ executor_id: { value: 'e' } }, { executor_id: { value: '..' }, framework_id: { value: 'nobody' } }],
  },
  'executors with bad resources': {
    frameworks: [framework('lie-10')],
    executors: [
      {
        executor_id: { value: 'e' },
        framework_id: { value: 'lie-10' },
        resources: [scalar('cpus', -1), { name: 'x', type: 'RANGES' }],
      },
    ],
  },
}

test.each(Object.entries(lies))('an agent that brings %s', async (_what, lie) => {
  const stream = await subscribe(lie)
  expect([200, 400, 503]).toContain(stream.status)
  if (stream.status === 200) await tell({ type: 'UNREGISTER' }, stream.streamId)
})

test.each(strange.filter((id) => id !== ''))('B35, B67: an agent that says it is %j', async (id) => {
  const stream = await subscribe({}, id)
  expect([200, 400]).toContain(stream.status)
  if (stream.status === 200) await tell({ type: 'UNREGISTER' }, stream.streamId)
})

describe('B67: an agent that says it is another one', () => {
  test('from another host is refused, and the other one stays what it was', async () => {
    const stream = await subscribe(
      { pid: 'slave(1)@10.1.2.3:5051', agent_info: { hostname: 'liar', id: { value: honest } } },
      honest,
    )
    expect(stream.status).not.toBe(200)
    await theHonestOneServes()
  })

  test('the later one wins, and the honest one comes back', async () => {
    const { pid } = (await agents()).find(({ id }) => id === honest)!
    const stream = await subscribe({ pid, agent_info: { hostname: '127.0.0.1', id: { value: honest } } }, honest)
    stream.close()
    await theHonestOneServes()
  })
})

/** It is linked, and its tasks run. */
async function theHonestOneServes(): Promise<void> {
  expect(await until(async () => (await agents()).some((it) => it.id === honest && it.active), 30)).toBe(true)
  const scheduler = await victims.scheduler({ name: 'witness' })
  expect(await attempt(scheduler, {})).toMatch(/^TASK_FINISHED/)
  await scheduler.call({ type: 'TEARDOWN' })
}

test('calls of an agent that make no sense', async () => {
  const stream = await subscribe({ total_resources: [scalar('cpus', 0.001)] })
  await stream.next(({ type }) => type === 'SUBSCRIBED')
  const status = { task_id: { value: 't' }, state: 'TASK_RUNNING' }
  const update = (more: object = {}, statusMore: object = {}) => ({
    type: 'UPDATE',
    update: { framework_id: { value: 'nobody' }, status: { ...status, ...statusMore }, ...more },
  })
  const calls: object[] = [
    {},
    { type: 'UNKNOWN' },
    { type: 'UPDATE' },
    { type: 'MESSAGE' },
    { type: 'EXITED_EXECUTOR' },
    { type: 'SUBSCRIBE' },
    { type: 'BATCH' },
    {
      type: 'BATCH',
      batch: [
        {},
        { type: 'UPDATE' },
        { type: 'BATCH', batch: [{ type: 'BATCH' }] },
        { type: 'SUBSCRIBE', subscribe: good() },
        { type: 'UNKNOWN' },
      ],
    },
    update(),
    update({}, { uuid: '' }),
    update({}, { uuid: 'AA==' }),
    update({ latest_state: 'TASK_FINISHED' }, { state: 'TASK_STAGING', timestamp: 1e308 }),
    update({}, { state: 'TASK_WHATEVER' }),
    update({}, { task_id: { value: 'x'.repeat(1024 * 1024) } }),
    { type: 'MESSAGE', message: { framework_id: { value: '__proto__' }, executor_id: { value: '' }, data: '' } },
    {
      type: 'EXITED_EXECUTOR',
      exited_executor: { framework_id: { value: '..' }, executor_id: { value: '..' }, status: -2147483648 },
    },
    { type: 'HEARTBEAT', agent_id: { value: honest } },
  ]
  for (const call of calls)
    expect([202, 400], JSON.stringify(call).slice(0, 200)).toContain((await tell(call, stream.streamId)).status)
  for (const id of ['', 'x', 'x'.repeat(10_000), honest]) expect((await tell({ type: 'HEARTBEAT' }, id)).status).toBe(403)
  expect((await victims.master.post('/api/v1/agent', { type: 'UNREGISTER', agent_id: { value: honest } })).status).toBe(403)
  await tell({ type: 'UNREGISTER' }, stream.streamId)
})

test('an agent that speaks of tasks and executors of another agent changes nothing about them', async () => {
  const scheduler = await victims.scheduler({ name: 'owner' })
  await scheduler.launch('mine', 'sleep 1000')
  await scheduler.update('mine', 'TASK_STARTING')
  await scheduler.update('mine', 'TASK_RUNNING')
  const liar = await subscribe({ total_resources: [scalar('cpus', 0.001)] })
  await liar.next(({ type }) => type === 'SUBSCRIBED')
  const framework_id = { value: scheduler.id }
  const status = {
    task_id: { value: 'mine' },
    state: 'TASK_FINISHED',
    agent_id: { value: honest },
    uuid: 'AAAAAAAAQAAAAAAAAAAAAA==',
  }
  await tell({ type: 'UPDATE', update: { framework_id, status, latest_state: 'TASK_FINISHED' } }, liar.streamId)
  await tell({ type: 'EXITED_EXECUTOR', exited_executor: { framework_id, executor_id: { value: 'mine' } } }, liar.streamId)
  const { get_tasks } = (await read(victims.master.url, 'GET_TASKS')) as {
    get_tasks: { tasks: { task_id: { value: string }; state: string }[] }
  }
  expect(get_tasks.tasks.find(({ task_id }) => task_id.value === 'mine')?.state).toBe('TASK_RUNNING')
  await tell({ type: 'UNREGISTER' }, liar.streamId)
  await scheduler.call({ type: 'TEARDOWN' })
})
