import type { Clock, Millis } from '#base/clock.js'
import type { CgroupSettings, JoinedNamespace, MemoryPressure, Statistics, WindowSize } from '#wire/native.js'
import { HostErrors } from './errors.js'
import type {
  AttachedInput,
  AttachedOutput,
  Container,
  ContainerEnd,
  ContainerPhase,
  ContainerPlan,
  EventCount,
  NamespaceKind,
  StartedTask,
  SupervisorIdentity,
} from './host.js'
import { Lifecycle } from './lifecycle.js'
import type { Behaviour } from './sim-behaviour.js'
import { SimRelay } from './sim-relay.js'

const SIGKILL = 9

/** A supervisor and its task in virtual time. It outlives the agent that started it, as a real one does; agents hold a `SimContainer` on it. */
export class SimSupervisor {
  readonly id: string
  readonly plan: ContainerPlan
  readonly identity: SupervisorIdentity
  settings: CgroupSettings | undefined
  went = false
  task: StartedTask | undefined
  end: ContainerEnd | undefined
  oomKills = 0
  /** Told of every change; replaced when another agent attaches. */
  watcher: SimContainer | undefined
  /** For those who attach, when the plan says that they may. */
  readonly relay: SimRelay | undefined
  private readonly behaviour: Behaviour
  private readonly clock: Clock
  private readonly timers: (() => void)[] = []

  constructor(plan: ContainerPlan, identity: SupervisorIdentity, behaviour: Behaviour, clock: Clock) {
    this.id = plan.containerId
    this.plan = plan
    this.identity = identity
    this.behaviour = behaviour
    this.clock = clock
    this.settings = plan.cgroups?.settings
    const attachable = plan.process.stdio.attachable || plan.process.terminal
    if (attachable)
      this.relay = new SimRelay(
        this.id,
        (data) => this.read(data),
        () => this.readEnd(),
      )
  }

  go(): void {
    if (this.went || this.end) return
    this.went = true
    this.after(this.behaviour.startsAfter ?? 0, () => this.run())
  }

  signal(number: number): boolean {
    if (!this.task || this.end) return false
    if (number !== 0 && (number === SIGKILL || !this.behaviour.ignores?.includes(number))) this.finish({ signal: number })
    return true
  }

  kill(): void {
    if (!this.end) this.finish({ signal: SIGKILL })
  }

  /** Somebody killed the supervisor itself: nobody sees how the task ends. */
  lose(reason: string): void {
    this.close({ how: 'lost', reason })
  }

  private run(): void {
    const { failure, endsAfter, outOfMemoryAfter, says } = this.behaviour
    if (failure) return this.close({ how: 'failed', reason: failure, finishedAt: this.clock.now() })
    this.task = { initPid: this.identity.pid + 1, taskPid: this.identity.pid + 2 }
    this.watcher?.lifecycle.running(this.task)
    if (says) this.relay?.say({ stream: 'stdout', data: Buffer.from(says) })
    if (outOfMemoryAfter !== undefined) this.after(outOfMemoryAfter, () => this.runOutOfMemory())
    if (endsAfter !== undefined) this.after(endsAfter, () => this.finish(this.behaviour))
  }

  private read(data: Uint8Array): void {
    if (this.behaviour.echoes) this.relay?.say({ stream: 'stdout', data })
  }

  private readEnd(): void {
    if (this.behaviour.echoes) this.finish(this.behaviour)
  }

  private runOutOfMemory(): void {
    this.oomKills++
    this.watcher?.lifecycle.pressure(this.pressure())
    this.finish({ signal: SIGKILL })
  }

  pressure(): MemoryPressure {
    const limitBytes = this.settings?.memory?.limitBytes ?? 0n
    return { limitBytes, maxUsageBytes: limitBytes, oomKills: BigInt(this.oomKills), memoryStat: `cache 0\nrss ${limitBytes}\n` }
  }

  private finish({ code = 0, signal }: { code?: number; signal?: number }): void {
    const waitStatus = signal === undefined ? code << 8 : signal
    this.close({ how: 'exited', waitStatus, oomKills: this.oomKills, finishedAt: this.clock.now() })
  }

