import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { JsonScheduler } from '../../support/test-scheduler.js'
import { accept, attempt, freshId, outcome, ranges, role, scalar, small, statusIn, taskFor, wholeOffer } from './bad-tasks.js'
import { Victims } from './victims.js'

/** Resources that do not add up (B50 to B55). */

let victims: Victims
let scheduler: JsonScheduler
beforeAll(async () => {
  victims = await Victims.begin()
  scheduler = await victims.scheduler()
})
afterEach(async () => {
  await victims.areWell()
  expect(await held()).toEqual({ cpus: 0, mem: 0, disk: 0 })
})
afterAll(() => victims.end())

async function held(): Promise<object> {
  const { slaves } = JSON.parse(await victims.master.read('/slaves')) as { slaves: { used_resources: Record<string, number> }[] }
  const { cpus, mem, disk } = slaves[0]!.used_resources
  return { cpus, mem, disk }
}

const invalid = /^(TASK_ERROR REASON_TASK_INVALID .|400 .)/

test.each([-1, -1e308, 1e308, 1e13, 'NaN', 'Infinity', '-Infinity', '0x1', '', null, true, [], {}])(
  'B50: a scalar of %j',
  async (value) => {
    expect(await attempt(scheduler, { resources: [scalar('cpus', value), scalar('mem', 32)] })).toMatch(invalid)
  },
)

test('B50: nothing, next to nothing, and what rounds to nothing', async () => {
  for (const value of [0, -0, 1e-9, 0.0004, 5e-324]) {
    const said = await attempt(scheduler, { resources: [scalar('cpus', value), scalar('mem', 32)] })
    expect(said, String(value)).toMatch(/^TASK_(ERROR|FINISHED|FAILED)/)
  }
})

test('B50: literals that JSON does not know are 400 with a sentence', async () => {
  for (const literal of ['NaN', 'Infinity', '-Infinity', '+1', '.5', '0x10', '1e', '1_000', '01']) {
    const body = `{"type":"ACCEPT","framework_id":{"value":"${scheduler.id}"},"accept":{"offer_ids":[],"operations":[{"type":"LAUNCH","launch":{"task_infos":[{"name":"x","task_id":{"value":"x"},"agent_id":{"value":"x"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":${literal}}}]}]}}]}}`
    const answer = await victims.master.post('/api/v1/scheduler', body, { 'Mesos-Stream-Id': scheduler.stream.streamId })
    expect([answer.status, answer.body], literal).toEqual([400, expect.stringMatching(/./)])
  }
})

test('B52: ranges that are turned, overlap, are all numbers or a million', async () => {
  const ports = (range: object[]) => attempt(scheduler, { resources: [...small(), ranges('ports', range)] })
  expect(await ports([{ begin: 31002, end: 31001 }])).toMatch(invalid)
  expect(
    await ports([
      { begin: 31000, end: 31010 },
      { begin: 31005, end: 31020 },
    ]),
  ).toMatch(invalid)
  expect(
    await ports([
      { begin: 31000, end: 31000 },
      { begin: 31000, end: 31000 },
    ]),
  ).toMatch(invalid)
  expect(await ports([{ begin: 0, end: '18446744073709551615' }])).toMatch(invalid)
  expect(await ports([{ begin: 0, end: '18446744073709551616' }])).toMatch(/^400 ./)
  expect(await ports([{ begin: -1, end: 5 }])).toMatch(invalid)
  const many = Array.from({ length: 300_000 }, (_, i) => ({ begin: 2 * i, end: 2 * i }))
  expect(await ports(many)).toMatch(invalid)
})

