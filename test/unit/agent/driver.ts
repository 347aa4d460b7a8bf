import type { Effect } from '#agent/core/effects.js'
import { type AgentInput, timerParts } from '#agent/core/events.js'
import { type Agent, createAgent } from '#agent/core/state.js'
import { step } from '#agent/core/step.js'
import { knownContainers, restore } from '#agent/recovery/restore.js'
import { Random } from '#base/random.js'
import type { Termination } from '#containerizer/containerizer.js'
import { type Call, CallType, type Event as ExecutorEvent } from '#wire/executor.js'
import { type AgentCall, type AgentEvent, AgentEventType, type JournalRecord } from '#wire/internal.js'
import {
  type AgentInfo,
  type ExecutorInfo,
  type FrameworkInfo,
  FrameworkInfoCapabilityType,
  type Resource,
  type TaskInfo,
  TaskState,
  type TaskStatus,
  TaskStatusSource,
  ValueType,
} from '#wire/mesos.js'
import { agentConfig } from '../../support/core-settings.js'

const scalar = (name: string, value: number): Resource => ({
  name,
  type: ValueType.SCALAR,
  scalar: { value },
  allocationInfo: { role: 'r1' },
})

export const agentInfo: AgentInfo = { hostname: 'h', port: 5051, resources: [scalar('cpus', 4), scalar('mem', 4096)] }

export const framework = (more: Partial<FrameworkInfo> = {}): FrameworkInfo => ({
  id: { value: 'F' },
  name: 'f',
  user: 'root',
  checkpoint: true,
  roles: ['r1'],
  capabilities: [{ type: FrameworkInfoCapabilityType.PARTITION_AWARE }, { type: FrameworkInfoCapabilityType.TASK_KILLING_STATE }],
  ...more,
})

export const commandTask = (id: string, more: Partial<TaskInfo> = {}): TaskInfo => ({
  name: id,
  taskId: { value: id },
  agentId: { value: 'S0' },
  resources: [scalar('cpus', 0.1), scalar('mem', 32)],
  command: { value: 'true' },
  ...more,
})

export const executorTask = (id: string, executor: Partial<ExecutorInfo> = {}): TaskInfo => ({
  ...commandTask(id),
  command: undefined,
  executor: { executorId: { value: 'E' }, frameworkId: { value: 'F' }, command: { value: './executor' }, ...executor },
})

/**
 * The agent's core with a world around it in which everything succeeds at once: what is recorded is journaled, what is cloned is there, what is
 * killed ends. A test holds back what it wants to decide about.
 */
export class Driver {
  agent: Agent
  now = 1_000_000
  readonly journal: JournalRecord[] = []
  readonly effects: Effect[] = []
  readonly told: AgentCall[] = []
  readonly sent: { stream: number; event: ExecutorEvent }[] = []
  readonly answers = new Map<number, { status: number; body: string | undefined }>()
  readonly armed = new Map<string, number>()
  /** Kinds of effects that nothing comes of. */
  readonly held = new Set<Effect['do']>()
  /** Containers that exist, as the host knows them. */
  readonly alive = new Set<string>()
  private readonly inbox: AgentInput[] = []
  private requests = 0
  private busy = false

  constructor(seed = 1) {
    this.agent = createAgent(agentConfig, agentInfo, new Random(seed))
  }

  /** A new agent that has registered as S0. */
  static registered(seed = 1): Driver {
    const driver = new Driver(seed)
    driver.feed({ on: 'recovered', live: [], rebooted: false })
    driver.register()
    return driver
  }

  register(): void {
    this.feed({ on: 'linked' })
    this.master({ type: AgentEventType.SUBSCRIBED, subscribed: { agentId: { value: 'S0' }, heartbeatIntervalSeconds: 15 } })
  }

  /** The agent dies and another one takes over from the journal; containers live on. */
  restart({ rebooted = false }: { rebooted?: boolean } = {}): void {
    const records = [...this.journal]
    this.agent = createAgent(agentConfig, { ...agentInfo, id: { value: 'S0' } }, new Random(99))
    this.clear()
    this.armed.clear()
    restore(this.agent, records)
    const known = knownContainers(this.agent).map((it) => it.id)
    const live = rebooted ? [] : known.filter((id) => this.alive.has(id))
    this.feed({ on: 'recovered', live: live.map((id) => ({ id, status: undefined })), rebooted })
    this.register()
  }

  clear(): void {
    this.effects.length = 0
    this.told.length = 0
    this.sent.length = 0
  }

  master(event: AgentEvent): void {
    this.feed({ on: 'master', event })
  }

  run(task: TaskInfo, frameworkInfo = framework(), launchExecutor?: boolean): void {
    this.master({ type: AgentEventType.RUN_TASK, runTask: { frameworkInfo, task, launchExecutor } })
  }

  kill(task: string): void {
    this.master({ type: AgentEventType.KILL_TASK, killTask: { frameworkId: { value: 'F' }, taskId: { value: task } } })
  }

  end(container: string, termination: Termination): void {
    this.alive.delete(container)
    this.feed({ on: 'ended', container, termination })
  }

