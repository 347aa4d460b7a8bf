import type { AttachedInput, AttachedOutput, SignalTarget, SupervisorIdentity } from '#host/host.js'
import type {
  CommandInfo,
  ContainerInfo,
  ContainerStatus,
  ResourceStatistics,
  TaskResourceLimitation,
  TaskState,
  TaskStatusReason,
} from '#wire/mesos.js'
import type { WindowSize } from '#wire/native.js'
import type { ImageStore } from './images/image-store.js'
import type { ContainerResources } from './resources.js'
import type { TransferGroup } from './transfers.js'

/**
 * Runs containers (rows 6-001 to 6-014). A start has two phases, with the caller's checkpoint between them (design §6); an end has two as well:
 *
 *   clone → (checkpoint the supervisor) → go → wait → (checkpoint the termination) → destroy
 *
 * What `wait` tells stays on disk until `destroy`, so that an agent which dies in between learns it again from `recover`.
 */
export interface Containerizer {
  readonly facts: ContainerizerFacts

  /** Images on this host. Absent: nothing here brings any. */
  readonly images?: ImageStore | undefined

  /**
   * Prepares the container and clones its supervisor, which sets it up while the caller writes its checkpoint; the task does not run yet.
   * Rejects with the reason when the configuration is refused or no process could be made; then nothing is left behind.
   */
  clone(config: ContainerConfig): Promise<ClonedContainer>

  /**
   * Lets the task start; call it after the checkpoint. Resolves when the task's program has been executed. Rejects with
   * `CONTAINERIZER_LAUNCH_FAILED` when a step of the set-up failed; `wait` then tells the same.
   */
  go(id: string): Promise<LaunchedTask>

  /** How the container ended, as soon as none of its processes is left. Never rejects for a container that is known; the answer stays until `destroy`. */
  wait(id: string): Promise<Termination>

  /**
   * To the task's process, or to the process group that it leads: that is how command tasks are asked to end (row 2-031), since a shell that
   * waits for a child runs its trap only when the child is gone. False when the task has ended.
   */
  signal(id: string, signal: number, to?: SignalTarget): Promise<boolean>

  /** Asks its task to end, with the signal that its image names or SIGTERM, as `signal` would (row 9-071). */
  stop(id: string): Promise<boolean>

  /**
   * All that its task writes from now on, for any number of watchers (row 6-070). Only where `attachable` or a terminal was asked for, as `attachInput`;
   * both end with the agent, and may be begun anew by the next one.
   */
  attachOutput(id: string): Promise<AttachedOutput>

  /** One at a time gives input. */
  attachInput(id: string): Promise<AttachedInput>

  /** Of its terminal (row 6-071). */
  resize(id: string, size: WindowSize): Promise<void>

  /** SIGKILL to everything in the container; `wait` follows and its termination stays. Nothing happens when it has ended. */
  kill(id: string): Promise<void>

  /**
   * Kills what is left and removes every trace: cgroups, mounts, run state; the sandbox stays. Possible in every state (row 6-004), idempotent.
   * Resolves when no process of the container exists any more; `wait` has resolved by then and the id is forgotten.
   */
  destroy(id: string): Promise<void>

  /** New sums after a task came or went (row 5-021). Rejects when the kernel refuses; the container runs on with what it had. */
  update(id: string, resources: ContainerResources): Promise<void>

  /** What it has used so far, with its limits, in Mesos' terms. */
  usage(id: string): Promise<ResourceStatistics>

  status(id: string): Promise<ContainerStatus>

  /**
   * Once, before anything else: attaches to all that the agent's checkpoints know and destroys every container that they do not know (row 6-014).
   * Afterwards `wait` answers for each known container, also for one that ended, or was lost, while no agent watched.
   */
  recover(known: readonly ContainerConfig[]): Promise<RecoveredContainers>

  /** What has come, and what is still to come, for containers whose tasks do not run yet; each group is named after its container. */
  transfers(): readonly TransferGroup[]

  /** Ids from `clone` or `recover` to the end of `destroy`. */
  containers(): string[]

  /** Lets go of all containers without touching them: they run on. */
  close(): Promise<void>
}

/** All that is to be known to run one container; the same after a restart of the agent, rebuilt from its checkpoints. */
export interface ContainerConfig {
  /** Of a nested container: the parent's, a dot, and a name of its own. */
  readonly id: string
  /** The container it is nested in, which must run; it ends with it (rows 6-013, 6-067). */
  readonly parent?: string | undefined
  /** Joins everything of its parent: namespaces, root, user, environment (row 6-068, class DEBUG). */
  readonly debug?: boolean | undefined
  /** Environment, shell or argv, uris. The user is `user` below: who may choose it is the agent's business (row 5-026). */
  readonly command: CommandInfo
  readonly container?: ContainerInfo | undefined
  /** Others may attach to its input and output, as they may with a terminal (`container.tty_info`). A task without runs a little faster. */
  readonly attachable?: boolean | undefined
  /** Absolute path on the host. Created if it is missing, and given to the task's user. */
  readonly sandbox: string
  readonly resources: ContainerResources
  /** Name, or plain decimal uid, of the user of command or framework. Without `--switch_user` it is not looked at. */
  readonly user?: string | undefined
  /** It is the framework's: nobody named one for this command, and an image may (row 9-067). */
  readonly userIsDefault?: boolean | undefined
  /** The agent's variables (rows 2-024 to 2-028). Those of `command` win; MESOS_SANDBOX is added here since it depends on the image. */
  readonly environment?: Readonly<Record<string, string>> | undefined
}

export interface ClonedContainer {
  readonly id: string
  /** For the checkpoint. */
  readonly supervisor: SupervisorIdentity
}

export interface LaunchedTask {
  /** As the host sees them. */
  readonly initPid: number
  readonly taskPid: number
}

/** How a container ended. Fields are absent where nobody can say: the agent then chooses by its own knowledge (row 5-022). */
export interface Termination {
  /** Raw, as in Mesos (row 1-043). Absent when the task never ran or nobody saw its end. */
  readonly waitStatus?: number | undefined
  /** For tasks that have no terminal state yet. */
  readonly state?: TaskState | undefined
  readonly reason?: TaskStatusReason | undefined
  readonly message?: string | undefined
  /** The limit that was exceeded (row 6-012). */
  readonly limitation?: TaskResourceLimitation | undefined
}

export interface RecoveredContainers {
  /** Attached; their tasks run, or run as soon as they are set up. */
  readonly live: string[]
  /** Known but over: `wait` says how. */
  readonly ended: string[]
  /** Known to nobody, hence destroyed. */
  readonly orphans: string[]
  /** Those of them that could not be destroyed yet. They keep what they have, until somebody tries again. */
  readonly stuck: string[]
  /** As `Recovered.removal` of the host. */
  readonly removal: Promise<readonly string[]>
}

export interface ContainerizerFacts {
  readonly launcher: 'linux' | 'posix'
  /** Isolators in use, in the order in which they prepare. */
  readonly isolation: readonly string[]
  /** What is missing on this host and why, a sentence each; to be said at start. */
  readonly missing: readonly string[]
}
