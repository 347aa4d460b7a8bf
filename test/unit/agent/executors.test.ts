import { expect, test } from 'vitest'
import { CallType, EventType } from '#wire/executor.js'
import { AgentCallType, AgentEventType } from '#wire/internal.js'
import { TaskState, TaskStatusReason } from '#wire/mesos.js'
import { Driver, executorTask } from './driver.js'

const events = (driver: Driver): number[] => driver.sent.map(({ event }) => event.type!)

test('tasks wait for the executor, and come in the order in which they were launched (T87)', () => {
  const driver = Driver.registered()
  for (const id of ['a', 'b', 'c']) driver.run(executorTask(id))
  expect(driver.did('clone')).toHaveLength(1)
  driver.subscribe()
  const launched = driver.sent.flatMap(({ event }) => event.launch?.task.taskId.value ?? [])
  expect(launched).toEqual(['a', 'b', 'c'])
})

test('a container has the shares of a task before the executor gets it (T91)', () => {
  const driver = Driver.registered()
  driver.run(executorTask('a'))
  driver.subscribe()
  driver.held.add('update')
  driver.run(executorTask('b'))
  expect(driver.did('update')).toMatchObject([{ resources: { cpus: 0.2 } }])
  expect(driver.sent.some(({ event }) => event.launch?.task.taskId.value === 'b')).toBe(false)
  driver.feed({ on: 'updated', container: driver.container('E') })
  expect(driver.sent.at(-1)?.event.launch?.task.taskId.value).toBe('b')
})

test('a container that cannot grow takes its tasks with it (row 8-040)', () => {
  const driver = Driver.registered()
  driver.run(executorTask('a'))
  driver.subscribe()
  driver.held.add('update')
  driver.run(executorTask('b'))
  driver.feed({ on: 'updated', container: driver.container('E'), why: 'no memory' })
  expect(driver.last('b')).toMatchObject({ state: TaskState.TASK_GONE, reason: TaskStatusReason.REASON_CONTAINER_UPDATE_FAILED })
})

test('ACKNOWLEDGED comes after the journal, and again for an update that is sent again', () => {
  const driver = Driver.registered()
  driver.run(executorTask('a'))
  driver.subscribe()
  driver.held.add('record')
  driver.clear()
  const uuid = driver.update('a', TaskState.TASK_RUNNING)
  expect(events(driver)).toEqual([])
  driver.held.clear()
  driver.feedNext(driver.did('record')[0])
  expect(events(driver)).toEqual([EventType.ACKNOWLEDGED])
  driver.update('a', TaskState.TASK_RUNNING, uuid)
  expect(events(driver)).toEqual([EventType.ACKNOWLEDGED, EventType.ACKNOWLEDGED])
  expect(driver.states('a')).toEqual(['RUNNING'])
})

test('what is said of a task after its end reaches the scheduler, but changes and acknowledges nothing', () => {
  const driver = Driver.registered()
  driver.run(executorTask('a'))
  driver.subscribe()
  driver.update('a', TaskState.TASK_FINISHED)
  driver.clear()
  driver.update('a', TaskState.TASK_FAILED)
  expect(events(driver)).toEqual([])
  expect(driver.journal.filter((it) => it.update)).toHaveLength(1)
  expect(driver.agent.counters.tasks).toMatchObject({ finished: 1, failed: 0 })
})

test('an update for another agent is taken and dropped', () => {
  const driver = Driver.registered()
  driver.run(executorTask('a'))
  driver.subscribe()
  const status = { taskId: { value: 'a' }, state: TaskState.TASK_RUNNING, uuid: Buffer.alloc(16), agentId: { value: 'other' } }
  const request = driver.call({ type: CallType.UPDATE, update: { status } })
  expect(driver.answers.get(request)?.status).toBe(202)
  expect(driver.states('a')).toEqual([])
})

test('calls of whom nobody knows, or who has not subscribed, are refused', () => {
  const driver = Driver.registered()
  driver.run(executorTask('a'))
  const early = driver.call({ type: CallType.MESSAGE, message: { data: Buffer.from('x') } })
  const unknown = driver.call({ type: CallType.SUBSCRIBE, subscribe: {} }, 'nope')
  expect(driver.answers.get(early)).toEqual({ status: 403, body: 'Executor is not subscribed' })
  expect(driver.answers.get(unknown)).toEqual({ status: 400, body: 'Executor cannot be found' })
})

