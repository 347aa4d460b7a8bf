import { expect, test } from 'vitest'
import { TaskState, TaskStatusReason, TaskStatusSource } from '#wire/mesos.js'
import { commandTask, Driver, framework } from './driver.js'

test('a command task goes STARTING, RUNNING, FINISHED, each after the one before was acknowledged', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t'))
  expect(driver.states('t')).toEqual(['STARTING'])
  driver.acknowledge('t')
  expect(driver.states('t')).toEqual(['STARTING', 'RUNNING'])
  driver.end(driver.container('t'), { waitStatus: 0 })
  driver.acknowledge('t')
  expect(driver.states('t')).toEqual(['STARTING', 'RUNNING', 'FINISHED'])
  expect(driver.last('t')).toMatchObject({
    message: 'Command exited with status 0',
    source: TaskStatusSource.SOURCE_EXECUTOR,
    executorId: { value: 't' },
    containerStatus: { executorPid: 9 },
  })
  expect(driver.last('t').reason).toBeUndefined()
})

test.each([
  [768, TaskState.TASK_FAILED, 'Command exited with status 3'],
  [9, TaskState.TASK_FAILED, 'Command terminated with signal Killed'],
  [139, TaskState.TASK_FAILED, 'Command terminated with signal Segmentation fault (core dumped)'],
])('wait status %i is reported truthfully', (waitStatus, state, message) => {
  const driver = Driver.registered()
  driver.run(commandTask('t'))
  driver.end(driver.container('t'), { waitStatus })
  driver.acknowledge('t')
  driver.acknowledge('t')
  expect(driver.last('t')).toMatchObject({ state, message })
})

test('the container goes only after its record was written', () => {
  const driver = Driver.registered()
  driver.held.add('record')
  driver.run(commandTask('t'))
  expect(driver.did('clone')).toHaveLength(1)
  expect(driver.did('go')).toHaveLength(0)
  const records = driver.did('record').flatMap((it) => (it.do === 'record' ? it.records : []))
  expect(records.at(-1)).toMatchObject({ container: { supervisorPid: 7 } })
  driver.feed({ on: 'containerKnown', container: driver.container('t') })
  expect(driver.did('go')).toHaveLength(1)
})

test('no update is forwarded before it is in the journal, synced', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t'))
  driver.acknowledgeAll('t')
  driver.held.add('record')
  driver.clear()
  driver.end(driver.container('t'), { waitStatus: 0 })
  expect(driver.told).toHaveLength(0)
  const [record] = driver.did('record')
  expect(record).toMatchObject({ synced: true, next: { on: 'journaled' } })
  driver.feedNext(record)
  expect(driver.states('t')).toEqual(['FINISHED'])
})

test('a full disk fails the launch with that reason, and nothing runs', () => {
  const driver = Driver.registered()
  driver.held.add('record')
  driver.run(commandTask('t'))
  driver.held.clear()
  driver.feed({ on: 'containerUnknowable', container: driver.container('t') })
  expect(driver.did('go')).toHaveLength(0)
  expect(driver.last('t')).toMatchObject({
    state: TaskState.TASK_FAILED,
    reason: TaskStatusReason.REASON_CONTAINER_LAUNCH_FAILED,
    message: expect.stringContaining('full'),
  })
})

test('a limit that was broken is reported by the agent, with its reason', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t'))
  driver.acknowledgeAll('t')
  const limitation = { resources: [] }
  const reason = TaskStatusReason.REASON_CONTAINER_LIMITATION_MEMORY
  driver.end(driver.container('t'), { waitStatus: 9, state: TaskState.TASK_FAILED, reason, message: 'too much', limitation })
  expect(driver.last('t')).toMatchObject({ source: TaskStatusSource.SOURCE_AGENT, reason, message: 'too much', limitation })
})

test('the same launch twice runs once, and another task of that id is refused without harm', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t'))
  driver.run(commandTask('t'))
  expect(driver.did('clone')).toHaveLength(1)
  driver.run(commandTask('t', { command: { value: 'other' } }))
  expect(driver.did('clone')).toHaveLength(1)
  driver.acknowledgeAll('t')
  expect(driver.states('t')).toEqual(['STARTING', 'RUNNING', 'ERROR'])
  expect(driver.agent.runs.size).toBe(1)
})

test('the run is forgotten when its container is gone and all is acknowledged, and not before', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t'))
  driver.end(driver.container('t'), { waitStatus: 0 })
  expect(driver.agent.runs.size).toBe(1)
  driver.acknowledgeAll('t')
  expect(driver.agent.runs.size).toBe(0)
  expect(driver.agent.updates.size).toBe(0)
  expect(driver.did('retire')).toHaveLength(1)
  expect(driver.agent.completedFrameworks.map((it) => it.id)).toEqual(['F'])
})

