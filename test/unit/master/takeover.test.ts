import { describe, expect, test } from 'vitest'
import { AgentEventType } from '#wire/internal.js'
import { TaskState } from '#wire/mesos.js'
import { CallType } from '#wire/scheduler.js'
import { Bench, reported } from './bench.js'

const { TASK_RUNNING } = TaskState
const since = { nanoseconds: 900_000_000_000n }

describe('a master that takes over', () => {
  const info = {
    user: 'u',
    name: 'f',
    id: { value: 'F' },
    failoverTimeout: 60,
    roles: ['r'],
    capabilities: [{ type: 6 as const }],
  }
  const registry = { agents: [{ info: { hostname: 'h', id: { value: 'A' } } }], frameworks: [{ info }] }

  test('says nothing about tasks of agents that it waits for, and takes over what they report', () => {
    const bench = new Bench({}, registry)
    const scheduler = bench.scheduler({ id: { value: 'F' } })
    const ask = () =>
      scheduler.call({ type: CallType.RECONCILE, reconcile: { tasks: [{ taskId: { value: 't' }, agentId: { value: 'A' } }] } })
    ask()
    expect(scheduler.updates).toEqual([])
    const agent = bench.agent()
    agent.id = 'A'
    agent.subscribe({ frameworks: [info], tasks: [reported('F', 'A', 't', TASK_RUNNING)] })
    ask()
    expect(scheduler.updates).toEqual(['t RUNNING'])
  })

  test('marks agents that do not come back as unreachable', () => {
    const bench = new Bench({}, registry)
    bench.pass(601_000)
    expect([...bench.cluster.unreachable.keys()]).toEqual(['A'])
  })

  test('goes on with a failover timeout that began before it', () => {
    const bench = new Bench({}, { frameworks: [{ info, disconnectedSince: since }] })
    bench.now = 900_000 + 59_000
    bench.pass(500)
    expect(bench.cluster.frameworks.has('F')).toBe(true)
    bench.pass(1000)
    expect(bench.cluster.frameworks.has('F')).toBe(false)
  })

  test('gives a framework that lost only its master at least as long as the agents', () => {
    const bench = new Bench({}, { frameworks: [{ info: { ...info, failoverTimeout: 0 } }] })
    bench.pass(599_000)
    expect(bench.cluster.frameworks.has('F')).toBe(true)
    bench.pass(2000)
    expect(bench.cluster.frameworks.has('F')).toBe(false)
  })

  test('does not take a framework back that ended, and tells its agents so', () => {
    const bench = new Bench({}, { completed: [{ id: { value: 'F' }, since }] })
    const agent = bench.agent()
    agent.subscribe({ frameworks: [info], tasks: [reported('F', agent.id!, 't', TASK_RUNNING)] })
    expect(bench.cluster.frameworks.size).toBe(0)
    expect(agent.of(AgentEventType.SUBSCRIBED)[0]?.subscribed?.completedFrameworks).toEqual([{ value: 'F' }])
  })
})
