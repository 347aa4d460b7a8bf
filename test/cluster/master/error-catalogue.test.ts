import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Master } from '#master/master.js'
import { LinkAgent } from '../../support/link-agent.js'
import { ask, type JsonEvent, JsonStream } from '../../support/plain-http.js'
import { recorded } from '../../support/recordings.js'
import { testMaster } from '../../support/test-master.js'

/** A bad request that a real Mesos got: what it answered, and what events that caused. */
interface Entry {
  name: string
  request: {
    method?: string | null
    path?: string | null
    port?: number | null
    headers?: Record<string, string | null> | null
    body?: unknown
    type?: string
  }
  status: string | null
  events?: JsonEvent[]
}

/** Calls that this master does not have yet: they come with their own issues. */
const later = [
  'master op: SET_QUOTA role star',
  'master op: SET_QUOTA not enough',
  'master op: UPDATE_QUOTA limits < guarantees',
  'master op: UPDATE_WEIGHTS negative',
  'master op: RESERVE_RESOURCES unknown agent',
  'master op: START_MAINTENANCE unknown',
  'master op: UPDATE_MAINTENANCE_SCHEDULE empty machine',
  'master op: UPDATE_MAINTENANCE_SCHEDULE negative',
]
const masterPort = 15050
/** One request has a number that JSON does not know; here it stands as a text, and is sent as it was. */
const literal = '"Infinity, literally"'
const catalogue = recorded('errors/catalogue.json').toString().replaceAll('"value": Infinity', `"value": ${literal}`)
const entries = (JSON.parse(catalogue) as Entry[]).filter(
  ({ name, request }) => (request.port ?? masterPort) === masterPort && !name.startsWith('agent ') && !later.includes(name),
)
const json = { 'Content-Type': 'application/json', Accept: 'application/json' }
const recordedStatus = ({ status }: Entry): number => Number(String(status).split(' ')[1])

let master: Master
let agent: LinkAgent
beforeAll(async () => {
  master = await testMaster()
  agent = new LinkAgent(master.url)
  await agent.connect()
})
afterAll(async () => {
  agent.disconnect()
  await master.close()
})

const withPath = entries.filter(({ request }) => request.path)
const subscriptions = entries.filter(({ name }) => name.startsWith('subscribe: '))
const onStream = entries.filter(({ name, request }) => !request.path && !name.startsWith('subscribe: '))

test('every recorded request is tried', () => {
  expect(withPath.length + subscriptions.length + onStream.length).toBe(entries.length)
  expect(entries.length).toBeGreaterThan(100)
})

describe('requests by themselves', () => {
  test.each(withPath.map((entry) => [entry.name, entry] as const))('%s', async (_, entry) => {
    const { method, path, headers, body } = entry.request
    const given = Object.fromEntries(Object.entries(headers ?? {}).filter((pair): pair is [string, string] => pair[1] !== null))
    const text = typeof body === 'string' ? body : ''
    // Protobuf bodies were recorded as hexadecimal digits.
    const sent = given['Content-Type'] === 'application/x-protobuf' ? Buffer.from(text, 'hex') : text
    const answer = await ask(master.url, {
      method: method ?? 'POST',
      path: path ?? '/',
      headers: given,
      ...(sent.length > 0 && { body: sent }),
    })
    expect(answer.status, answer.body).toBe(recordedStatus(entry))
  })
})

describe('subscriptions', () => {
  test.each(subscriptions.map((entry) => [entry.name, entry] as const))('%s', async (_, entry) => {
    const stream = await JsonStream.open(master.url, '/api/v1/scheduler', entry.request)
    expect(stream.status).toBe(recordedStatus(entry))
    const [expected] = entry.events ?? []
    const event = await stream.next(() => true, expected?.type)
    expect(event.type).toBe(expected?.type)
    if (expected?.type === 'ERROR') await stream.end()
    stream.close()
  })
})