test('TASK_KILLING only for frameworks that know it; then SIGTERM, and SIGKILL after the grace period', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t', { killPolicy: { gracePeriod: { nanoseconds: 1_000_000_000n } } }))
  driver.acknowledgeAll('t')
  driver.kill('t')
  expect(driver.states('t').at(-1)).toBe('KILLING')
  driver.kill('t')
  expect(driver.did('stop')).toEqual([{ do: 'stop', container: driver.container('t') }])
  driver.pass(999)
  expect(driver.did('kill')).toHaveLength(0)
  driver.pass(1)
  driver.acknowledgeAll('t')
  expect(driver.last('t')).toMatchObject({ state: TaskState.TASK_KILLED, message: 'Command terminated with signal Killed' })
})

test('a task that ends with 0 after a kill is KILLED, not FINISHED (T107)', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t'), framework({ capabilities: [] }))
  driver.acknowledgeAll('t')
  driver.kill('t')
  expect(driver.states('t').at(-1)).toBe('RUNNING')
  driver.end(driver.container('t'), { waitStatus: 0 })
  expect(driver.last('t').state).toBe(TaskState.TASK_KILLED)
})

test('a task killed while its container is being made never starts', () => {
  const driver = Driver.registered()
  driver.held.add('clone')
  driver.run(commandTask('t'))
  const container = driver.container('t')
  driver.kill('t')
  // So that an image which is still on its way does not keep it.
  expect(driver.did('kill')).toHaveLength(1)
  driver.feed({ on: 'cloned', container, supervisor: { pid: 7, startTime: 8n, socket: '/s' } })
  expect(driver.did('go')).toHaveLength(0)
  expect(driver.did('destroy')).toHaveLength(1)
  expect(driver.last('t')).toMatchObject({
    state: TaskState.TASK_KILLED,
    reason: TaskStatusReason.REASON_TASK_KILLED_DURING_LAUNCH,
  })
  driver.acknowledgeAll('t')
  expect(driver.agent.runs.size).toBe(0)
})

test('a task that runs longer than its max_completion_time fails with that reason, without grace', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t', { maxCompletionTime: { nanoseconds: 2_000_000_000n } }))
  driver.acknowledgeAll('t')
  driver.pass(2000)
  driver.acknowledgeAll('t')
  expect(driver.did('stop')).toHaveLength(0)
  expect(driver.last('t')).toMatchObject({
    state: TaskState.TASK_FAILED,
    reason: TaskStatusReason.REASON_MAX_COMPLETION_TIME_REACHED,
  })
})

test('task groups are refused in a sentence, task by task', () => {
  const driver = Driver.registered()
  driver.master({
    type: 3,
    runTaskGroup: {
      frameworkInfo: framework(),
      executor: { executorId: { value: 'D' } },
      taskGroup: { tasks: [commandTask('a'), commandTask('b')] },
    },
  })
  expect(driver.states('a')).toEqual(['ERROR'])
  expect(driver.last('b').message).toContain('task groups')
})

test('the id of an ended task can be used again while the traces of the first run are still being removed', () => {
  const driver = Driver.registered()
  driver.held.add('destroy')
  driver.run(commandTask('t'))
  const first = driver.container('t')
  driver.end(first, { waitStatus: 0 })
  driver.acknowledgeAll('t')
  driver.clear()
  driver.run(commandTask('t'))
  driver.feed({ on: 'destroyed', container: first })
  driver.acknowledgeAll('t')
  expect(driver.states('t')).toEqual(['STARTING', 'RUNNING'])
  driver.kill('t')
  expect(driver.did('stop')).toHaveLength(1)
})

test('an id that cannot be the name of a directory is refused, and leaves no framework behind', () => {
  const driver = Driver.registered()
  driver.run(commandTask('../t'))
  expect(driver.states('../t')).toEqual(['ERROR'])
  expect(driver.did('clone')).toHaveLength(0)
  expect(driver.agent.frameworks.size).toBe(0)
})

test('a task that asks for checks runs, and its scheduler is told that nobody checks it', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t', { healthCheck: { type: 1, command: { value: 'true' } } }))
  expect(driver.last('t').message).toContain('unchecked')
  driver.acknowledgeAll('t')
  expect(driver.states('t')).toEqual(['STARTING', 'RUNNING'])
})

test('the traces of a container go only when its end is in the journal', () => {
  const driver = Driver.registered()
  driver.run(commandTask('t'))
  driver.acknowledgeAll('t')
  driver.held.add('record')
  driver.clear()
  driver.end(driver.container('t'), { waitStatus: 0 })
  expect(driver.did('destroy')).toHaveLength(0)
  driver.held.clear()
  driver.feedNext(driver.did('record')[0])
  expect(driver.did('destroy')).toHaveLength(1)
})