  private close(end: ContainerEnd): void {
    if (this.end) return
    this.end = end
    for (const cancel of this.timers) cancel()
    this.relay?.end()
    this.watcher?.lifecycle.end(end)
  }

  private after(delay: Millis, act: () => void): void {
    this.timers.push(this.clock.at(this.clock.now() + delay, act))
  }
}

/** One agent's hold on a simulated container. */
export class SimContainer implements Container {
  readonly lifecycle: Lifecycle
  private readonly target: SimSupervisor
  private readonly clock: Clock
  /** False once the agent that held it crashed or closed its host. */
  private readonly isOpen: () => boolean

  constructor(target: SimSupervisor, clock: Clock, isOpen: () => boolean) {
    this.target = target
    this.clock = clock
    this.isOpen = isOpen
    this.lifecycle = new Lifecycle(target.id)
    target.watcher = this
    this.lifecycle.ready()
    if (target.task) this.lifecycle.running(target.task)
    if (target.oomKills > 0) this.lifecycle.pressure(target.pressure())
    if (target.end) this.lifecycle.end(target.end)
  }

  get id(): string {
    return this.target.id
  }
  get supervisor(): SupervisorIdentity {
    return this.target.identity
  }
  get ids(): Container['ids'] {
    const { uidMappings: uid = [], gidMappings: gid = [] } = this.target.plan.namespaces ?? {}
    return uid.length > 0 ? { uid, gid } : undefined
  }
  get started(): Promise<StartedTask> {
    return this.lifecycle.started
  }
  get ended(): Promise<ContainerEnd> {
    return this.lifecycle.ended
  }
  get phase(): ContainerPhase {
    return this.lifecycle.phase
  }
  onOom(listener: (pressure: MemoryPressure) => void): void {
    this.lifecycle.onOom(listener)
  }

  go(): void {
    if (this.isOpen()) this.target.go()
  }

  async signal(signal: number): Promise<boolean> {
    return this.isOpen() && this.target.signal(signal)
  }

  async kill(): Promise<void> {
    if (this.isOpen()) this.target.kill()
  }

  async update(settings: CgroupSettings): Promise<void> {
    this.checkOpen()
    this.target.settings = { ...this.target.settings, ...settings }
  }

  async statistics(): Promise<Statistics> {
    this.checkOpen()
    const limitBytes = this.target.settings?.memory?.limitBytes
    const running = this.phase === 'running' ? 1n : 0n
    const memory = { rssBytes: running * 4096n, limitBytes, oomKills: BigInt(this.target.oomKills) }
    return {
      timestampMs: BigInt(Math.floor(this.clock.now())),
      cpu: { totalNs: 0n },
      memory,
      processes: running,
      threads: running,
    }
  }

  get settings(): CgroupSettings | undefined {
    return this.target.plan.cgroups?.settings
  }

  async countEvents(events: readonly string[]): Promise<EventCount> {
    this.checkOpen()
    return { end: async () => events.map((name) => ({ name, value: 0n })) }
  }

  async namespaces(kinds: readonly NamespaceKind[]): Promise<JoinedNamespace[]> {
    this.checkOpen()
    if (this.target.end) throw HostErrors.ENDED({ id: this.id })
    const { initPid } = await this.started
    return kinds.map((kind) => ({ kind, pid: initPid, startTime: this.supervisor.startTime }))
  }

  async attachOutput(): Promise<AttachedOutput> {
    return this.relay().attachOutput()
  }

  async attachInput(): Promise<AttachedInput> {
    return this.relay().attachInput()
  }

  async resize(_size: WindowSize): Promise<void> {
    this.checkOpen()
    if (this.target.end) throw HostErrors.ENDED({ id: this.id })
    if (!this.target.plan.process.terminal) throw HostErrors.NO_TERMINAL({ id: this.id })
  }

  private relay(): SimRelay {
    this.checkOpen()
    if (this.target.end) throw HostErrors.ENDED({ id: this.id })
    if (!this.target.relay) throw HostErrors.NOT_ATTACHABLE({ id: this.id })
    return this.target.relay
  }

  private checkOpen(): void {
    if (!this.isOpen()) throw HostErrors.CLOSED({})
  }
}
