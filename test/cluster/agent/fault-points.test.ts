import { afterEach, beforeEach, expect, test } from 'vitest'
import { isTerminal } from '#model/task-state.js'
import { TaskState } from '#wire/mesos.js'
import { TASK_LIFE } from '../chaos/fault-points.js'
import { OneAgent } from './one-agent.js'

let cluster: OneAgent
beforeEach(async () => {
  cluster = await OneAgent.begin()
})
afterEach(() => cluster.end())

/** Every terminal state that the scheduler heard of, repetitions left out. */
const ends = (task: string): TaskState[] => [...new Set(cluster.states(task).filter(isTerminal))]

test.each([...TASK_LIFE, 'run.recorded'])('an agent that dies at %s: the task ends once and ran at most once', async (point) => {
  cluster.start(`${point}:kill`)
  await cluster.up()
  await cluster.launch({ name: 't', command: { value: `echo ran >> ${cluster.marks}/t` } })
  await cluster.dead()
  cluster.start()
  const end = await cluster.ended('t')
  // Afterwards the agent works: what the dead one left does not stand in its way.
  await cluster.launch({ name: 'next', command: { value: 'true' } })
  await cluster.reached('next', TaskState.TASK_FINISHED)
  expect(ends('t')).toHaveLength(1)
  const ran = cluster.runs('t')
  if (end.state === TaskState.TASK_FINISHED) expect(ran).toBe(1)
  else expect([TaskState.TASK_DROPPED, TaskState.TASK_FAILED], end.message).toContain(end.state)
  if (end.state === TaskState.TASK_DROPPED) expect(ran).toBe(0)
})

test.each(['kill.record', 'kill.recorded', 'kill.signal', 'kill.escalate'])(
  'an agent that dies at %s: the kill is seen through',
  async (point) => {
    cluster.start(`${point}:kill`)
    await cluster.up()
    await cluster.launch({
      name: 't',
      command: { value: 'trap "" TERM; while :; do sleep 0.1; done' },
      killPolicy: { gracePeriod: { nanoseconds: 300_000_000n } },
    })
    await cluster.reached('t', TaskState.TASK_RUNNING)
    await cluster.scheduler.kill('t')
    await cluster.dead()
    cluster.start()
    await cluster.up()
    // The master repeats a KILL that may have been lost with the link; either way the task ends once.
    expect((await cluster.ended('t')).state).toBe(TaskState.TASK_KILLED)
    expect(ends('t')).toEqual([TaskState.TASK_KILLED])
  },
)

test('an agent that dies twice in its recovery still recovers', async () => {
  cluster.start()
  await cluster.up()
  await cluster.launch({ name: 't', command: { value: `echo ran >> ${cluster.marks}/t; sleep 1000` } })
  await cluster.reached('t', TaskState.TASK_RUNNING)
  await cluster.kill()
  for (const point of ['recovery.restored', 'recovery.attached']) {
    cluster.start(`${point}:kill`)
    await cluster.dead()
  }
  cluster.start()
  await cluster.up()
  await cluster.scheduler.kill('t')
  expect((await cluster.ended('t')).state).toBe(TaskState.TASK_KILLED)
  expect(cluster.runs('t')).toBe(1)
})
