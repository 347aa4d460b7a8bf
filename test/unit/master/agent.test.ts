import { describe, expect, test } from 'vitest'
import { AgentCallType, AgentEventType } from '#wire/internal.js'
import { TaskState, TaskStatusReason } from '#wire/mesos.js'
import { CallType, EventType } from '#wire/scheduler.js'
import { Bench, brokenInvariant, reported, runningTask } from './bench.js'

const { TASK_RUNNING } = TaskState

describe('an agent', () => {
  test('is linked only when its admission is recorded, and the latest of its subscriptions counts', () => {
    const bench = new Bench()
    bench.holdRegistry = true
    const agent = bench.agent()
    agent.id = undefined
    expect(bench.told.size).toBe(0)
    bench.holdRegistry = false
    bench.durable()
    expect(bench.cluster.agents.size).toBe(1)
  })

  test('that is away is not offered, and its offers are taken back', () => {
    const bench = new Bench()
    const { scheduler, agent } = runningTask(bench)
    bench.pass(1000)
    expect(scheduler.offers).toHaveLength(1)
    agent.disconnect()
    expect(scheduler.of(EventType.RESCIND)).toHaveLength(1)
    bench.pass(5000)
    expect(scheduler.offers).toEqual([])
    expect(scheduler.updates).toEqual(['t RUNNING'])
  })

  test('that speaks over a link that is no longer its own is told to link itself anew', () => {
    const bench = new Bench()
    const agent = bench.agent()
    const old = agent.link
    agent.subscribe()
    expect(agent.call({ type: AgentCallType.HEARTBEAT }, old)).toBe(403)
    expect(agent.call({ type: AgentCallType.HEARTBEAT })).toBe(202)
    bench.feed({ is: 'agent-gone', link: old })
    expect(bench.cluster.agents.get(agent.id!)?.link).toBe(agent.link)
  })

  test('that comes back without a task that it was sent is asked for it', () => {
    const bench = new Bench()
    const scheduler = bench.scheduler()
    const agent = bench.agent()
    scheduler.launch('lost')
    agent.disconnect()
    agent.subscribe()
    expect(agent.of(AgentEventType.RECONCILE_TASKS)[0]?.reconcileTasks?.tasks).toEqual([
      { frameworkId: { value: scheduler.id }, taskId: { value: 'lost' }, partitionAware: true },
    ])
  })

  test('that is silent for long enough is unreachable, its tasks too, until it is back', () => {
    for (const [aware, away] of [
      [true, 't UNREACHABLE'],
      [false, 't LOST'],
    ] as const) {
      const bench = new Bench()
      const scheduler = bench.scheduler({}, aware)
      const agent = bench.agent()
      scheduler.launch('t')
      agent.update(scheduler.id, 't', TASK_RUNNING)
      agent.disconnect()
      bench.pass(89_000)
      expect(scheduler.updates).toEqual(['t RUNNING'])
      bench.pass(2000)
      expect(scheduler.updates).toEqual(['t RUNNING', away])
      expect(scheduler.of(EventType.FAILURE)[0]?.failure?.agentId?.value).toBe(agent.id)
      agent.subscribe({ tasks: [reported(scheduler.id, agent.id!, 't', TASK_RUNNING)] })
      expect(scheduler.updates).toEqual(['t RUNNING', away, 't RUNNING'])
      expect(scheduler.of(EventType.UPDATE).at(-1)?.update?.status.reason).toBe(TaskStatusReason.REASON_AGENT_REREGISTERED)
      expect(brokenInvariant(bench.cluster)).toBeUndefined()
    }
  })

  test('that comes back without some of its tasks leaves nobody waiting for them', () => {
    const bench = new Bench()
    const { scheduler, agent } = runningTask(bench)
    agent.disconnect()
    bench.pass(95_000)
    agent.subscribe()
    expect(scheduler.updates).toEqual(['t RUNNING', 't UNREACHABLE', 't GONE'])
    expect(bench.cluster.frameworks.get(scheduler.id)?.unreachableTasks.size).toBe(0)
  })

  test('that brings a task whose id another agent has meanwhile is told to end it, and its end is not taken for the other', () => {
    const bench = new Bench({ maxUnreachableTasksPerFramework: 0 })
    const { scheduler, agent } = runningTask(bench)
    agent.disconnect()
    bench.pass(95_000)
    const other = bench.agent('cpus:4;mem:4096', 'slave(1)@10.0.0.2:5051')
    scheduler.launch('t')
    agent.subscribe({ tasks: [reported(scheduler.id, agent.id!, 't', TASK_RUNNING)] })
    expect(agent.of(AgentEventType.KILL_TASK)).toHaveLength(1)
    const told = scheduler.updates.length
    agent.update(scheduler.id, 't', TaskState.TASK_KILLED)
    expect(scheduler.updates).toHaveLength(told)
    expect(agent.of(AgentEventType.ACKNOWLEDGE)).toHaveLength(1)
    expect(bench.cluster.frameworks.get(scheduler.id)?.tasks.get('t')?.agent).toBe(other.id)
  })

  test('whose repeated update comes late does not end a new task of the same id', () => {
    const bench = new Bench()
    const { scheduler, agent } = runningTask(bench)
    const uuid = Buffer.alloc(16, 7)
    agent.update(scheduler.id, 't', TaskState.TASK_FINISHED, TaskState.TASK_FINISHED, uuid)
    scheduler.acknowledgeLast()
    bench.pass(1000)
    scheduler.launch('t')
    agent.update(scheduler.id, 't', TaskState.TASK_FINISHED, TaskState.TASK_FINISHED, uuid)
    expect(bench.cluster.frameworks.get(scheduler.id)?.tasks.get('t')?.state).toBe(TaskState.TASK_STAGING)
  })

  test('that answers its pings stays', () => {
    const bench = new Bench()
    const agent = bench.agent()
    for (let i = 0; i < 20; i++) {
      bench.pass(15_000)
      agent.call({ type: AgentCallType.HEARTBEAT })
    }
    expect(bench.cluster.agents.get(agent.id!)?.link).toBe(agent.link)
    expect(agent.of(AgentEventType.HEARTBEAT).length).toBeGreaterThanOrEqual(19)
  })

  test('whose loss is being recorded cannot come back at the same time', () => {
    const bench = new Bench()
    const agent = bench.agent()
    agent.disconnect()
    bench.holdRegistry = true
    bench.pass(95_000)
    const request = agent.subscribe()
    expect(bench.answers.get(request)?.status).toBe(503)
    bench.holdRegistry = false
    bench.durable()
    agent.subscribe()
    expect(bench.cluster.agents.get(agent.id!)?.link).toBe(agent.link)
  })

  test('that unregisters is forgotten, and its tasks with it', () => {
    const bench = new Bench()
    const { scheduler, agent } = runningTask(bench)
    agent.call({ type: AgentCallType.UNREGISTER })
    expect(scheduler.updates.at(-1)).toBe('t LOST')
    expect(bench.cluster.agents.size).toBe(0)
  })

  test('gets the acknowledgements of a framework that is no more from the master', () => {
    const bench = new Bench()
    const { scheduler, agent } = runningTask(bench)
    scheduler.call({ type: CallType.TEARDOWN })
    agent.update(scheduler.id, 't', TaskState.TASK_KILLED)
    expect(agent.of(AgentEventType.ACKNOWLEDGE)).toHaveLength(1)
  })
})
