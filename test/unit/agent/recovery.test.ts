import { expect, test } from 'vitest'
import { createAgent } from '#agent/core/state.js'
import { restore } from '#agent/recovery/restore.js'
import { snapshot } from '#agent/recovery/snapshot.js'
import { Random } from '#base/random.js'
import { EventType } from '#wire/executor.js'
import { AgentCallType, AgentEventType, JournalRecord } from '#wire/internal.js'
import { TaskState, TaskStatusReason } from '#wire/mesos.js'
import { decode, encode } from '#wire/protobuf.js'
import { agentConfig } from '../../support/core-settings.js'
import { agentInfo, commandTask, Driver, executorTask, framework } from './driver.js'

const subscribeOf = (driver: Driver) => {
  const effect = driver.did('connect').at(-1)
  if (effect?.do !== 'connect') throw new Error('the agent did not connect')
  return effect.call.subscribe!
}

test('an agent that returns brings its tasks back with their states, and repeats what nobody acknowledged', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t'))
  driver.acknowledge('t')
  driver.restart()
  expect(subscribeOf(driver).tasks).toMatchObject([{ taskId: { value: 't' }, state: TaskState.TASK_RUNNING }])
  expect(driver.states('t')).toEqual(['RUNNING'])
  driver.acknowledge('t')
  driver.restart()
  expect(driver.states('t')).toEqual([])
  driver.end(driver.container('t'), { waitStatus: 0 })
  expect(driver.states('t')).toEqual(['FINISHED'])
})

test('a terminal update that was journaled is repeated, and no second one is made', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t'))
  driver.acknowledgeAll('t')
  driver.held.add('destroy')
  const container = driver.container('t')
  driver.end(container, { waitStatus: 0 })
  driver.held.clear()
  driver.restart()
  driver.end(container, { waitStatus: 0 })
  expect(driver.states('t')).toEqual(['FINISHED'])
  driver.acknowledge('t')
  expect(driver.agent.runs.size).toBe(0)
  driver.restart()
  expect(subscribeOf(driver).tasks).toEqual([])
})

test('between clone and go nothing is known to run: the task is dropped, and its container is nobody’s', () => {
  const driver = Driver.registered()
  driver.held.add('clone')
  driver.run(commandTask('t'))
  driver.restart()
  expect(driver.last('t')).toMatchObject({ state: TaskState.TASK_DROPPED, reason: TaskStatusReason.REASON_AGENT_RESTARTED })
})

test('a supervisor that left before go means the same', () => {
  const driver = Driver.registered()
  driver.held.add('go')
  driver.run(commandTask('t'))
  const container = driver.container('t')
  // The record was written, but the agent died before anything that followed.
  driver.journal.splice(driver.journal.findIndex((it) => it.update))
  driver.alive.delete(container)
  driver.restart()
  driver.end(container, { state: TaskState.TASK_FAILED, reason: TaskStatusReason.REASON_EXECUTOR_TERMINATED, message: 'gone' })
  expect(driver.last('t')).toMatchObject({ state: TaskState.TASK_DROPPED, reason: TaskStatusReason.REASON_AGENT_RESTARTED })
})

test('a kill is seen through by the next agent', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t'))
  driver.acknowledgeAll('t')
  driver.kill('t')
  driver.restart()
  expect(driver.did('stop')).toHaveLength(1)
  driver.pass(3000)
  driver.acknowledgeAll('t')
  expect(driver.last('t').state).toBe(TaskState.TASK_KILLED)
})

test('the time a task may take goes on over a restart', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t', { maxCompletionTime: { nanoseconds: 60_000_000_000n } }))
  driver.acknowledgeAll('t')
  driver.pass(40_000)
  driver.restart()
  driver.pass(19_999)
  expect(driver.did('kill')).toHaveLength(0)
  driver.pass(1)
  expect(driver.did('kill')).toHaveLength(1)
})

test('an executor comes back with its tasks; one that does not is ended, its tasks are gone (T7)', () => {
  const driver = Driver.registered()
  driver.run(executorTask('a'))
  driver.subscribe()
  driver.update('a', TaskState.TASK_RUNNING)
  driver.acknowledgeAll('a')
  driver.restart()
  driver.subscribe({ unacknowledgedTasks: [executorTask('a')] })
  expect(driver.sent.map(({ event }) => event.type)).toEqual([EventType.SUBSCRIBED])
  driver.restart()
  driver.pass(2000)
  expect(driver.told.find((it) => it.exitedExecutor)).toMatchObject({ exitedExecutor: { status: 9 } })
  expect(driver.last('a')).toMatchObject({
    state: TaskState.TASK_GONE,
    reason: TaskStatusReason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT,
  })
})

test('after a reboot the tasks are lost by the reboot, once', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t'))
  driver.acknowledgeAll('t')
  driver.alive.clear()
  driver.restart({ rebooted: true })
  expect(driver.last('t')).toMatchObject({ state: TaskState.TASK_GONE, reason: TaskStatusReason.REASON_AGENT_RESTARTED })
  driver.acknowledgeAll('t')
  expect(driver.agent.runs.size).toBe(0)
})

test('what a framework without checkpointing has is not recorded (row 1-051)', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t'), framework({ checkpoint: false }))
  driver.acknowledgeAll('t')
  expect(driver.states('t')).toEqual(['STARTING', 'RUNNING'])
  expect(driver.journal).toEqual([])
})