test('an executor that never subscribes is ended, and its tasks fail with that reason', () => {
  const driver = Driver.registered()
  driver.run(executorTask('a'))
  driver.pass(59_999)
  expect(driver.states('a')).toEqual([])
  driver.pass(1)
  expect(driver.last('a')).toMatchObject({
    state: TaskState.TASK_FAILED,
    reason: TaskStatusReason.REASON_EXECUTOR_REGISTRATION_TIMEOUT,
  })
})

test('FAILURE with the raw status comes before the updates of the tasks', () => {
  const driver = Driver.registered()
  driver.run(executorTask('a'))
  driver.subscribe()
  driver.clear()
  driver.end(driver.container('E'), { waitStatus: 768 })
  expect(driver.told[0]).toMatchObject({ type: AgentCallType.EXITED_EXECUTOR, exitedExecutor: { status: 768 } })
  expect(driver.last('a')).toMatchObject({
    state: TaskState.TASK_FAILED,
    reason: TaskStatusReason.REASON_EXECUTOR_TERMINATED,
    message: 'Executor terminated',
  })
})

test('an executor whose first tasks were all killed is shut down when it comes (T89)', () => {
  const driver = Driver.registered()
  driver.run(executorTask('a'))
  driver.kill('a')
  expect(driver.last('a').reason).toBe(TaskStatusReason.REASON_TASK_KILLED_DURING_LAUNCH)
  driver.subscribe()
  expect(events(driver)).toEqual([EventType.SHUTDOWN])
  driver.pass(5000)
  expect(driver.did('kill')).toHaveLength(1)
})

test('a new stream ends the old one, and a KILL meanwhile is not lost', () => {
  const driver = Driver.registered()
  driver.run(executorTask('a'))
  const first = driver.subscribe()
  driver.feed({ on: 'executorGone', stream: first })
  driver.kill('a')
  const listed = { unacknowledgedTasks: [executorTask('a')] }
  driver.clear()
  const second = driver.subscribe(listed)
  expect(events(driver)).toEqual([EventType.SUBSCRIBED, EventType.KILL])
  driver.subscribe(listed)
  expect(driver.did('close')).toEqual([{ do: 'close', stream: second }])
})

test('a task that the executor does not know when it comes back is dropped, and the idle executor ends (§0, 8-031)', () => {
  const driver = Driver.registered()
  driver.run(executorTask('a'))
  driver.subscribe()
  driver.clear()
  driver.subscribe()
  expect(driver.last('a')).toMatchObject({ state: TaskState.TASK_DROPPED, reason: TaskStatusReason.REASON_AGENT_RESTARTED })
})

test('after TEARDOWN nothing more is said, and everything goes', () => {
  const driver = Driver.registered()
  driver.run(executorTask('a'))
  driver.subscribe()
  driver.update('a', TaskState.TASK_RUNNING)
  driver.clear()
  driver.master({ type: AgentEventType.SHUTDOWN_FRAMEWORK, shutdownFramework: { frameworkId: { value: 'F' } } })
  expect(events(driver)).toEqual([EventType.SHUTDOWN])
  driver.pass(5000)
  expect(driver.told.filter((it) => it.update || it.exitedExecutor)).toHaveLength(0)
  expect(driver.agent.runs.size).toBe(0)
  expect(driver.agent.frameworks.size).toBe(0)
})

test('a further task goes to the executor only after its record was written; if that fails, it fails alone', () => {
  const driver = Driver.registered()
  driver.run(executorTask('a'))
  driver.subscribe()
  driver.held.add('record')
  driver.run(executorTask('b'))
  driver.run(executorTask('c'))
  const launched = (): unknown[] => driver.sent.flatMap(({ event }) => event.launch?.task.taskId.value ?? [])
  expect(launched()).toEqual(['a'])
  const container = driver.container('E')
  driver.held.clear()
  driver.feed({ on: 'taskUnknowable', container, task: 'b' })
  driver.feed({ on: 'taskKnown', container, task: 'c' })
  expect(launched()).toEqual(['a', 'c'])
  expect(driver.last('b')).toMatchObject({ state: TaskState.TASK_FAILED })
})
