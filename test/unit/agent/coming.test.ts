import { expect, test } from 'vitest'
import { waitingFor } from '#agent/coming-sentence.js'
import type { AgentInput } from '#agent/core/events.js'
import { StartWatch } from '#agent/start-watch.js'
import type { Clock } from '#base/clock.js'
import { type Transfer, TransferGroup } from '#containerizer/transfers.js'
import { TaskState, TaskStatusReason, TaskStatusSource } from '#wire/mesos.js'
import { commandTask, Driver, executorTask } from './driver.js'

/** A command task whose image comes slowly. */
function pulling(): { driver: Driver; comes: (message: string) => void } {
  const driver = Driver.registered()
  driver.held.add('clone')
  driver.run(commandTask('t'))
  const container = driver.container('t')
  return { driver, comes: (message) => driver.feed({ on: 'coming', container, message }) }
}

test('what a command task waits for is told as TASK_STARTING in the name of the agent', () => {
  const { driver, comes } = pulling()
  comes('Pulling a: 1 MB of 9 MB, 0 of 2 layers')
  expect(driver.last('t')).toMatchObject({
    state: TaskState.TASK_STARTING,
    source: TaskStatusSource.SOURCE_AGENT,
    message: 'Pulling a: 1 MB of 9 MB, 0 of 2 layers',
  })
  driver.acknowledge('t')
  driver.feed({ on: 'cloned', container: driver.container('t'), supervisor: { pid: 7, startTime: 1n, socket: '/s' } })
  driver.acknowledgeAll('t')
  // Its executor says its own, as if it had been there at once.
  expect(driver.states('t')).toEqual(['STARTING', 'STARTING', 'RUNNING'])
  expect(driver.told.flatMap(({ update }) => (update ? [update.status.source] : []))).toContain(TaskStatusSource.SOURCE_EXECUTOR)
})

test('no second one comes before the scheduler has heard of the first', () => {
  const { driver, comes } = pulling()
  for (let i = 0; i < 100; i++) comes(`${i} MB`)
  expect(driver.agent.updates.get('F/t')?.pending).toHaveLength(1)
  driver.acknowledge('t')
  comes('100 MB')
  driver.acknowledge('t')
  expect(driver.states('t')).toEqual(['STARTING', 'STARTING'])
})

test('who runs, ends, is told to end, or has an executor of its own is not told of', () => {
  const { driver, comes } = pulling()
  driver.kill('t')
  comes('too late')
  expect(driver.states('t')).not.toContain('STARTING')

  const running = Driver.registered()
  running.run(commandTask('r'))
  running.acknowledgeAll('r')
  running.feed({ on: 'coming', container: running.container('r'), message: 'late' })
  expect(running.states('r')).toEqual(['STARTING', 'RUNNING'])

  const custom = Driver.registered()
  custom.held.add('clone')
  custom.run(executorTask('c'))
  custom.feed({ on: 'coming', container: custom.container('E'), message: 'not ours to say' })
  expect(custom.states('c')).toEqual([])
})

test('an agent that dies while an image comes says that the task was never started', () => {
  const { driver, comes } = pulling()
  comes('half')
  driver.acknowledge('t')
  driver.held.clear()
  driver.restart()
  expect(driver.last('t')).toMatchObject({
    state: TaskState.TASK_DROPPED,
    reason: TaskStatusReason.REASON_AGENT_RESTARTED,
    message: 'The agent restarted before the task was started',
  })
})

const layer = (phase: Transfer['phase'], bytes = 0, total?: number): Transfer => ({
  kind: 'layer',
  name: 'x',
  phase,
  bytes,
  total,
})
const image = { container: { mesos: { image: { type: 2 as const, docker: { name: 'alpine:3' } } } } }

test.each([
  [
    [layer('running', 12_300_000, 40_000_000), layer('done', 5_600_000, 5_600_000), layer('here')],
    'Pulling alpine:3: 17.9 MB of 45.6 MB, 2 of 3 layers',
  ],
  [[layer('running', 12_300_000), layer('waiting')], 'Pulling alpine:3: 12.3 MB so far, 0 of 2 layers'],
  [[layer('done'), { ...layer('running', 5, 10), kind: 'uri' as const }], 'Fetching files: 5 B of 10 B, 0 of 1 files'],
  [[layer('done'), layer('here')], undefined],
  [[], undefined],
])('%j', (transfers, sentence) => {
  expect(waitingFor(transfers, { container: { type: 2, ...image.container } })).toBe(sentence)
})

test('a start that takes long is told of after a second, then every five seconds, and only what is new', () => {
  const timers: { at: number; callback: () => void }[] = []
  let now = 0
  const clock: Clock = {
    now: () => now,
    at: (at, callback) => {
      const timer = { at, callback }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), 1)
    },
  }
  const pass = (until: number): void => {
    for (let due = timers.find(({ at }) => at <= until); due; due = timers.find(({ at }) => at <= until)) {
      timers.splice(timers.indexOf(due), 1)
      now = due.at
      due.callback()
    }
    now = until
  }
  const group = new TransferGroup('c')
  group.set('layer', 'x', { phase: 'running', bytes: 0, total: 100 })
  const told: [number, AgentInput][] = []
  const watch = new StartWatch(
    clock,
    () => [group],
    (event) => told.push([now, event]),
  )
  const config = { id: 'c', command: {}, sandbox: '/s', resources: { requests: {}, limits: {} } } as never
  watch.begin(config)
  pass(900)
  expect(told).toEqual([])
  for (let second = 1; second <= 12; second++) {
    if (second <= 8) group.set('layer', 'x', { bytes: second })
    pass(second * 1000)
  }
  expect(told.map(([at, event]) => [at, event.on === 'coming' && event.message])).toEqual([
    [1000, 'Pulling an image: 1 B of 100 B, 0 of 1 layers'],
    [6000, 'Pulling an image: 6 B of 100 B, 0 of 1 layers'],
    [11_000, 'Pulling an image: 8 B of 100 B, 0 of 1 layers'],
  ])
  watch.end('c')
  pass(60_000)
  expect([told.length, timers.length]).toEqual([3, 0])
})
