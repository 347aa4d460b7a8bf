import type { Millis } from '#base/clock.js'
import { Random } from '#base/random.js'
import type { Cluster } from '#master/core/cluster.js'
import type { Effect } from '#master/core/effects.js'
import { type Durable, type Event, type RegistryContents, type Timer, timerKey } from '#master/core/events.js'
import type { MasterSettings } from '#master/core/settings.js'
import { MasterCore } from '#master/core/step.js'
import { parseResources } from '#model/resource-flags.js'
import { Resources } from '#model/resources.js'
import { type AgentCall, AgentCallType, type AgentEvent, AgentEventType } from '#wire/internal.js'
import {
  type FrameworkInfo,
  FrameworkInfoCapabilityType,
  type Offer,
  type Task,
  type TaskInfo,
  TaskState,
  TaskStatusSource,
} from '#wire/mesos.js'
import { type Call, CallType, EventType, type Event as SchedulerEvent } from '#wire/scheduler.js'
import { masterSettings } from '../../support/core-settings.js'

const emptyRegistry: RegistryContents = { agents: [], unreachable: [], gone: [], frameworks: [], completed: [] }
const { MULTI_ROLE, PARTITION_AWARE, TASK_KILLING_STATE } = FrameworkInfoCapabilityType

/** A master's core in virtual time: what it sends is kept, its timers fire when time passes, its registry can be slow. */
export class Bench {
  now: Millis = 1_000_000
  readonly core: MasterCore
  readonly effects: Effect[] = []
  readonly answers = new Map<number, { status: number; text?: string | undefined }>()
  readonly sent = new Map<string, SchedulerEvent[]>()
  readonly told = new Map<string, AgentEvent[]>()
  readonly closed = new Set<string>()
  /** What waits for the registry, while it is held. */
  readonly undurable: Durable[] = []
  holdRegistry = false
  private readonly timers = new Map<string, { timer: Timer; at: Millis }>()
  private requests = 0

  constructor(changes: Partial<MasterSettings> = {}, registry: Partial<RegistryContents> = {}, seed = 1) {
    this.core = new MasterCore({ ...masterSettings, ...changes }, new Random(seed))
    this.feed({ is: 'recovered', registry: { ...emptyRegistry, ...registry } })
  }

  get cluster(): Cluster {
    return this.core.cluster
  }

  feed(event: Event): Effect[] {
    const effects = this.core.step(event, this.now)
    this.effects.push(...effects)
    const durable: Durable[] = []
    const paced: Event[] = []
    for (const effect of effects) {
      if (effect.do === 'answer') this.answers.set(effect.request, effect)
      if (effect.do === 'open') this.sent.set(effect.stream, [])
      if (effect.do === 'send') this.sent.get(effect.to)?.push(effect.event)
      if (effect.do === 'link') this.told.set(effect.link, [])
      if (effect.do === 'tell') this.told.get(effect.to)?.push(effect.event)
      if (effect.do === 'close') this.closed.add(effect.stream)
      if (effect.do === 'unlink') this.closed.add(effect.link)
      if (effect.do === 'arm') this.timers.set(timerKey(effect.timer), effect)
      if (effect.do === 'disarm') this.timers.delete(timerKey(effect.timer))
      if (effect.do === 'persist' && effect.then) durable.push(effect.then)
      if (effect.do === 'pace') paced.push(effect.next)
    }
    for (const event of paced) this.feed(event)
    if (this.holdRegistry) this.undurable.push(...durable)
    else for (const event of durable) this.feed(event)
    return effects
  }

  /** The registry catches up. */
  durable(): void {
    for (const event of this.undurable.splice(0)) this.feed(event)
  }

  /** Time passes, and timers fire on their way. */
  pass(milliseconds: Millis): void {
    const end = this.now + milliseconds
    for (;;) {
      const [next] = [...this.timers].sort(([, a], [, b]) => a.at - b.at)
      if (!next || next[1].at > end) break
      this.timers.delete(next[0])
      this.now = Math.max(this.now, next[1].at)
      this.feed({ is: 'timer', timer: next[1].timer })
    }
    this.now = end
  }

