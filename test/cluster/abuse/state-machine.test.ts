import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ask, JsonStream } from '../../support/plain-http.js'
import { framework, JsonScheduler } from '../../support/test-scheduler.js'
import {
  accept,
  acknowledge,
  attempt,
  decline,
  freshId,
  type Offer,
  outcome,
  type Status,
  statusIn,
  taskFor,
  wholeOffer,
} from './bad-tasks.js'
import { Victims } from './victims.js'

/** Calls at the wrong time, of the wrong framework, too often (B35, B38, B54, B57, B58, B60 to B65, B68). */

let victims: Victims
let scheduler: JsonScheduler
beforeAll(async () => {
  victims = await Victims.begin()
  scheduler = await victims.scheduler()
})
afterEach(() => victims.areWell())
afterAll(() => victims.end())

const uuid = (text = '00112233-4455-4677-8899-aabbccddeeff') => Buffer.from(text.replaceAll('-', ''), 'hex').toString('base64')

/** A SUBSCRIBE that must not become a subscription: the status, or what its ERROR says. */
async function refusal(info: object, more: object = {}): Promise<string> {
  const stream = await JsonStream.open(victims.master.url, '/api/v1/scheduler', {
    type: 'SUBSCRIBE',
    subscribe: { framework_info: { user: 'root', name: 'x', ...info }, ...more },
  })
  if (stream.status !== 200) return String(stream.status)
  const event = await stream.next(() => true)
  stream.close()
  return event.type === 'ERROR' ? (event as { error?: { message: string } }).error!.message : `no refusal but ${event.type}`
}

const multi = { capabilities: [{ type: 'MULTI_ROLE' }] }

test.each(['', '/a', 'a/', 'a//b', '.', '..', 'a/../b', 'a/*', '-x', 'a b', 'a\tb', 'a\u007fb', `a/${'b'.repeat(10_000)}/-`])(
  'B38: %j is no role',
  async (role) => {
    expect(await refusal({ role })).toMatch(/role/)
    expect(await refusal({ roles: [role], ...multi })).toMatch(/role/)
  },
)

test('B38: a hundred thousand roles, also suppressed, also the same', async () => {
  const roles = Array.from({ length: 100_000 }, (_, i) => `r${i}`)
  expect(await refusal({ roles: Array(4000).fill('same'), ...multi })).toMatch(/twice/)
  expect(await refusal({ roles: ['a'], ...multi }, { suppressed_roles: roles })).toMatch(/role/)
  expect(await refusal({ roles, ...multi })).toMatch(/100000 roles/)
  const some = roles.slice(0, 4096)
  const many = await victims.scheduler({ roles: some, name: 'many' })
  await many.call({ type: 'SUPPRESS', suppress: { roles: some } })
  await many.call({ type: 'REVIVE', revive: { roles: some } })
  const others = some.map((role) => `${role}-too`)
  const info = { ...framework, failover_timeout: 0, name: 'many', id: { value: many.id }, roles: others }
  expect(
    (await many.call({ type: 'UPDATE_FRAMEWORK', update_framework: { framework_info: info, suppressed_roles: others } })).status,
  ).toBe(200)
  await many.call({ type: 'TEARDOWN' })
})

test.each([1e300, -1e300, 1e10, 'NaN', 'Infinity', {}])('B58: failover_timeout %j', async (failover_timeout) => {
  expect(await refusal({ failover_timeout })).toMatch(/timeout|^400$/)
})

test.each(['..', 'a/b', 'a\u0000b', 'x'.repeat(256)])('B35: %j is no id of a framework', async (value) => {
  const call = {
    type: 'SUBSCRIBE',
    framework_id: { value },
    subscribe: { framework_info: { user: 'root', name: 'x', id: { value } } },
  }
  const stream = await JsonStream.open(victims.master.url, '/api/v1/scheduler', call)
  expect((await stream.next(() => true)).type).toBe('ERROR')
})

