import { describe, expect, test } from 'vitest'
import { AgentCallType, AgentEventType } from '#wire/internal.js'
import { type Task, TaskState, TaskStatusReason } from '#wire/mesos.js'
import { CallType, EventType } from '#wire/scheduler.js'
import { Bench, brokenInvariant, task } from './bench.js'

const { TASK_RUNNING, TASK_FINISHED, TASK_STARTING } = TaskState
const since = { nanoseconds: 900_000_000_000n }

function runningTask(bench: Bench, changes = {}) {
  const scheduler = bench.scheduler(changes)
  const agent = bench.agent()
  scheduler.launch('t')
  agent.update(scheduler.id, 't', TASK_RUNNING)
  return { scheduler, agent }
}

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

function reported(framework: string, agent: string, id: string, state: TaskState): Task {
  const resources = [{ name: 'cpus', type: 0, scalar: { value: 1 }, allocationInfo: { role: 'r' } }] as Task['resources']
  return { name: id, taskId: { value: id }, frameworkId: { value: framework }, agentId: { value: agent }, state, resources }
}

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