  scheduler(changes: Partial<FrameworkInfo> = {}, aware = true): TestScheduler {
    const capabilities = [{ type: MULTI_ROLE }, { type: TASK_KILLING_STATE }, ...(aware ? [{ type: PARTITION_AWARE }] : [])]
    return new TestScheduler(this, {
      user: 'u',
      name: 'f',
      roles: ['r'],
      checkpoint: true,
      failoverTimeout: 60,
      capabilities,
      ...changes,
    })
  }

  agent(resources = 'cpus:4;mem:4096', pid = 'slave(1)@10.0.0.1:5051'): TestAgent {
    return new TestAgent(this, resources, pid)
  }

  request(): number {
    return this.requests++
  }
}

export class TestScheduler {
  readonly bench: Bench
  info: FrameworkInfo
  stream = ''

  constructor(bench: Bench, info: FrameworkInfo) {
    this.bench = bench
    this.info = info
    this.subscribe()
  }

  get id(): string {
    return this.info.id?.value ?? ''
  }

  subscribe(): void {
    const request = this.bench.request()
    const call: Call = { type: CallType.SUBSCRIBE, frameworkId: this.info.id, subscribe: { frameworkInfo: this.info } }
    const effects = this.bench.feed({ is: 'scheduler-call', request, call, stream: undefined })
    this.stream = effects.find((effect) => effect.do === 'open')!.stream
    const subscribed = this.of(EventType.SUBSCRIBED)[0]?.subscribed
    if (subscribed) this.info = { ...this.info, id: subscribed.frameworkId }
  }

  call(call: Call, stream = this.stream): { status: number; text?: string | undefined } | undefined {
    const request = this.bench.request()
    this.bench.feed({ is: 'scheduler-call', request, call: { frameworkId: this.info.id, ...call }, stream })
    return this.bench.answers.get(request)
  }

  disconnect(): void {
    this.bench.feed({ is: 'scheduler-gone', stream: this.stream })
  }

  get events(): SchedulerEvent[] {
    return this.bench.sent.get(this.stream) ?? []
  }

  of(type: number): SchedulerEvent[] {
    return this.events.filter((event) => event.type === type)
  }

  /** Offers that are outstanding now. */
  get offers(): Offer[] {
    return [...(this.bench.cluster.frameworks.get(this.id)?.offers ?? [])].map(({ message }) => message)
  }

  get updates(): string[] {
    return this.of(EventType.UPDATE).map(({ update }) => `${update!.status.taskId.value} ${stateName(update!.status.state)}`)
  }

  launch(id: string, changes: Partial<TaskInfo> = {}, refuseSeconds = 0): void {
    const [offer] = this.offers
    this.accept([offer!.id.value], [task(id, offer!.agentId.value, changes)], refuseSeconds)
  }

  accept(offers: string[], tasks: TaskInfo[], refuseSeconds = 0): void {
    this.call({
      type: CallType.ACCEPT,
      accept: {
        offerIds: offers.map((value) => ({ value })),
        operations: [{ type: 1, launch: { taskInfos: tasks } }],
        filters: { refuseSeconds },
      },
    })
  }

  acknowledgeLast(): void {
    const { status } = this.of(EventType.UPDATE).at(-1)!.update!
    this.call({
      type: CallType.ACKNOWLEDGE,
      acknowledge: { agentId: status.agentId!, taskId: status.taskId, uuid: status.uuid! },
    })
  }
}

export class TestAgent {
  readonly bench: Bench
  readonly resources: string
  readonly pid: string
  id: string | undefined
  link = ''

  constructor(bench: Bench, resources: string, pid: string) {
    this.bench = bench
    this.resources = resources
    this.pid = pid
    this.subscribe()
  }

  subscribe(report: Partial<NonNullable<AgentCall['subscribe']>> = {}): number {
    const request = this.bench.request()
    const id = this.id === undefined ? undefined : { value: this.id }
    const total = parseResources(this.resources).toProto()
    const call: AgentCall = {
      type: AgentCallType.SUBSCRIBE,
      agentId: id,
      subscribe: { agentInfo: { hostname: 'h', id }, version: '1', pid: this.pid, totalResources: total, ...report },
    }
    const before = new Set(this.bench.told.keys())
    this.bench.feed({ is: 'agent-call', request, call, link: undefined })
    this.linked(before)
    return request
  }