test('B63: an empty id is a new framework; of a hundred who claim one id, one stays', async () => {
  const fresh = await JsonScheduler.subscribe(victims.master.url, framework, '')
  expect(fresh.id).not.toBe('')
  await fresh.call({ type: 'TEARDOWN' })
  const first = await victims.scheduler({ name: 'storm', failover_timeout: 60 })
  const storm = await Promise.all(
    Array.from({ length: 100 }, () => JsonScheduler.subscribe(victims.master.url, { ...framework, name: 'storm' }, first.id)),
  )
  const taken = (await Promise.all(storm.map((one) => one.call({ type: 'REVIVE' })))).filter(({ status }) => status === 202)
  expect(taken).toHaveLength(1)
  const last = await JsonScheduler.subscribe(victims.master.url, { ...framework, name: 'storm' }, first.id)
  for (const one of storm) await one.stream.end()
  expect((await last.call({ type: 'TEARDOWN' })).status).toBe(202)
})

test('B64: stream ids that are missing, wrong, of others, endless', async () => {
  const other = await victims.scheduler({ name: 'other' })
  const post = (headers: Record<string, string>) =>
    victims.master.post('/api/v1/scheduler', { type: 'REVIVE', framework_id: { value: scheduler.id } }, headers)
  expect((await post({})).status).toBe(400)
  for (const id of ['', 'x', other.stream.streamId, `${scheduler.stream.streamId} `.repeat(2), 'x'.repeat(50_000)])
    expect((await post({ 'Mesos-Stream-Id': id })).status, id.slice(0, 50)).toBe(400)
  const subscribe = { type: 'SUBSCRIBE', subscribe: { framework_info: framework } }
  expect((await victims.master.post('/api/v1/scheduler', subscribe, { 'Mesos-Stream-Id': 'x' })).status).toBe(400)
  await other.call({ type: 'TEARDOWN' })
})

test('B65: calls of frameworks that are not there yet, or no more', async () => {
  const gone = await victims.scheduler({ name: 'gone' })
  expect((await gone.call({ type: 'TEARDOWN' })).status).toBe(202)
  for (const value of ['nobody', gone.id, '', '__proto__', 'constructor', 'x'.repeat(10_000)]) {
    const body = { type: 'REVIVE', framework_id: { value } }
    const { status } = await victims.master.post('/api/v1/scheduler', body, { 'Mesos-Stream-Id': gone.stream.streamId })
    expect(status, value.slice(0, 50)).toBe(400)
  }
  const again = await JsonStream.open(victims.master.url, '/api/v1/scheduler', {
    type: 'SUBSCRIBE',
    framework_id: { value: gone.id },
    subscribe: { framework_info: { ...framework, id: { value: gone.id } } },
  })
  expect((await again.next(() => true)).type).toBe('ERROR')
})

test('B31: a thousand SUBSCRIBEs leave one framework each, and nothing when they go', async () => {
  const streams = await Promise.all(
    Array.from({ length: 200 }, () =>
      JsonStream.open(victims.master.url, '/api/v1/scheduler', {
        type: 'SUBSCRIBE',
        subscribe: { framework_info: { user: 'x', name: 'storm' } },
      }),
    ),
  )
  for (const stream of streams) stream.close()
  const live = async () =>
    (JSON.parse(await victims.master.read('/frameworks')) as { frameworks: { name: string }[] }).frameworks.filter(
      ({ name }) => name === 'storm',
    ).length
  await expect.poll(live, { timeout: 20_000 }).toBe(0)
})

test('B54: offers of others, spent, unknown, twice, none, a hundred thousand', async () => {
  const offer = await wholeOffer(scheduler)
  const thief = await victims.scheduler({ name: 'thief', roles: ['thief'] })
  const steal = async (offer_ids: object[]): Promise<Status> => {
    const id = freshId()
    const operations = [{ type: 'LAUNCH', launch: { task_infos: [taskFor(offer, id)] } }]
    await thief.call({ type: 'ACCEPT', accept: { offer_ids, operations } })
    return outcome(thief, id)
  }
  for (const offer_ids of [
    [offer.id],
    [offer.id, offer.id],
    [{ value: '' }],
    [{ value: '__proto__' }],
    [],
    Array.from({ length: 100_000 }, (_, i) => ({ value: `o${i}` })),
  ]) {
    const { state, reason } = await steal(offer_ids)
    expect([state, reason]).toEqual([expect.stringMatching(/TASK_(DROPPED|LOST)/), 'REASON_INVALID_OFFERS'])
  }
  // It is still its owner's.
  const id = freshId()
  const operations = [{ type: 'LAUNCH', launch: { task_infos: [taskFor(offer, id)] } }]
  await scheduler.call({ type: 'ACCEPT', accept: { offer_ids: [offer.id], operations, filters: { refuse_seconds: 0 } } })
  expect((await outcome(scheduler, id)).state).toBe('TASK_FINISHED')
  // And spent.
  const late = freshId()
  await scheduler.call({
    type: 'ACCEPT',
    accept: { offer_ids: [offer.id], operations: [{ type: 'LAUNCH', launch: { task_infos: [taskFor(offer, late)] } }] },
  })
  expect((await outcome(scheduler, late)).reason).toBe('REASON_INVALID_OFFERS')
  await thief.call({ type: 'TEARDOWN' })
})

