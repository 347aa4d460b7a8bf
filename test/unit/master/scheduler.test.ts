import { describe, expect, test } from 'vitest'
import { AgentEventType } from '#wire/internal.js'
import { TaskState } from '#wire/mesos.js'
import { CallType, EventType } from '#wire/scheduler.js'
import { Bench, runningTask } from './bench.js'

describe('a scheduler', () => {
  test('is greeted, and offered what there is as soon as it is there', () => {
    const bench = new Bench()
    bench.agent('cpus:4;mem:4096;ports:[1-9]')
    const scheduler = bench.scheduler()
    expect(scheduler.events.map(({ type }) => type)).toEqual([EventType.SUBSCRIBED, EventType.HEARTBEAT, EventType.OFFERS])
    expect(scheduler.id).toBe('M-0000')
    expect(scheduler.offers[0]?.resources?.map(({ name }) => name).sort()).toEqual(['cpus', 'mem', 'ports'])
  })

  test('gets an error on its stream, and no framework, when its subscription is not valid', () => {
    const bench = new Bench()
    const scheduler = bench.scheduler({ roles: ['/bad'] })
    expect(scheduler.events.map(({ type }) => type)).toEqual([EventType.ERROR])
    expect(bench.closed).toContain(scheduler.stream)
    expect(bench.cluster.frameworks.size).toBe(0)
  })

  test('that subscribes again fences out the one before, and what was offered to that one', () => {
    const bench = new Bench()
    const { scheduler } = runningTask(bench)
    const old = scheduler.stream
    const [offer] = scheduler.offers
    scheduler.subscribe()
    expect(bench.sent.get(old)?.at(-1)?.type).toBe(EventType.ERROR)
    expect(bench.closed).toContain(old)
    expect(scheduler.call({ type: CallType.REVIVE }, old)?.status).toBe(400)
    expect(bench.cluster.offers.has(offer?.id.value ?? '')).toBe(false)
    // The end of the old stream must not be taken for that of the new one.
    bench.feed({ is: 'scheduler-gone', stream: old })
    expect(scheduler.call({ type: CallType.REVIVE })?.status).toBe(202)
    expect(bench.cluster.frameworks.get(scheduler.id)?.tasks.size).toBe(1)
  })

  test('is not offered for a while what it declined, but is after REVIVE', () => {
    const bench = new Bench()
    bench.agent()
    const scheduler = bench.scheduler()
    const decline = () =>
      scheduler.call({ type: CallType.DECLINE, decline: { offerIds: [scheduler.offers[0]!.id], filters: { refuseSeconds: 60 } } })
    decline()
    bench.pass(59_000)
    expect(scheduler.offers).toEqual([])
    bench.pass(2000)
    expect(scheduler.offers).toHaveLength(1)
    decline()
    scheduler.call({ type: CallType.REVIVE })
    expect(scheduler.offers).toHaveLength(1)
  })

  test('that suppresses a role gets nothing for it; one unknown role spoils the call', () => {
    const bench = new Bench()
    const scheduler = bench.scheduler()
    scheduler.call({ type: CallType.SUPPRESS, suppress: { roles: ['r', 'unknown'] } })
    bench.agent()
    expect(scheduler.offers).toHaveLength(1)
    scheduler.call({ type: CallType.SUPPRESS })
    scheduler.call({ type: CallType.DECLINE, decline: { offerIds: [scheduler.offers[0]!.id], filters: { refuseSeconds: 0 } } })
    bench.pass(5000)
    expect(scheduler.offers).toEqual([])
  })

  test('that was torn down is gone for good, but not before that is recorded', () => {
    const bench = new Bench()
    const { scheduler, agent } = runningTask(bench)
    bench.holdRegistry = true
    expect(scheduler.call({ type: CallType.TEARDOWN })).toBeUndefined()
    expect(agent.of(AgentEventType.SHUTDOWN_FRAMEWORK)).toEqual([])
    bench.holdRegistry = false
    bench.durable()
    expect(agent.of(AgentEventType.SHUTDOWN_FRAMEWORK)).toHaveLength(1)
    expect(bench.closed).toContain(scheduler.stream)
    expect(scheduler.call({ type: CallType.REVIVE })).toMatchObject({ status: 400 })
    scheduler.subscribe()
    expect(scheduler.events.map(({ type }) => type)).toEqual([EventType.ERROR])
    expect(bench.cluster.completedFrameworks.get(scheduler.id)?.completedTasks[0]?.state).toBe(TaskState.TASK_KILLED)
  })

  test('that is away keeps its tasks for its failover timeout, and no longer', () => {
    const bench = new Bench()
    const { scheduler, agent } = runningTask(bench, { failoverTimeout: 60 })
    scheduler.disconnect()
    expect(scheduler.call({ type: CallType.REVIVE })?.status).toBe(403)
    bench.pass(59_000)
    expect(bench.cluster.frameworks.get(scheduler.id)?.tasks.size).toBe(1)
    bench.pass(2000)
    expect(bench.cluster.frameworks.size).toBe(0)
    expect(agent.of(AgentEventType.SHUTDOWN_FRAMEWORK)).toHaveLength(1)
  })

  test('that comes back in time finds its tasks and loses its deadline', () => {
    const bench = new Bench()
    const { scheduler } = runningTask(bench, { failoverTimeout: 60 })
    scheduler.disconnect()
    bench.pass(59_000)
    scheduler.subscribe()
    bench.pass(10_000)
    scheduler.call({ type: CallType.RECONCILE, reconcile: {} })
    expect(scheduler.updates).toEqual(['t RUNNING'])
  })

  test('that asks about very many tasks is answered bit by bit, all of it', () => {
    const bench = new Bench()
    const scheduler = bench.scheduler()
    const tasks = Array.from({ length: 3500 }, (_, n) => ({ taskId: { value: `t${n}` } }))
    scheduler.call({ type: CallType.RECONCILE, reconcile: { tasks } })
    expect(scheduler.updates).toHaveLength(3500)
    expect(bench.effects.filter((effect) => effect.do === 'pace')).toHaveLength(3)
  })

  test('without a failover timeout loses its tasks with its stream', () => {
    const bench = new Bench()
    const { scheduler } = runningTask(bench, { failoverTimeout: 0 })
    scheduler.disconnect()
    expect(bench.cluster.frameworks.size).toBe(0)
  })
})
