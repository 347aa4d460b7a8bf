import {
  CgroupSettings,
  Cgroups,
  type HostEvent,
  type JoinedNamespace,
  type MemoryPressure,
  PerfEvents,
  Statistics,
  SupervisorPhase,
  type SupervisorState,
  type WindowSize,
} from '#wire/native.js'
import { decode, encode } from '#wire/protobuf.js'
import { type Attachable, attachInput, attachOutput, resize } from './attachments.js'
import { HostErrors } from './errors.js'
import type {
  AttachedInput,
  AttachedOutput,
  Container,
  ContainerEnd,
  ContainerPhase,
  EventCount,
  NamespaceKind,
  SignalTarget,
  StartedTask,
  SupervisorIdentity,
} from './host.js'
import { joinable } from './joinable.js'
import { settingsOf } from './joined-settings.js'
import { endOf, Lifecycle } from './lifecycle.js'
import type { NativeCalls } from './native-calls.js'

export interface RealContainerParts {
  id: string
  /** Under which the addon watches it. */
  handle: number
  supervisor: SupervisorIdentity
  cgroups: Cgroups | undefined
  ids: Container['ids']
}

/** One container behind a supervisor process of its own. */
export class RealContainer implements Container {
  readonly id: string
  readonly handle: number
  readonly supervisor: SupervisorIdentity
  readonly cgroups: Cgroups | undefined
  readonly ids: Container['ids']
  private readonly lifecycle: Lifecycle
  private readonly native: NativeCalls
  /** Signals whose result has not come yet; the supervisor answers in order. */
  private readonly signals: ((sent: boolean) => void)[] = []
  /** Updates of one container must not overtake each other. */
  private lastUpdate: Promise<unknown> = Promise.resolve()
  private went = false

  constructor(parts: RealContainerParts, native: NativeCalls) {
    this.id = parts.id
    this.handle = parts.handle
    this.supervisor = parts.supervisor
    this.cgroups = parts.cgroups
    this.ids = parts.ids
    this.native = native
    this.lifecycle = new Lifecycle(parts.id)
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

  go(): void {
    if (this.went || this.phase === 'ended') return
    this.went = true
    this.tell(() => this.native.now((native) => native.go(this.handle)))
  }

  onOom(listener: (pressure: MemoryPressure) => void): void {
    this.lifecycle.onOom(listener)
  }

  signal(signal: number, to: SignalTarget = 'task'): Promise<boolean> {
    if (this.phase === 'ended') return Promise.resolve(false)
    return new Promise((resolve) => {
      const sent = this.tell(() => this.native.now((native) => native.signal(this.handle, signal, to === 'group')))
      if (sent) this.signals.push(resolve)
      else resolve(false)
    })
  }

  async kill(): Promise<void> {
    if (this.phase !== 'ended') this.tell(() => this.native.now((native) => native.kill(this.handle)))
  }

  async update(settings: CgroupSettings): Promise<void> {
    const { cgroups } = this
    if (!cgroups || this.phase === 'ended') return
    const joined = settingsOf(cgroups.controllers ?? [], settings)
    const apply = () =>
      this.native.begin((native, op) => native.update(op, encode(Cgroups, cgroups), encode(CgroupSettings, joined)))
    const update = this.lastUpdate.then(apply, apply)
    this.lastUpdate = update
    await update
  }

  async statistics(): Promise<Statistics> {
    const cgroups = this.cgroups && encode(Cgroups, this.cgroups)
    return decode(Statistics, await this.native.begin((native, op) => native.statistics(op, this.id, cgroups)))
  }

  get settings(): CgroupSettings | undefined {
    return this.cgroups?.settings
  }

  async countEvents(events: readonly string[]): Promise<EventCount> {
    const [cgroups, names] = [encode(Cgroups, this.cgroups ?? { path: this.id }), encode(PerfEvents, { names: [...events] })]
    const bytes = await this.native.begin((native, op) => native.countEvents(op, cgroups, names))
    const sample = Buffer.from(bytes).readUInt32LE(0)
    const end = () => this.native.begin((native, op) => native.endCount(op, sample))
    return { end: async () => decode(Statistics, await end()).perf ?? [] }
  }

  async namespaces(kinds: readonly NamespaceKind[]): Promise<JoinedNamespace[]> {
    if (this.phase === 'ended') throw HostErrors.ENDED({ id: this.id })
    return joinable(this.id, this.supervisor, await this.started, kinds)
  }

  async attachOutput(): Promise<AttachedOutput> {
    return attachOutput(this.attachable())
  }

  async attachInput(): Promise<AttachedInput> {
    return attachInput(this.attachable())
  }

  async resize(size: WindowSize): Promise<void> {
    return resize(this.attachable(), size)
  }

  private attachable(): Attachable {
    if (this.phase === 'ended') throw HostErrors.ENDED({ id: this.id })
    const hasListened = (): boolean => this.phase === 'running' || this.phase === 'ended'
    return { id: this.id, socket: this.supervisor.socket, hasListened, closing: this.native.closing }
  }

  /** What the addon saw of it. `settle` kills and awaits what a killed supervisor may have left. */
  see(event: HostEvent, settle: () => Promise<unknown>): void {
    if (event.state) this.seeState(event.state)
    if (event.oom) this.lifecycle.pressure(event.oom)
    if (event.signalResult !== undefined) this.signals.shift()?.(event.signalResult === 0)
    if (event.gone) this.seeGone(settle)
    // Nobody is left who could answer.
    if (this.phase === 'ended') this.refuseSignals()
  }

  private seeState(state: SupervisorState): void {
    if (state.phase === SupervisorPhase.READY) this.lifecycle.ready()
    if (state.phase === SupervisorPhase.RUNNING)
      this.lifecycle.running({ initPid: state.initPid ?? 0, taskPid: state.taskPid ?? 0 })
    if (state.phase === SupervisorPhase.ENDED && state.exit) this.lifecycle.end(endOf(state.exit))
  }

  private seeGone(settle: () => Promise<unknown>): void {
    this.refuseSignals()
    if (this.phase === 'ended') return
    const lost = (): void =>
      this.lifecycle.end({
        how: 'lost',
        reason: `the supervisor of container ${this.id} (pid ${this.supervisor.pid}) was killed`,
      })
    // What cannot be settled now is settled by destroy, which says why it cannot.
    settle().then(lost, lost)
  }

  private refuseSignals(): void {
    for (const resolve of this.signals.splice(0)) resolve(false)
  }

  /** False: the supervisor is gone; its end is seen as an event. */
  private tell(call: () => unknown): boolean {
    try {
      call()
      return true
    } catch {
      return false
    }
  }
}