test('B57: offers are declined for times that are none', async () => {
  for (const refuse_seconds of [-1, 1e18, 1e308, -1e308, 'NaN', 'Infinity', null]) {
    const own = await victims.scheduler({ name: 'decliner' })
    const offer = await own.stream.next(({ type }) => type === 'OFFERS', 'an offer', 300).catch(() => undefined)
    const id = (offer as { offers?: { offers: Offer[] } } | undefined)?.offers?.offers[0]?.id ?? { value: 'x' }
    expect([202, 400], String(refuse_seconds)).toContain(
      (await own.call({ type: 'DECLINE', decline: { offer_ids: [id], filters: { refuse_seconds } } })).status,
    )
    await own.call({ type: 'TEARDOWN' })
  }
})

test('B60: acknowledgements of what never was, by whom it does not concern, a thousand times', async () => {
  const id = freshId()
  await accept(scheduler, (offer) => [taskFor(offer, id, { command: { value: 'sleep 1000' } })])
  const other = await victims.scheduler({ name: 'other', roles: ['other'] })
  const of = (state: string) =>
    scheduler.stream.next((event) => statusIn(event)?.task_id.value === id && statusIn(event)?.state === state)
  const starting = statusIn(await of('TASK_STARTING'))!
  for (const wrong of [
    { uuid: uuid() },
    { agent_id: { value: 'nobody' } },
    { task_id: { value: 'nobody' } },
    { task_id: { value: '' } },
  ])
    expect((await acknowledge(scheduler, { ...starting, ...wrong })).status).toBe(202)
  expect((await acknowledge(other, starting)).status).toBe(202)
  for (const malformed of [
    '',
    'AA==',
    uuid('00000000000000000000000000000000'),
    Buffer.alloc(17, 0x44).toString('base64'),
    'x'.repeat(100_000),
  ])
    expect((await acknowledge(scheduler, { ...starting, uuid: malformed })).status, malformed.slice(0, 50)).toBe(400)
  // Nothing of it was taken for the real one: the next update still waits for that.
  expect(
    scheduler.stream.events.some((event) => statusIn(event)?.task_id.value === id && statusIn(event)?.state === 'TASK_RUNNING'),
  ).toBe(false)
  for (let i = 0; i < 100; i++) expect((await acknowledge(scheduler, starting)).status).toBe(202)
  await acknowledge(scheduler, statusIn(await of('TASK_RUNNING'))!)
  await scheduler.call({ type: 'KILL', kill: { task_id: { value: id } } })
  expect((await outcome(scheduler, id)).state).toBe('TASK_KILLED')
  await other.call({ type: 'TEARDOWN' })
})

