import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Master } from '#master/master.js'
import { LinkAgent } from '../../support/link-agent.js'
import { JsonStream } from '../../support/plain-http.js'
import { recorded } from '../../support/recordings.js'
import { testMaster } from '../../support/test-master.js'
import { framework, JsonScheduler, read } from '../../support/test-scheduler.js'

let master: Master
let agent: LinkAgent
let scheduler: JsonScheduler

/** The cluster of the recordings: a framework with running and ended tasks, and one that is completed. */
beforeAll(async () => {
  master = await testMaster(['--cluster=peer'])
  agent = new LinkAgent(master.url)
  await agent.connect()
  const old = await JsonScheduler.subscribe(master.url, {
    user: 'root',
    name: 'old',
    role: '*',
    capabilities: [{ type: 'PARTITION_AWARE' }],
  })
  expect((await old.call({ type: 'TEARDOWN' })).status).toBe(202)
  await old.stream.end()
  scheduler = await JsonScheduler.subscribe(master.url, { ...framework, labels: { labels: [{ key: 'k', value: 'v' }] } })
  const container = { type: 'MESOS' }
  for (const [id, command] of [
    ['fin-1', 'true'],
    ['run-1', 'sleep 1000'],
  ] as const) {
    await scheduler.launch(id, command, { labels: { labels: [{ key: 'tier', value: 'web' }] }, container })
    await scheduler.update(id, 'TASK_STARTING')
    await scheduler.update(id, 'TASK_RUNNING')
  }
  await scheduler.update('fin-1', 'TASK_FINISHED')
  await scheduler.offer()
})
afterAll(async () => {
  scheduler.close()
  agent.disconnect()
  await master.close()
})

/** Keys that hang on flags, on builds or on what this cluster does not run. */
const elsewhere = new Set([
  'log_dir',
  'flags',
  'container_status',
  'container_id',
  'network_infos',
  'executor_pid',
  'git_sha',
  'executor_id',
  'executor_ids',
])

/** Where `live` is not shaped as `known` is. Of lists the first known element must find one like it; an empty list says nothing. */
function difference(known: unknown, live: unknown, path: string): string[] {
  if (Array.isArray(known)) {
    if (!Array.isArray(live)) return [`${path} is no list`]
    const candidates = live.map((each) => difference(known[0], each, `${path}[]`)).sort((a, b) => a.length - b.length)
    return known.length > 0 ? (candidates[0] ?? []) : []
  }
  if (typeof known === 'object' && known !== null) {
    if (typeof live !== 'object' || live === null || Array.isArray(live)) return [`${path} is no object`]
    return Object.entries(known).flatMap(([key, value]) => {
      if (elsewhere.has(key)) return []
      if (!(key in live)) return [`${path}.${key} is missing`]
      return difference(value, (live as Record<string, unknown>)[key], `${path}.${key}`)
    })
  }
  return typeof known === typeof live ? [] : [`${path} is ${typeof live}, not ${typeof known}`]
}

const json = (name: string): Record<string, unknown> => JSON.parse(recorded(name).toString()) as Record<string, unknown>

test.each(['state', 'state-summary', 'slaves', 'frameworks', 'roles', 'version'])(
  '/%s has every key that a Mesos shows, of the same kind',
  async (name) => {
    expect(difference(json(`master/v0/${name}.json`), await read(master.url, `/${name}`), '')).toEqual([])
  },
)

test.each([
  'GET_AGENTS',
  'GET_FRAMEWORKS',
  'GET_TASKS',
  'GET_STATE',
  'GET_ROLES',
  'GET_MASTER',
  'GET_VERSION',
  'GET_FLAGS',
  'GET_QUOTA',
])('%s has every key that a Mesos shows, of the same kind', async (name) => {
  const known = json(`master/v1/${name}.json`)
  // Its completed frameworks have nothing in common with ours but their shape, which the live ones show too.
  expect(difference(known, await read(master.url, name), '')).toEqual([])
})

test('every metric of a Mesos is there, but for times of allocation and single roles', async () => {
  const known = Object.keys(json('master/v0/metrics_snapshot.json'))
  const live = new Set(Object.keys(await read(master.url, '/metrics/snapshot')))
  const plain = known.filter((name) => !/^allocator|^master\/(frameworks|operations|task_)|^registrar/.test(name))
  expect(plain.filter((name) => !live.has(name))).toEqual([])
  expect([...live].some((name) => name.endsWith(`${scheduler.id}/calls/accept`))).toBe(true)
})

test('/tasks keeps to order, limit and offset', async () => {
  const ids = async (query: string) =>
    ((await read(master.url, `/tasks?${query}`)) as { tasks: { id: string }[] }).tasks.map(({ id }) => id)
  expect(await ids('')).toEqual(['run-1', 'fin-1'])
  expect(await ids('order=asc')).toEqual(['fin-1', 'run-1'])
  expect(await ids('limit=1&offset=1')).toEqual(['fin-1'])
  expect(await ids('task_id=run-1')).toEqual(['run-1'])
  expect(await ids('framework_id=none')).toEqual([])
})

test('the event stream begins with the state and goes on with what happens', async () => {
  const stream = await JsonStream.open(master.url, '/api/v1', { type: 'SUBSCRIBE' })
  const first = await stream.next(() => true)
  expect(first.type).toBe('SUBSCRIBED')
  await stream.next(({ type }) => type === 'HEARTBEAT')
  const other = await JsonScheduler.subscribe(master.url, { ...framework, name: 'other' })
  await stream.next(({ type }) => type === 'FRAMEWORK_ADDED')
  await other.call({ type: 'TEARDOWN' })
  await stream.next(({ type }) => type === 'FRAMEWORK_REMOVED')
  stream.close()
})