  /** The link that came up since. */
  linked(before: ReadonlySet<string>): void {
    const link = [...this.bench.told.keys()].find((it) => !before.has(it))
    if (link === undefined) return
    this.link = link
    this.id = this.heard.find(({ type }) => type === AgentEventType.SUBSCRIBED)?.subscribed?.agentId.value ?? this.id
  }

  call(call: AgentCall, link = this.link): number | undefined {
    const request = this.bench.request()
    this.bench.feed({ is: 'agent-call', request, call: { agentId: { value: this.id! }, ...call }, link })
    return this.bench.answers.get(request)?.status
  }

  update(
    framework: string,
    id: string,
    state: TaskState,
    latestState: TaskState = state,
    uuid = Buffer.from(`${id}${state}`.padEnd(16)),
  ): void {
    const status = {
      taskId: { value: id },
      state,
      source: TaskStatusSource.SOURCE_EXECUTOR,
      agentId: { value: this.id! },
      uuid,
      timestamp: 1,
    }
    this.call({ type: AgentCallType.UPDATE, update: { frameworkId: { value: framework }, status, latestState } })
  }

  disconnect(): void {
    this.bench.feed({ is: 'agent-gone', link: this.link })
  }

  get heard(): AgentEvent[] {
    return this.bench.told.get(this.link) ?? []
  }

  of(type: number): AgentEvent[] {
    return this.heard.filter((event) => event.type === type)
  }
}

export function task(id: string, agent: string, changes: Partial<TaskInfo> = {}): TaskInfo {
  const resources = parseResources('cpus:1;mem:64').toProto()
  return { name: id, taskId: { value: id }, agentId: { value: agent }, resources, command: { value: 'sleep 1' }, ...changes }
}

/** A task as an agent reports it. */
export function reported(framework: string, agent: string, id: string, state: TaskState): Task {
  const resources = [{ name: 'cpus', type: 0, scalar: { value: 1 }, allocationInfo: { role: 'r' } }] as Task['resources']
  return { name: id, taskId: { value: id }, frameworkId: { value: framework }, agentId: { value: agent }, state, resources }
}

/** A framework with one task that runs on one agent. */
export function runningTask(bench: Bench, changes: Partial<FrameworkInfo> = {}): { scheduler: TestScheduler; agent: TestAgent } {
  const scheduler = bench.scheduler(changes)
  const agent = bench.agent()
  scheduler.launch('t')
  agent.update(scheduler.id, 't', TaskState.TASK_RUNNING)
  return { scheduler, agent }
}

const names = new Map<number, string>(Object.entries(TaskState).map(([name, state]) => [state, name.slice('TASK_'.length)]))
export function stateName(state: TaskState): string {
  return names.get(state) ?? String(state)
}

/** What must hold between any two steps; the first thing that does not, as a sentence. */
export function brokenInvariant(cluster: Cluster): string | undefined {
  for (const offer of cluster.offers.values()) {
    if (!offer.framework.offers.has(offer) || !offer.agent.offers.has(offer))
      return `offer ${offer.id} is not with both of its parties`
    if (offer.framework.stream === undefined) return `offer ${offer.id} is out to a framework that is away`
    if (offer.agent.link === undefined) return `offer ${offer.id} is of an agent that is away`
  }
  for (const [stream, framework] of cluster.byStream)
    if (framework.stream !== stream) return `stream ${stream} is not that of ${framework.id}`
  for (const framework of cluster.frameworks.values()) {
    if (framework.stream !== undefined && cluster.byStream.get(framework.stream) !== framework)
      return `${framework.id} is not found by its stream`
    for (const task of framework.tasks.values())
      if (cluster.agents.get(task.agent)?.tasks.get(framework.id)?.get(task.id) !== task)
        return `task ${task.id} is not on its agent`
  }
  for (const agent of cluster.agents.values()) {
    const held = [...agent.tasks.values()].flatMap((tasks) => [...tasks.values()].map((it) => it.held))
    const executors = [...agent.executors.values()].flatMap((all) => [...all.values()].map((it) => it.resources))
    const offered = [...agent.offers].map((it) => it.resources)
    const all = Resources.sum([...held, ...executors, ...offered]).unallocate()
    if (!agent.total.contains(all)) return `agent ${agent.id} gives away more than it has`
    const free = cluster.allocator.free(agent.id)
    if (!free?.add(all).equals(agent.total)) return `what the allocator holds free on ${agent.id} is not what is left`
  }
  return undefined
}