test('KILL, SHUTDOWN and MESSAGE of what belongs to others, or is nowhere', async () => {
  const id = freshId()
  await accept(scheduler, (offer) => [taskFor(offer, id, { command: { value: 'sleep 1000' } })])
  await scheduler.update(id, 'TASK_STARTING')
  const { agent_id } = await scheduler.update(id, 'TASK_RUNNING')
  const other = await victims.scheduler({ name: 'other', roles: ['other'] })
  const kill_policy = { grace_period: { nanoseconds: '-9223372036854775808' } }
  const big = 'A'.repeat(1024 * 1024)
  for (const call of [
    { type: 'KILL', kill: { task_id: { value: id }, agent_id, kill_policy } },
    { type: 'KILL', kill: { task_id: { value: '' } } },
    { type: 'KILL', kill: { task_id: { value: 'x'.repeat(100_000) }, agent_id: { value: '..' } } },
    { type: 'SHUTDOWN', shutdown: { executor_id: { value: id }, agent_id } },
    { type: 'SHUTDOWN', shutdown: { executor_id: { value: '../..' }, agent_id } },
    { type: 'MESSAGE', message: { executor_id: { value: id }, agent_id, data: big } },
    { type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: id }, agent_id }, { task_id: { value: '__proto__' } }] } },
    { type: 'RECONCILE_OPERATIONS', reconcile_operations: { operations: [{ operation_id: { value: '' } }] } },
    { type: 'REQUEST', request: { requests: [{ resources: [{ name: 'cpus', type: 'SCALAR' }] }] } },
    { type: 'ACCEPT_INVERSE_OFFERS', accept_inverse_offers: { inverse_offer_ids: [{ value: 'x' }] } },
    { type: 'ACKNOWLEDGE_OPERATION_STATUS', acknowledge_operation_status: { uuid: uuid(), operation_id: { value: 'x' } } },
  ])
    expect((await other.call(call)).status, call.type).toBe(202)
  for (const call of [
    { type: 'KILL', kill: { task_id: { value: id }, agent_id: { value: 'nobody' }, kill_policy } },
    { type: 'MESSAGE', message: { executor_id: { value: 'nobody' }, agent_id, data: big } },
    { type: 'SHUTDOWN', shutdown: { executor_id: { value: 'nobody' }, agent_id } },
  ])
    expect((await scheduler.call(call)).status).toBe(202)
  expect(JSON.parse(await victims.master.read('/tasks')).tasks.find((task: { id: string }) => task.id === id).state).toBe(
    'TASK_RUNNING',
  )
  await scheduler.call({ type: 'KILL', kill: { task_id: { value: id }, kill_policy } })
  expect((await outcome(scheduler, id)).state).toBe('TASK_KILLED')
  await other.call({ type: 'TEARDOWN' })
})

test('B62: reconciliation of a hundred thousand tasks', async () => {
  const own = await victims.scheduler({ name: 'asker', roles: ['asker'] })
  const tasks = Array.from({ length: 100_000 }, (_, i) => ({ task_id: { value: `unknown-${i}` } }))
  expect((await own.call({ type: 'RECONCILE', reconcile: { tasks } })).status).toBe(202)
  await own.stream.next((event) => statusIn(event)?.task_id.value === 'unknown-99999', 'the last answer', 60_000)
  await own.call({ type: 'TEARDOWN' })
})

test('B68: offer constraints that cost more than they may', async () => {
  const constraints = (pattern: string, groups = 1) => ({
    offer_constraints: {
      role_constraints: {
        probe: {
          groups: Array(groups).fill({
            attribute_constraints: [
              { selector: { pseudoattribute_type: 'HOSTNAME' }, predicate: { text_matches: { regex: pattern } } },
            ],
          }),
        },
      },
    },
  })
  for (const pattern of [
    '(a+)+$',
    '(',
    `${'a'.repeat(1000)}{1000}`,
    '((((((((a{100}){100}){100}){100}){100}){100}){100}){100})',
    '\\1',
    '(?=a)',
    '['.repeat(1000),
    '\u0000',
    '(?:'.repeat(50_000),
  ]) {
    const began = performance.now()
    await refusal({ roles: ['probe'], ...multi }, constraints(pattern)).catch(() => undefined)
    expect(performance.now() - began, pattern.slice(0, 30)).toBeLessThan(5000)
  }
  await refusal({ roles: ['probe'], ...multi }, constraints('(a|a)*b', 10_000))
})

