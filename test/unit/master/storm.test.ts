import { expect, test } from 'vitest'
import { Random } from '#base/random.js'
import { AgentCallType, AgentEventType } from '#wire/internal.js'
import { type Task, TaskState } from '#wire/mesos.js'
import { CallType } from '#wire/scheduler.js'
import { Bench, brokenInvariant, type TestAgent, type TestScheduler, task } from './bench.js'

/** What an agent would report: every task that it was told to run and has not ended, some of them further than the master knows. */
function report(agent: TestAgent, chance: Random): Task[] {
  const runs = agent.of(AgentEventType.RUN_TASK).map(({ runTask }) => runTask!)
  const states = [TaskState.TASK_STAGING, TaskState.TASK_RUNNING, TaskState.TASK_FINISHED]
  return runs
    .filter(() => chance.next() < 0.8)
    .map(({ frameworkInfo, task: info }) => ({
      name: info.name,
      taskId: info.taskId,
      frameworkId: frameworkInfo.id!,
      agentId: info.agentId,
      state: states[chance.below(3)]!,
      resources: info.resources,
    }))
}

/** One thing that can happen to a cluster, in whatever state it is: stale, repeated and senseless ones too. */
function happen(bench: Bench, schedulers: TestScheduler[], agents: TestAgent[], chance: Random, n: number): void {
  const scheduler = schedulers[chance.below(schedulers.length)]!
  const agent = agents[chance.below(agents.length)]!
  const states = [TaskState.TASK_RUNNING, TaskState.TASK_FINISHED, TaskState.TASK_FAILED, TaskState.TASK_STARTING]
  const state = states[chance.below(4)]!
  const known = [...(bench.cluster.frameworks.get(scheduler.id)?.tasks.values() ?? [])]
  const some = known[chance.below(known.length + 1)]
  const someTask = some?.id ?? `t${chance.below(n + 1)}`
  const itsAgent = agents.find(({ id }) => id === some?.agent) ?? agent
  const offers = scheduler.offers.map(({ id }) => id.value)
  const actions: (() => void)[] = [
    () => bench.pass(chance.below(4000)),
    () => bench.pass(chance.below(100_000)),
    () => {
      // One that was removed starts anew.
      if (bench.cluster.completedIds.has(scheduler.id)) scheduler.info = { ...scheduler.info, id: undefined }
      scheduler.subscribe()
    },
    () => scheduler.disconnect(),
    () => scheduler.call({ type: CallType.REVIVE }),
    () => scheduler.call({ type: chance.next() < 0.2 ? CallType.TEARDOWN : CallType.SUPPRESS }),
    () => scheduler.accept(offers, [task(`t${n}`, agent.id ?? ''), task(`t${n}`, agent.id ?? '')], chance.below(5)),
    () => scheduler.accept(offers.slice(0, 1), [task(`t${n}`, scheduler.offers[0]?.agentId.value ?? '')], 0),
    () => scheduler.accept([...offers, 'none'], [task(`t${n}`, agent.id ?? '')]),
    () => scheduler.call({ type: CallType.DECLINE, decline: { offerIds: scheduler.offers.map(({ id }) => id) } }),
    () => scheduler.call({ type: CallType.KILL, kill: { taskId: { value: someTask } } }),
    () => scheduler.call({ type: CallType.RECONCILE, reconcile: {} }),
    () => scheduler.events.at(-1)?.update?.status.uuid && scheduler.acknowledgeLast(),
    () => scheduler.id && itsAgent.id && itsAgent.update(scheduler.id, someTask, state, states[chance.below(4)]!),
    () => scheduler.id && itsAgent.id && itsAgent.update(scheduler.id, someTask, state),
    () => scheduler.id && agent.id && agent.update(scheduler.id, someTask, state),
    () => agent.disconnect(),
    () => agent.subscribe({ tasks: report(agent, chance), frameworks: schedulers.map(({ info }) => info) }),
    () => agent.id && agent.call({ type: AgentCallType.HEARTBEAT }),
    () => agent.id && chance.next() < 0.1 && agent.call({ type: AgentCallType.UNREGISTER }),
    () => {
      bench.holdRegistry = !bench.holdRegistry
      if (!bench.holdRegistry) bench.durable()
    },
  ]
  actions[chance.below(actions.length)]!()
}

test.each(Array.from({ length: 60 }, (_, seed) => [seed]))(
  'whatever happens, in whatever order, the books balance (seed %i)',
  (seed) => {
    const chance = new Random(seed)
    const bench = new Bench({}, {}, seed)
    const agents = [1, 2, 3].map((n) => bench.agent('cpus:4;mem:512', `slave(1)@10.0.0.${n}:5051`))
    const schedulers = [0, 60, 1000].map((failoverTimeout, i) => bench.scheduler({ failoverTimeout, name: `f${i}` }, i !== 1))
    for (let n = 0; n < 300; n++) {
      happen(bench, schedulers, agents, chance, n)
      expect(brokenInvariant(bench.cluster), `after event ${n}`).toBeUndefined()
    }
  },
)

test('the same seed and the same events give the same effects', () => {
  const run = (): string => {
    const chance = new Random(5)
    const bench = new Bench({}, {}, 5)
    const agents = [bench.agent()]
    const schedulers = [bench.scheduler()]
    for (let n = 0; n < 200; n++) happen(bench, schedulers, agents, chance, n)
    return JSON.stringify(bench.effects, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  }
  expect(run()).toBe(run())
})