  /** As an executor; answers the number of the request, which is that of its stream too. */
  call(call: Omit<Call, 'executorId' | 'frameworkId'>, executor = 'E'): number {
    const request = ++this.requests
    const full = { ...call, executorId: { value: executor }, frameworkId: { value: 'F' } }
    this.feed({ on: 'executorCall', request, call: full, stream: request })
    return request
  }

  subscribe(subscribe: NonNullable<Call['subscribe']> = {}): number {
    return this.call({ type: CallType.SUBSCRIBE, subscribe })
  }

  update(task: string, state: TaskState, uuid = this.agent.random.uuid()): Buffer {
    const status: TaskStatus = {
      taskId: { value: task },
      state,
      source: TaskStatusSource.SOURCE_EXECUTOR,
      executorId: { value: 'E' },
      uuid,
    }
    this.call({ type: CallType.UPDATE, update: { status } })
    return uuid
  }

  /** The scheduler acknowledges what was forwarded last of this task. */
  acknowledge(task: string): void {
    const { status } = this.told.findLast((it) => it.update?.status.taskId.value === task)!.update!
    this.master({
      type: AgentEventType.ACKNOWLEDGE,
      acknowledge: { frameworkId: { value: 'F' }, taskId: { value: task }, uuid: status.uuid! },
    })
  }

  /** Acknowledges until nothing more comes. */
  acknowledgeAll(task: string): void {
    while (this.agent.updates.get(`F/${task}`)?.pending.length) this.acknowledge(task)
  }

  /** Lets time pass, with every timer at its time. */
  pass(milliseconds: number): void {
    const end = this.now + milliseconds
    for (;;) {
      const [due] = [...this.armed].filter(([, at]) => at <= end).sort(([, a], [, b]) => a - b)
      if (!due) break
      this.now = Math.max(this.now, due[1])
      this.armed.delete(due[0])
      this.feed({ on: 'timer', timer: due[0] as never })
    }
    this.now = end
  }

  feed(input: AgentInput): void {
    this.inbox.push(input)
    if (this.busy) return
    this.busy = true
    for (let next = this.inbox.shift(); next; next = this.inbox.shift()) {
      for (const effect of step(this.agent, next, this.now)) this.perform(effect)
    }
    this.busy = false
  }

  /** What was recorded is written now. */
  feedNext(effect: Effect | undefined): void {
    if (effect?.do !== 'record' || !effect.next) throw new Error('no record was waited for')
    this.feed(effect.next)
  }

  /** Of one task, in the order in which the master heard them, without repetitions. */
  states(task: string): string[] {
    const heard = this.told.flatMap((it) => (it.update?.status.taskId.value === task ? [it.update.status] : []))
    const names = new Map(Object.entries(TaskState).map(([name, value]) => [value, name.slice('TASK_'.length)]))
    return heard.filter((it, i) => i === 0 || it.uuid !== heard[i - 1]!.uuid).map((it) => names.get(it.state)!)
  }

  last(task: string): TaskStatus {
    return this.told.findLast((it) => it.update?.status.taskId.value === task)!.update!.status
  }

  container(executor: string): string {
    return [...this.agent.runs.values()].find((it) => it.id === executor)!.containerId
  }

  timers(kind: string): string[] {
    return [...this.armed.keys()].filter((key) => timerParts(key as never).kind === kind)
  }

  did(kind: Effect['do']): Effect[] {
    return this.effects.filter((it) => it.do === kind)
  }

  private perform(effect: Effect): void {
    this.effects.push(effect)
    if (this.held.has(effect.do)) return
    switch (effect.do) {
      case 'record':
        this.journal.push(...effect.records)
        if (effect.next) this.inbox.push(effect.next)
        return
      case 'saveIdentity':
        this.inbox.push({ on: 'identitySaved' })
        return
      case 'clone':
        this.alive.add(effect.config.id)
        this.inbox.push({ on: 'cloned', container: effect.config.id, supervisor: { pid: 7, startTime: 8n, socket: '/s' } })
        return
      case 'go':
        this.inbox.push({ on: 'started', container: effect.container, task: { initPid: 9, taskPid: 10 } })
        return
      case 'kill':
        if (this.held.has('clone')) return
        this.alive.delete(effect.container)
        this.inbox.push({ on: 'ended', container: effect.container, termination: { waitStatus: 9 } })
        return
      case 'destroy':
        this.alive.delete(effect.container)
        this.inbox.push({ on: 'destroyed', container: effect.container })
        return
      case 'update':
        this.inbox.push({ on: 'updated', container: effect.container })
        return
      case 'answer':
        this.answers.set(effect.request, { status: effect.status, body: effect.body })
        return
      case 'send':
        this.sent.push({ stream: effect.stream, event: effect.event })
        return
      case 'tell':
        this.told.push(effect.call)
        return
      case 'arm':
        this.armed.set(effect.timer, effect.at)
        return
      case 'disarm':
        this.armed.delete(effect.timer)
        return
      default:
        return
    }
  }
}