test('operations that this master does not know, thousands of them, with and without ids', async () => {
  for (const operation of [
    {},
    { type: 'UNKNOWN' },
    { type: 'RESERVE' },
    { type: 'LAUNCH' },
    { type: 'LAUNCH_GROUP' },
    { type: 'CREATE', create: { volumes: [] } },
    { type: 'FLY' },
  ]) {
    const offer = await wholeOffer(scheduler)
    const operations = [
      operation,
      { ...operation, id: { value: '__proto__' } },
      ...Array(3000).fill({ ...operation, id: { value: 'x'.repeat(1000) } }),
    ]
    const answer = await scheduler.call({
      type: 'ACCEPT',
      accept: { offer_ids: [offer.id], operations, filters: { refuse_seconds: 0 } },
    })
    expect([202, 400], JSON.stringify(operation)).toContain(answer.status)
    if (answer.status === 400) await decline(scheduler, offer)
  }
  expect(await attempt(scheduler, {})).toMatch(/^TASK_FINISHED/)
})

test('calls of operators that end other masters', async () => {
  for (const call of [
    { type: 'REMOVE_QUOTA', remove_quota: { role: 'zzz' } },
    { type: 'RESERVE_RESOURCES', reserve_resources: { agent_id: { value: 'x' }, resources: [] } },
    {
      type: 'CREATE_VOLUMES',
      create_volumes: { agent_id: { value: 'x' }, volumes: [{ name: 'disk', type: 'SCALAR', scalar: { value: 0 } }] },
    },
    {
      type: 'SET_QUOTA',
      set_quota: { quota_request: { role: 'x', guarantee: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 1e308 } }] } },
    },
    { type: 'UPDATE_WEIGHTS', update_weights: { weight_infos: [{ role: 'x', weight: -1e308 }] } },
    { type: 'TEARDOWN', teardown: { framework_id: { value: '..' } } },
    { type: 'MARK_AGENT_GONE', mark_agent_gone: { agent_id: { value: 'x' } } },
    { type: 'DRAIN_AGENT', drain_agent: { agent_id: { value: '' }, max_grace_period: { nanoseconds: '-1' } } },
    { type: 'UPDATE_MAINTENANCE_SCHEDULE', update_maintenance_schedule: { schedule: { windows: [] } } },
    { type: 'SET_LOGGING_LEVEL', set_logging_level: { level: 4294967295, duration: { nanoseconds: '9223372036854775807' } } },
    { type: 'SET_LOGGING_LEVEL', set_logging_level: { level: 0, duration: { nanoseconds: '-9223372036854775808' } } },
  ])
    for (let i = 0; i < 2; i++) {
      const { status } = await victims.master.post('/api/v1', call)
      expect([200, 400, 403, 404, 501], call.type).toContain(status)
    }
  for (const call of [
    { type: 'REMOVE_CONTAINER', remove_container: { container_id: { value: 'nope' } } },
    { type: 'KILL_CONTAINER', kill_container: { container_id: { value: '../..', parent: { value: '..' } }, signal: -1 } },
    { type: 'LAUNCH_CONTAINER', launch_container: { container_id: { value: 'a.b c' } } },
    { type: 'ATTACH_CONTAINER_OUTPUT', attach_container_output: { container_id: { value: '' } } },
    { type: 'PRUNE_IMAGES' },
    { type: 'ADD_RESOURCE_PROVIDER_CONFIG', add_resource_provider_config: { info: { type: '..', name: '..' } } },
    { type: 'MARK_RESOURCE_PROVIDER_GONE', mark_resource_provider_gone: { resource_provider_id: { value: '..' } } },
  ]) {
    const { status } = await victims.agent.post('/api/v1', call)
    expect([200, 400, 404, 501], call.type).toContain(status)
  }
})

test('legacy writes without sense', async () => {
  for (const [method, path, body] of [
    ['POST', '/teardown', 'frameworkId=..'],
    ['POST', '/teardown', ''],
    ['POST', '/master/teardown', 'frameworkId=%00'],
    ['POST', '/reserve', 'slaveId=x&resources=[{]'],
    ['PUT', '/weights', '[{"role":"..","weight":-1}]'],
    ['POST', '/quota', '{"role":"__proto__"}'],
    ['DELETE', '/quota/%2e%2e', ''],
    ['POST', '/machine/down', '[{}]'],
    ['POST', '/maintenance/schedule', '{"windows":[{"machine_ids":[{}]}]}'],
  ] as const) {
    const { status } = await ask(victims.master.url, { method, path, body })
    expect([200, 400, 404, 405, 501], `${method} ${path}`).toContain(status)
  }
})
