import type {
  CgroupHierarchy,
  CgroupSettings,
  CgroupWorld,
  DiskUsage,
  DiskUsageRequest,
  ExitStatus,
  Gpu,
  Identity,
  IdMapping,
  JoinedNamespace,
  LaunchPlan,
  MemoryPressure,
  PerfCounter,
  ProjectAnswer,
  ProjectRequest,
  Seccomp,
  SeccompProfile,
  Statistics,
  WindowSize,
} from '#wire/native.js'

/**
 * The only door to the kernel (design §4.7, §6). Two hosts stand behind it: the real one (addon and launcher) and a simulated one in virtual
 * time; both pass test/contract/host.
 *
 * A start is a hand-shake: `start` sets a container up and lets it wait; the caller makes `container.supervisor` durable; `go` lets the task run.
 * If the agent dies before `go`, the supervisor cleans up and leaves, so no container ever runs that no checkpoint knows.
 */
export interface Host {
  readonly facts: HostFacts

  /** Starts a supervisor, which sets the container up and waits. Rejects when not even that was possible; then nothing is left behind. */
  start(plan: ContainerPlan): Promise<Container>

  /** Finds and attaches to all that earlier agents of this boot have left under the runtime directory. Call once, before the first start. */
  recover(): Promise<Recovered>

  /** The container with this id, from `start` or `recover` to the end of `destroy`. */
  find(id: string): Container | undefined

  /**
   * Kills whatever is left of a container and removes its cgroups, mounts and runtime directory. Idempotent; unknown ids are fine (their leftovers
   * are sought by name). Resolves when no process of it exists any more.
   */
  destroy(id: string): Promise<void>

  /** Which of these perf events this machine cannot count. */
  uncountable(events: readonly string[]): string[]

  /**
   * Removes a directory with all that is in it, whatever others wrote there or still write: no link is followed and no mount entered. Rejects when
   * something could not be removed, after all else is gone. What does not exist is fine.
   */
  removeTree(path: string): Promise<void>

  /** By name, or by a plain decimal uid. `undefined` when there is no such user (S8: anything odd is no user). */
  lookupUser(name: string): Promise<HostUser | undefined>

  /** Whether a directory of a layer hides what is in it in the layers below, as overlays understand it. */
  isOpaque(directory: string): boolean

  /** Project quotas of the file system that a directory is on. */
  project(request: ProjectRequest): Promise<ProjectAnswer>

  /** What directories hold, as `du` would count it. Takes as long as it takes; one is measured at a time, behind all other work. */
  measureDisk(request: DiskUsageRequest): Promise<DiskUsage>
  /** The program that the kernel runs for each system call, for `Process.seccomp`. Throws a sentence when the profile is none. */
  compileSeccomp(profile: SeccompProfile): Seccomp

  /** Lets go of everything without touching any container: they run on. Idempotent. */
  close(): Promise<void>
}

/** What the caller says of a container; the host adds its runtime directory, the cgroup mount points and faults. */
export interface ContainerPlan extends Omit<LaunchPlan, 'runtimeDirectory' | 'faults'> {
  cgroups?: CgroupPlan | undefined
}

export interface CgroupPlan {
  /** Relative to every hierarchy: `mesos/<container>`. */
  path: string
  /** In the names of cgroup v1: cpu, cpuacct, memory, pids, freezer … What this host does not have makes `start` reject. */
  controllers: string[]
  settings?: CgroupSettings | undefined
}

/** One container. Every method may be called in every state; after `destroy` the answers are those of an ended container. */
export interface Container {
  readonly id: string
  /** What a checkpoint must hold so that a later agent finds it again. */
  readonly supervisor: SupervisorIdentity

  /** Who its users are on the host, when it has a user namespace. */
  readonly ids: { readonly uid: readonly IdMapping[]; readonly gid: readonly IdMapping[] } | undefined

  /** Of its cgroups, as it was started with. */
  readonly settings: CgroupSettings | undefined

  /** Lets the task start. Call after the checkpoint. Calling it twice does nothing more. */
  go(): void

  /**
   * Resolves when the task's program has been executed, with the pids as the host sees them. Rejects with the sentence of the step that failed
   * (`HOST_LAUNCH_FAILED`), or `HOST_ENDED_BEFORE_START` when it was destroyed first.
   */
  readonly started: Promise<StartedTask>

  /** Resolves once, when no process of the container is left. Never rejects. */
  readonly ended: Promise<ContainerEnd>

  /** Where it stands now, for those who do not wait. */
  readonly phase: ContainerPhase

  /** Called each time the kernel kills for memory in this container's cgroup; also for what happened while no agent watched. */
  onOom(listener: (pressure: MemoryPressure) => void): void

  /** Sends a signal to the task's process, or to the process group that it leads. Resolves false when there is no such process any more. */
  signal(signal: number, to?: SignalTarget): Promise<boolean>

  /** SIGKILL to everything inside; cannot be escaped by forking. `ended` follows. Nothing happens when it has ended. */
  kill(): Promise<void>

  /** Changes limits of the running container. */
  update(settings: CgroupSettings): Promise<void>

