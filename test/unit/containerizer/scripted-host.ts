import type {
  Container,
  ContainerEnd,
  ContainerPhase,
  ContainerPlan,
  EventCount,
  Host,
  HostUser,
  Recovered,
  StartedTask,
} from '#host/host.js'
import type { CgroupSettings, DiskUsage, MemoryPressure, ProjectAnswer, Seccomp } from '#wire/native.js'
import { hybrid } from './fixture.js'

/** A host on which nothing happens by itself: the test says when each container starts and ends, so that every order can be tried. */
export class ScriptedHost implements Host {
  readonly facts = hybrid
  readonly plans: ContainerPlan[] = []
  readonly destroyed: string[] = []
  readonly users = new Map<string, HostUser>()
  recovered: Recovered = { containers: [], leftovers: [], removal: Promise.resolve([]) }
  /** What the next starts wait for, or fail with. */
  starting: Promise<void> = Promise.resolve()
  readonly #containers = new Map<string, ScriptedContainer>()

  async start(plan: ContainerPlan): Promise<Container> {
    this.plans.push(plan)
    await this.starting
    const container = new ScriptedContainer(plan.containerId)
    this.#containers.set(plan.containerId, container)
    return container
  }
  async recover(): Promise<Recovered> {
    return this.recovered
  }
  find(id: string): ScriptedContainer | undefined {
    return this.#containers.get(id)
  }
  async destroy(id: string): Promise<void> {
    this.destroyed.push(id)
    this.#containers.get(id)?.end({ how: 'exited', waitStatus: 9, oomKills: 0, finishedAt: 0 })
    this.#containers.delete(id)
  }
  uncountable(events: readonly string[]): string[] {
    return events.filter((name) => name === 'cycles') // as on a virtual machine
  }
  isOpaque(): boolean {
    return false
  }

  async lookupUser(name: string): Promise<HostUser | undefined> {
    return this.users.get(name)
  }
  async project(): Promise<ProjectAnswer> {
    return {}
  }
  async measureDisk(): Promise<DiskUsage> {
    return { bytes: 0n, entries: 0n }
  }

  compileSeccomp(): Seccomp {
    return { program: new Uint8Array(8) }
  }
  async removeTree(): Promise<void> {}
  async close(): Promise<void> {}
}

export class ScriptedContainer implements Container {
  readonly supervisor = { pid: 10, startTime: 11n, socket: '/run/s' }
  readonly started: Promise<StartedTask>
  readonly ended: Promise<ContainerEnd>
  readonly ids = undefined
  readonly settings = undefined
  readonly signals: number[] = []
  readonly updates: CgroupSettings[] = []
  readonly id: string
  phase: ContainerPhase = 'ready'
  went = false
  run!: () => void
  end!: (end: ContainerEnd) => void
  oom: (pressure: MemoryPressure) => void = () => {}
  #fail!: (error: Error) => void

  constructor(id: string) {
    this.id = id
    this.started = new Promise((resolve, reject) => {
      this.run = () => {
        this.phase = 'running'
        resolve({ initPid: 20, taskPid: 21 })
      }
      this.#fail = reject
    })
    this.ended = new Promise((resolve) => {
      this.end = (end) => {
        this.phase = 'ended'
        this.#fail(new Error(end.how === 'failed' ? end.reason : 'destroyed'))
        resolve(end)
      }
    })
  }
  go(): void {
    this.went = true
  }
  onOom(listener: (pressure: MemoryPressure) => void): void {
    this.oom = listener
  }
  async signal(signal: number): Promise<boolean> {
    this.signals.push(signal)
    return this.phase === 'running'
  }
  async kill(): Promise<void> {
    this.end({ how: 'exited', waitStatus: 9, oomKills: 0, finishedAt: 0 })
  }
  async update(settings: CgroupSettings): Promise<void> {
    this.updates.push(settings)
  }
  async countEvents(events: readonly string[]): Promise<EventCount> {
    return { end: async () => events.map((name) => ({ name, value: 5_000_000n })) }
  }
  async namespaces(kinds: readonly string[]) {
    return kinds.map((kind) => ({ kind, pid: 20, startTime: 12n }))
  }
  attachOutput = async (): Promise<never> => Promise.reject(new Error('not scripted'))
  attachInput = this.attachOutput
  resize = this.attachOutput
  async statistics() {
    return { timestampMs: 5000n, cpu: { userNs: 1_000_000_000n }, memory: { rssBytes: 7n }, processes: 1n }
  }
}
