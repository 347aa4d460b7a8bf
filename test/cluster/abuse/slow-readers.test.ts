import { type IncomingMessage, request } from 'node:http'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { framework } from '../../support/test-scheduler.js'
import { accept, outcome, scalar, small, taskFor } from './bad-tasks.js'
import { type Victim, Victims } from './victims.js'

/** Subscribers that do not read (B8): each is dropped at its bound, and costs nobody else anything. */

let victims: Victims
beforeAll(async () => {
  victims = await Victims.begin()
})
afterEach(() => victims.areWell())
afterAll(() => victims.end())

/** A subscription of which only the head was read, and as much of the first event as came with it. */
function deaf(victim: Victim, path: string, call: object): Promise<{ answer: IncomingMessage; first: string; stream: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }
    const outgoing = request({ port: victim.port, host: '127.0.0.1', path, method: 'POST', headers, agent: false }, (answer) => {
      answer.on('error', () => {})
      answer.once('data', (piece: Buffer) => {
        answer.pause()
        resolve({ answer, first: piece.toString(), stream: String(answer.headers['mesos-stream-id']) })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(JSON.stringify(call))
  })
}

test('a scheduler that does not read its events is dropped', async () => {
  const info = { ...framework, failover_timeout: 0, roles: ['deaf'] }
  const { answer, first, stream } = await deaf(victims.master, '/api/v1/scheduler', {
    type: 'SUBSCRIBE',
    subscribe: { framework_info: info },
  })
  const id = /"framework_id":\{"value":"([^"]+)"/.exec(first)?.[1]
  const tasks = Array.from({ length: 40_000 }, (_, i) => ({ task_id: { value: `unknown-${i}` } }))
  let status = 202
  for (let i = 0; i < 50 && status === 202; i++) {
    const call = { type: 'RECONCILE', framework_id: { value: id }, reconcile: { tasks } }
    status = (await victims.master.post('/api/v1/scheduler', call, { 'Mesos-Stream-Id': stream })).status
  }
  // Dropped, and without a failover timeout gone.
  expect(status).not.toBe(202)
  answer.destroy()
})

test('an operator who does not read the events is dropped, and who reads is not', async () => {
  const { answer } = await deaf(victims.master, '/api/v1', { type: 'SUBSCRIBE' })
  const name = 'n'.repeat(1024 * 1024)
  for (let i = 0; i < 80; i++) await (await victims.scheduler({ name })).call({ type: 'TEARDOWN' })
  await victims.areWell()
  answer.destroy()
})

test('an executor that does not read its events is dropped, and the agent stays as small as it was', {
  timeout: 120_000,
}, async () => {
  const scheduler = await victims.scheduler()
  const executor = {
    type: 'CUSTOM',
    executor_id: { value: 'deaf' },
    framework_id: { value: scheduler.id },
    command: { value: 'sleep 1000' },
    resources: [scalar('cpus', 0.01), scalar('mem', 32)],
  }
  await accept(scheduler, (offer) => [taskFor(offer, 'deaf', { command: undefined, executor, resources: small() })])
  await expect.poll(() => victims.agent.read('/containers'), { timeout: 20_000 }).toContain('"executor_id":"deaf"')
  const call = { type: 'SUBSCRIBE', framework_id: { value: scheduler.id }, executor_id: { value: 'deaf' }, subscribe: {} }
  const { answer } = await deaf(victims.agent, '/api/v1/executor', call)
  const agent_id = { value: (JSON.parse(await victims.agent.read('/state')) as { id: string }).id }
  const data = 'A'.repeat(4 * 1024 * 1024)
  for (let i = 0; i < 40; i++)
    await scheduler.call({ type: 'MESSAGE', message: { agent_id, executor_id: { value: 'deaf' }, data } })
  const heartbeat = { ...call, type: 'HEARTBEAT', subscribe: undefined }
  await expect.poll(async () => (await victims.agent.post('/api/v1/executor', heartbeat)).status, { timeout: 30_000 }).toBe(403)
  answer.destroy()
  await scheduler.call({ type: 'SHUTDOWN', shutdown: { agent_id, executor_id: { value: 'deaf' } } })
  expect((await outcome(scheduler, 'deaf')).state).toMatch(/TASK_(FAILED|GONE|LOST)/)
})
