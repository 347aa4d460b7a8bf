import { describe, expect, test } from 'vitest'
import { AgentEventType } from '#wire/internal.js'
import { TaskState } from '#wire/mesos.js'
import { CallType } from '#wire/scheduler.js'
import { Bench, brokenInvariant, reported, runningTask, task } from './bench.js'

const { TASK_RUNNING, TASK_FINISHED, TASK_STARTING } = TaskState

describe('a task', () => {
  test('goes from offer to agent, its updates to the scheduler, its resources back', () => {
    const bench = new Bench()
    const { scheduler, agent } = runningTask(bench)
    expect(agent.of(AgentEventType.RUN_TASK)[0]?.runTask?.task.taskId.value).toBe('t')
    scheduler.acknowledgeLast()
    agent.update(scheduler.id, 't', TASK_FINISHED)
    expect(scheduler.updates).toEqual(['t RUNNING', 't FINISHED'])
    bench.pass(1000)
    expect(
      scheduler.offers
        .flatMap(({ resources }) => resources ?? [])
        .reduce((sum, it) => sum + (it.name === 'cpus' ? it.scalar!.value : 0), 0),
    ).toBe(4)
    expect(bench.cluster.frameworks.get(scheduler.id)?.tasks.size).toBe(1)
    scheduler.acknowledgeLast()
    expect(bench.cluster.frameworks.get(scheduler.id)?.tasks.size).toBe(0)
    expect(agent.of(AgentEventType.ACKNOWLEDGE)).toHaveLength(2)
  })

  test('frees what it holds once it has ended, even while older updates wait', () => {
    const bench = new Bench()
    const { scheduler, agent } = runningTask(bench)
    agent.update(scheduler.id, 't', TASK_RUNNING, TASK_FINISHED)
    agent.update(scheduler.id, 't', TASK_RUNNING, TASK_FINISHED)
    expect(bench.cluster.frameworks.get(scheduler.id)?.tasks.get('t')?.state).toBe(TASK_FINISHED)
    expect(brokenInvariant(bench.cluster)).toBeUndefined()
    // The scheduler has not got that far.
    scheduler.call({ type: CallType.RECONCILE, reconcile: { tasks: [{ taskId: { value: 't' } }] } })
    expect(scheduler.updates.at(-1)).toBe('t RUNNING')
  })

  test('never leaves a terminal state', () => {
    const bench = new Bench()
    const { scheduler, agent } = runningTask(bench)
    agent.update(scheduler.id, 't', TASK_FINISHED)
    agent.update(scheduler.id, 't', TASK_STARTING)
    expect(bench.cluster.frameworks.get(scheduler.id)?.tasks.get('t')?.state).toBe(TASK_FINISHED)
  })

  test('is acknowledged only with the uuid that waits', () => {
    const bench = new Bench()
    const { scheduler, agent } = runningTask(bench)
    const [agentId, taskId] = [{ value: agent.id! }, { value: 't' }]
    scheduler.call({ type: CallType.ACKNOWLEDGE, acknowledge: { agentId, taskId, uuid: Buffer.alloc(16, 9) } })
    expect(agent.of(AgentEventType.ACKNOWLEDGE)).toEqual([])
  })

  test('of a used offer is dropped, with the finer state only where the scheduler knows it', () => {
    for (const [aware, expected] of [
      [true, 'x DROPPED'],
      [false, 'x LOST'],
    ] as const) {
      const bench = new Bench()
      const scheduler = bench.scheduler({}, aware)
      const agent = bench.agent()
      const [offer] = scheduler.offers
      scheduler.accept([offer!.id.value], [])
      scheduler.accept([offer!.id.value], [task('x', agent.id!)])
      expect(scheduler.updates).toEqual([expected])
    }
  })

  test('whose launch was sent twice is not declared dead', () => {
    const bench = new Bench()
    const scheduler = bench.scheduler()
    const agent = bench.agent()
    const offers = scheduler.offers.map(({ id }) => id.value)
    for (let i = 0; i < 2; i++) scheduler.accept(offers, [task('t', agent.id!)])
    expect(agent.of(AgentEventType.RUN_TASK)).toHaveLength(1)
    expect(scheduler.updates).toEqual(['t STAGING'])
  })

  test('that asks for more than is left is an error, and the others of the call go on', () => {
    const bench = new Bench()
    const scheduler = bench.scheduler()
    const agent = bench.agent('cpus:2;mem:4096')
    const tasks = ['a', 'b', 'c'].map((id) => task(id, agent.id!))
    scheduler.accept([scheduler.offers[0]!.id.value], tasks)
    expect(agent.of(AgentEventType.RUN_TASK).map((it) => it.runTask?.task.taskId.value)).toEqual(['a', 'b'])
    expect(scheduler.updates).toEqual(['c ERROR'])
  })

  test('that was to be killed while its agent was away is killed when it is back', () => {
    const bench = new Bench()
    const { scheduler, agent } = runningTask(bench)
    agent.disconnect()
    scheduler.call({ type: CallType.KILL, kill: { taskId: { value: 't' } } })
    agent.subscribe({ tasks: [reported(scheduler.id, agent.id!, 't', TASK_RUNNING)] })
    expect(agent.of(AgentEventType.KILL_TASK)).toHaveLength(1)
  })
})