describe('calls of one scheduler', () => {
  const capabilities = [{ type: 'MULTI_ROLE' }, { type: 'PARTITION_AWARE' }, { type: 'TASK_KILLING_STATE' }]
  const info = { user: 'root', name: 'errors', roles: ['probe'], checkpoint: true, failover_timeout: 60, capabilities }
  let stream: JsonStream
  let framework: string
  let lastOffer = ''

  beforeAll(async () => {
    stream = await JsonStream.open(master.url, '/api/v1/scheduler', { type: 'SUBSCRIBE', subscribe: { framework_info: info } })
    const { subscribed } = (await stream.next(({ type }) => type === 'SUBSCRIBED')) as {
      subscribed?: { framework_id: { value: string } }
    }
    framework = subscribed!.framework_id.value
  })
  afterAll(() => stream.close())

  const post = (call: object, headers: Record<string, string | null> = {}) => {
    const all = { ...json, 'Mesos-Stream-Id': stream.streamId, ...headers }
    const given = Object.fromEntries(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== null))
    const body = JSON.stringify({ framework_id: { value: framework }, ...call })
    return ask(master.url, { path: '/api/v1/scheduler', headers: given, body: body.replaceAll(literal, 'Infinity') })
  }

  const decline = (id: string) =>
    post({ type: 'DECLINE', decline: { offer_ids: [{ value: id }], filters: { refuse_seconds: 0 } } })

  /** An offer that has room for a task. What tasks freed comes in pieces; given back, the pieces come together. */
  const offer = async (): Promise<string> => {
    for (;;) {
      await post({ type: 'REVIVE' })
      const event = (await stream.next(({ type }) => type === 'OFFERS', 'an offer')) as unknown as Offers
      const [{ id, resources }] = event.offers.offers
      const cpus = resources.find(({ name }) => name === 'cpus')?.scalar?.value ?? 0
      if (cpus >= 1) return id.value
      await decline(id.value)
    }
  }

  const acknowledge = async (status: { agent_id?: object; task_id?: object; uuid?: string }): Promise<void> => {
    if (status.uuid)
      await post({ type: 'ACKNOWLEDGE', acknowledge: { agent_id: status.agent_id, task_id: status.task_id, uuid: status.uuid } })
  }

  test.each(onStream.map((entry) => [entry.name, entry] as const))('%s', async (_, entry) => {
    const own = 'type' in entry.request ? entry.request : (entry.request.body as JsonEvent)
    const accepts = entry.request.type === 'ACCEPT'
    if (accepts && !entry.name.includes('already used')) lastOffer = await offer()
    const text = JSON.stringify(own)
      .replace(/[0-9a-f-]{36}-O\d+/g, lastOffer)
      .replace(/[0-9a-f-]{36}-S\d+/g, agent.id!.value)
      .replace(/[0-9a-f-]{36}-0016/g, framework)
    const headers = 'type' in entry.request ? {} : (entry.request.headers ?? {})
    const answer = await post(JSON.parse(text) as object, headers)
    expect(answer.status, answer.body).toBe(recordedStatus(entry))
    for (const expected of entry.events ?? []) await expectLike(expected)
    if (accepts && recordedStatus(entry) !== 202) await decline(lastOffer)
  })

  /** The master's own verdicts must be the recorded ones; of what agent and executor say, that the task reached them is enough here. */
  const expectLike = async (expected: JsonEvent): Promise<void> => {
    if (expected.type === 'OFFERS' || expected.type === 'HEARTBEAT') return
    const wanted = statusIn(expected)
    if (wanted && wanted.source !== 'SOURCE_MASTER') {
      if (wanted.state !== 'TASK_STARTING' && wanted.state !== 'TASK_RUNNING') return
      const event = await stream.next(
        (it) => statusIn(it)?.task_id?.value === wanted.task_id?.value && statusIn(it)?.state === wanted.state,
        wanted.state,
      )
      return acknowledge(statusIn(event)!)
    }
    if (wanted) {
      const event = await stream.next(
        (it) => statusIn(it)?.task_id?.value === wanted.task_id?.value && statusIn(it)?.source === 'SOURCE_MASTER',
        wanted.state,
      )
      const status = statusIn(event)!
      expect([status.state, status.reason, 'uuid' in status]).toEqual([wanted.state, wanted.reason, 'uuid' in wanted])
      expect(Object.keys(status)).toEqual(expect.arrayContaining(Object.keys(wanted)))
      return
    }
    const event = await stream.next(({ type }) => type === expected.type, expected.type)
    expect(operationIn(event)?.state).toBe(operationIn(expected)?.state)
    expect(operationIn(event)?.operation_id).toEqual(operationIn(expected)?.operation_id)
  }
})

interface Offers {
  offers: { offers: [{ id: { value: string }; resources: { name: string; scalar?: { value: number } }[] }] }
}

type Status = { task_id?: { value: string }; agent_id?: object; state?: string; source?: string; reason?: string; uuid?: string }

/** Recorded either as the whole event or as its status alone. */
function statusIn(event: JsonEvent): Status | undefined {
  if (event.type === 'UPDATE') return (event as unknown as { update: { status: Status } }).update.status
  return 'task_id' in event ? (event as Status) : undefined
}

function operationIn(event: JsonEvent): { state?: string; operation_id?: object } | undefined {
  return (event as { update_operation_status?: { status: { state?: string; operation_id?: object } } }).update_operation_status
    ?.status
}