test('B53: sets with duplicates, names of all kinds, half a GPU', async () => {
  const set = (name: string, item: string[]) => ({ name, type: 'SET', set: { item }, allocation_info: { role } })
  const all = [
    [set('disks', ['a', 'a'])],
    [scalar('', 1)],
    [scalar('x'.repeat(1024 * 1024), 1)],
    [scalar('__proto__', 1), scalar('constructor', 1), scalar('hasOwnProperty', 1)],
    [scalar('gpus', 0.5)],
    [{ name: 'cpus', type: 'SET', set: { item: ['1'] }, allocation_info: { role } }],
    [{ name: 'cpus', type: 'SCALAR', allocation_info: { role } }],
    [{ name: 'cpus', type: 'TEXT', text: { value: 'x' } }],
    [scalar('cpus', 1, { role: '../..' })],
    [scalar('cpus', 1, { allocation_info: { role: 'another' } })],
    [scalar('cpus', 1, { allocation_info: {} })],
    [scalar('cpus', 1, { reservations: [{ type: 'DYNAMIC', role }] })],
    [scalar('cpus', 1, { revocable: {} })],
    [scalar('cpus', 1, { shared: {} })],
    [scalar('cpus', 1, { provider_id: { value: 'x' } })],
    [scalar('disk', 1, { disk: { persistence: { id: '../../x' }, volume: { mode: 'RW', container_path: '../../x' } } })],
  ]
  for (const resources of all)
    expect(await attempt(scheduler, { resources: [...small(), ...resources] }), JSON.stringify(resources).slice(0, 200)).toMatch(
      invalid,
    )
})

test('B53: as many kinds of resources as fit into a call', async () => {
  const kinds = Array.from({ length: 100_000 }, (_, i) => scalar(`kind-${i}`, 1))
  expect(await attempt(scheduler, { resources: [...small(), ...kinds] })).toMatch(invalid)
})

test('B54: more than offered, all of it twice, and a sum that only overflows', async () => {
  expect(await attempt(scheduler, { resources: [scalar('cpus', 65), scalar('mem', 32)] })).toMatch(invalid)
  expect(await attempt(scheduler, { resources: [...Array(65).fill(scalar('cpus', 1)), scalar('mem', 32)] })).toMatch(invalid)
  expect(await attempt(scheduler, { resources: [...Array(1000).fill(scalar('cpus', 1e12)), scalar('mem', 32)] })).toMatch(invalid)
  const ids = [freshId(), freshId(), freshId()]
  await accept(scheduler, (offer) => ids.map((id) => taskFor(offer, id, { resources: [scalar('cpus', 30), scalar('mem', 32)] })))
  expect((await Promise.all(ids.map((id) => outcome(scheduler, id)))).map(({ state }) => state)).toEqual([
    'TASK_FINISHED',
    'TASK_FINISHED',
    'TASK_ERROR',
  ])
})

test('B54, B55: a group whose tasks together name a hundred thousand resources', async () => {
  const offer = await wholeOffer(scheduler)
  const kinds = (task: number) => Array.from({ length: 500 }, (_, i) => scalar(`k${task}-${i}`, 1))
  const tasks = Array.from({ length: 200 }, (_, i) => taskFor(offer, `g${i}`, { resources: [...small(), ...kinds(i)] }))
  const executor = {
    type: 'DEFAULT',
    executor_id: { value: 'group' },
    framework_id: { value: scheduler.id },
    resources: [...small(), scalar('disk', 1)],
  }
  const operations = [{ type: 'LAUNCH_GROUP', launch_group: { executor, task_group: { tasks } } }]
  await scheduler.call({ type: 'ACCEPT', accept: { offer_ids: [offer.id], operations, filters: { refuse_seconds: 0 } } })
  expect((await outcome(scheduler, 'g199')).state).toBe('TASK_ERROR')
})

test('B54: limits below requests, infinite, of unknown names', async () => {
  for (const limits of [
    { cpus: { value: 0.001 } },
    { disk: { value: 5 } },
    { __proto__x: { value: 1 } },
    { mem: { value: -1 } },
    { mem: { value: 'NaN' } },
  ])
    expect(await attempt(scheduler, { limits }), JSON.stringify(limits)).toMatch(invalid)
  expect(await attempt(scheduler, { limits: { cpus: { value: 1e300 }, mem: { value: 1e300 } } })).toMatch(/^TASK_/)
})

test('B55: ten thousand tasks in one call are all answered', { timeout: 120_000 }, async () => {
  const began = performance.now()
  const ids = Array.from({ length: 10_000 }, (_, i) => `many-${i}`)
  // Of no agent that there is: every one is refused, and none started.
  await accept(scheduler, (offer) => ids.map((id) => ({ ...taskFor(offer, id), agent_id: { value: 'nobody' } })))
  const last = await outcome(scheduler, 'many-9999', 60)
  expect(last.state).toBe('TASK_ERROR')
  const told = scheduler.stream.events.filter((event) => statusIn(event)?.task_id.value.startsWith('many-'))
  expect(told).toHaveLength(10_000)
  expect(performance.now() - began).toBeLessThan(30_000)
})