  statistics(): Promise<Statistics>

  /** Counts perf events from now until `end`. Needs controller perf_event. */
  countEvents(events: readonly string[]): Promise<EventCount>

  /** Of the running container, for the plan of one that is nested in it. */
  namespaces(kinds: readonly NamespaceKind[]): Promise<JoinedNamespace[]>

  /**
   * All that it writes from now on, for any number of watchers; the log files get it too. Ends with the container; throws `HOST_FELL_BEHIND` when this
   * watcher read too slowly, since the task does not wait for it. Needs `attachable` or `terminal` in the plan, like `attachInput`.
   */
  attachOutput(): Promise<AttachedOutput>

  /** The one place from which input comes: `HOST_INPUT_TAKEN` while somebody else has it, `HOST_INPUT_ENDED` after `end`. */
  attachInput(): Promise<AttachedInput>

  /** Of its terminal. */
  resize(size: WindowSize): Promise<void>
}

export interface AttachedOutput extends AsyncIterable<OutputChunk> {
  close(): void
}

export interface OutputChunk {
  /** Of a terminal all is stdout. */
  readonly stream: 'stdout' | 'stderr'
  readonly data: Uint8Array
}

export interface AttachedInput {
  /** Resolves when more may be written: a task that does not read makes its writer wait. */
  write(data: Uint8Array): Promise<void>
  /** No more comes, from anybody. On a terminal it is the character that stands for that, and more may come. */
  end(): Promise<void>
  /** Lets go without an end: somebody else may take over. */
  close(): void
}

export interface EventCount {
  end(): Promise<PerfCounter[]>
}

/** As in /proc/<pid>/ns. */
export type NamespaceKind = 'mnt' | 'pid' | 'ipc' | 'uts' | 'net' | 'cgroup' | 'time' | 'user'

export type SignalTarget = 'task' | 'group'

export type ContainerPhase = 'setting up' | 'ready' | 'running' | 'ended'

export interface SupervisorIdentity {
  readonly pid: number
  /** Clock ticks since boot; with the pid it names one process (never trust a pid alone). */
  readonly startTime: bigint
  /** Path of its control socket. */
  readonly socket: string
}

export interface StartedTask {
  readonly initPid: number
  readonly taskPid: number
}

export type ContainerEnd =
  /** The task ended by itself or by a signal: the raw wait status, as in Mesos (row 1-043). */
  | { how: 'exited'; waitStatus: number; oomKills: number; finishedAt: number }
  /** It never ran: the sentence says which step failed and why. */
  | { how: 'failed'; reason: string; finishedAt: number }
  /** Its supervisor was killed, and the container with it; nobody saw how the task ended. */
  | { how: 'lost'; reason: string }

export interface Recovered {
  /** Attached and usable; those that ended while no agent watched have `phase` 'ended'. The caller destroys what no checkpoint knows. */
  containers: Container[]
  /** Ids of leftovers that never ran: a directory without a record, or a cgroup without a directory. Destroy them. */
  leftovers: string[]
  /** Of what earlier agents had put aside and an earlier boot has left: what could not be removed, as sentences, when all else is. Never rejects. */
  removal: Promise<readonly string[]>
}

export interface HostUser {
  readonly name: string
  readonly identity: Identity
  readonly home: string
  readonly shell: string
}

export interface HostFacts {
  /** Changes with every boot; run state is kept under it. */
  readonly bootId: string
  readonly hostname: string
  readonly cpus: number
  readonly memoryBytes: number
  /** Privileged: namespaces, cgroups and other users can be had. False: posix mode only. */
  readonly root: boolean
  readonly cgroups: { readonly world: CgroupWorld; readonly hierarchies: readonly CgroupHierarchy[] }
  /** The kernel can limit swap of a cgroup. */
  readonly limitsSwap: boolean
  /** An overlay whose changes lie there can be mounted. */
  readonly overlay: boolean
  /** Where run state of this boot is: `<runtime_dir>/<boot id>`. */
  readonly runtimeDirectory: string
  /** Below it is what containers change in their roots (`upper` of an overlay, a `copy`) and volumes; scratch.ts knows where. */
  readonly scratchDirectory: string
  /** Absent: nobody has looked for any. */
  readonly gpus?: readonly Gpu[]
  /** Name of the user the agent runs as. */
  readonly user: string
  readonly security: SecurityFacts
}

export interface SecurityFacts {
  /** What the agent has, and so the most that it can give: bit n for number n of the kernel. */
  readonly capabilities: bigint
  /** The kernel can filter system calls. */
  readonly seccomp: boolean
  /** `6.1.0-55-cloud-amd64`. */
  readonly kernel: string
  /** As Node names it. */
  readonly architecture: string
}

/** What a wait status says: the exit code, or the signal that ended the task. */
export function waitStatusOf(end: ExitStatus | { waitStatus: number }): { code: number } | { signal: number; core: boolean } {
  const status = end.waitStatus ?? 0
  const signal = status & 0x7f
  return signal === 0 ? { code: (status >> 8) & 0xff } : { signal, core: (status & 0x80) !== 0 }
}