test('a rewritten journal restores to the same, byte for byte, and every record survives its encoding', () => {
  const driver = Driver.registered()
  driver.run(commandTask('a'))
  driver.acknowledge('a')
  driver.run(commandTask('b'))
  driver.acknowledgeAll('b')
  driver.kill('b')
  driver.run(executorTask('c'))
  driver.subscribe()
  driver.update('c', TaskState.TASK_RUNNING)
  const bytes = (records: JournalRecord[]): Buffer => Buffer.concat(records.map((it) => encode(JournalRecord, it)))
  const before = snapshot(driver.agent)
  driver.journal.splice(0, driver.journal.length, ...before.map((it) => decode(JournalRecord, encode(JournalRecord, it))))
  driver.held.add('stop')
  driver.restart()
  expect(bytes(snapshot(driver.agent))).toEqual(bytes(before))
})

test('what waited while the journal was rewritten is in it twice, and counts once', () => {
  const driver = Driver.registered()
  driver.run(commandTask('over'))
  driver.acknowledgeAll('over')
  driver.end(driver.container('over'), { waitStatus: 0 })
  driver.acknowledgeAll('over')
  driver.run(commandTask('ended'))
  driver.acknowledge('ended')
  driver.end(driver.container('ended'), { waitStatus: 0 })
  driver.run(executorTask('c'))
  driver.subscribe()
  driver.update('c', TaskState.TASK_RUNNING)
  driver.run(executorTask('d'))
  driver.update('d', TaskState.TASK_RUNNING)
  driver.update('d', TaskState.TASK_FINISHED)
  driver.acknowledge('d')
  const restored = (records: JournalRecord[]): string => {
    const agent = createAgent(agentConfig, { ...agentInfo, id: { value: 'S0' } }, new Random(1))
    restore(agent, records)
    return snapshot(agent)
      .map((it) => encode(JournalRecord, it).toString('hex'))
      .join('\n')
  }
  const rewritten = snapshot(driver.agent)
  const once = restored(rewritten)
  for (let from = 0; from <= driver.journal.length; from++) {
    expect(restored([...rewritten, ...driver.journal.slice(from)]), `from record ${from}`).toBe(once)
  }
})

test('every prefix of the journal leads to an agent that can go on', () => {
  const whole = Driver.registered()
  whole.run(commandTask('t'))
  whole.acknowledgeAll('t')
  whole.run(executorTask('c'))
  whole.subscribe()
  whole.update('c', TaskState.TASK_RUNNING)
  whole.acknowledgeAll('c')
  whole.end(whole.container('t'), { waitStatus: 0 })
  whole.acknowledgeAll('t')
  for (let length = 0; length <= whole.journal.length; length++) {
    const driver = new Driver()
    driver.journal.push(...whole.journal.slice(0, length))
    driver.restart()
    driver.pass(10_000)
    for (const executor of [...driver.agent.runs.values()]) driver.end(executor.containerId, {})
    for (const task of ['t', 'c']) driver.acknowledgeAll(task)
    expect([...driver.agent.runs.keys()], `after ${length} records`).toEqual([])
  }
})

test('the master hears of tasks that it believes to be here and are not', () => {
  const driver = Driver.registered()
  const entry = (task: string, partitionAware: boolean) => ({
    frameworkId: { value: 'G' },
    taskId: { value: task },
    partitionAware,
  })
  driver.master({
    type: AgentEventType.RECONCILE_TASKS,
    reconcileTasks: { tasks: [entry('x', true), entry('y', false)] },
  })
  expect(driver.told.slice(-2).map((it) => it.update?.status.state)).toEqual([TaskState.TASK_DROPPED, TaskState.TASK_LOST])
})

test('an update is repeated after 10 s, then 20 s, until it is acknowledged; a new link repeats it at once', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t'))
  const sent = (): number => driver.told.filter((it) => it.update).length
  expect(sent()).toBe(1)
  driver.pass(10_000)
  expect(sent()).toBe(2)
  driver.pass(19_999)
  expect(sent()).toBe(2)
  driver.pass(1)
  expect(sent()).toBe(3)
  driver.feed({ on: 'unlinked', why: 'test' })
  driver.pass(100)
  driver.register()
  expect(sent()).toBe(4)
  driver.acknowledge('t')
  driver.acknowledge('t')
  const before = sent()
  driver.pass(3_600_000)
  expect(sent()).toBe(before)
})

test('a silent master is given up after five of its heartbeats, and the agent comes back by itself', () => {
  const driver = Driver.registered()
  driver.clear()
  driver.pass(74_999)
  expect(driver.did('connect')).toHaveLength(0)
  expect(driver.told.filter((it) => it.type === AgentCallType.HEARTBEAT)).toHaveLength(4)
  driver.pass(1000)
  expect(driver.did('disconnect')).toHaveLength(1)
  expect(driver.did('connect')).toHaveLength(1)
})

test('a new agent runs nothing before its identity is durable, and forgets no launch meanwhile', () => {
  const driver = new Driver()
  driver.held.add('saveIdentity')
  driver.feed({ on: 'recovered', live: [], rebooted: false })
  driver.register()
  driver.run(commandTask('t'))
  expect(driver.did('clone')).toHaveLength(0)
  driver.feed({ on: 'identitySaved' })
  expect(driver.did('clone')).toHaveLength(1)
  expect(driver.states('t')).toEqual(['STARTING'])
})
