import type { Millis } from '#base/clock.js'
import type { Random } from '#base/random.js'
import type { SupervisorIdentity } from '#host/host.js'
import { capabilitiesOf, type FrameworkCapabilities } from '#model/framework-capabilities.js'
import type { AgentEvent } from '#wire/internal.js'
import {
  type AgentInfo,
  type ContainerStatus,
  type ExecutorInfo,
  type FrameworkInfo,
  FrameworkInfoCapabilityType,
  type KillPolicy,
  type MasterInfo,
  type TaskInfo,
  type Task as TaskMessage,
  type TaskResourceLimitation,
  TaskState,
  type TaskStatus,
  type TaskStatusReason,
} from '#wire/mesos.js'
import type { AgentConfig } from './config.js'
import type { StreamId } from './events.js'

/** All that the agent knows. Changed in place by the core alone; readers must not keep parts of it. */
export interface Agent {
  readonly config: AgentConfig
  readonly random: Random
  /** Its id is absent until a master has given one. */
  info: AgentInfo
  link: Link
  /** False until containers were attached; until then nobody is served (row 2-012). */
  recovered: boolean
  /** Set when the agent is to end once its containers have: what the process then does. */
  leaving: { why: string; forget: boolean } | undefined
  readonly frameworks: Map<string, Framework>
  readonly completedFrameworks: Framework[]
  /** Every run whose traces are not all gone, by container id. */
  readonly runs: Map<string, Executor>
  /** Every run whose executor has an open stream. */
  readonly executorStreams: Map<StreamId, Executor>
  /** Updates that the schedulers have not all acknowledged, by `streamKey`. */
  readonly updates: Map<string, UpdateStream>
  readonly counters: Counters
}

export interface Link {
  phase: 'down' | 'connecting' | 'linked' | 'registered'
  master: MasterInfo | undefined
  heartbeatInterval: Millis
  /** How often in a row the link could not be opened. */
  failures: number
  /** What the master said since it gave an id that is not durable yet: done when it is, since a task of an agent that forgets itself is lost. */
  deferred: AgentEvent[] | undefined
}

export interface Framework {
  readonly id: string
  info: FrameworkInfo
  capabilities: FrameworkCapabilities
  /** Being removed: its executors end, and nobody wants to hear of its tasks any more. */
  terminating: boolean
  readonly executors: Map<string, Executor>
  /** Whose each task is, from its launch until its run is forgotten. */
  readonly owners: Map<string, Executor>
  readonly completedExecutors: Executor[]
}

/**
 * One run of an executor, which is one container. A command task has an executor of its own that is no process: the agent speaks for it (§4.6).
 *
 *   cloning → going → registering → running → terminating → terminated
 *
 * `registering` is a custom executor that has not subscribed yet, for the first time or after a restart of the agent.
 */
export interface Executor {
  readonly framework: Framework
  readonly id: string
  readonly info: ExecutorInfo
  readonly containerId: string
  readonly sandbox: string
  readonly command: boolean
  /** Started by the agent before this one. */
  inherited: boolean
  phase: ExecutorPhase
  /** Not terminal yet, in the order in which they came. */
  readonly tasks: Map<string, Task>
  /** Terminal, with updates that are not acknowledged. */
  readonly terminated: Map<string, Task>
  readonly completed: Task[]
  /** Custom executors: the open stream. */
  stream: StreamId | undefined
  /** Custom executors: a task has been handed over at least once, so it is not idle from birth (T34, T89). */
  delivered: boolean
  /** The tasks whose shares the container has; others wait until it has been updated (T91). */
  granted: ReadonlySet<string>
  /** An update of the container is under way: what will be granted with it, and whether it is out of date already. */
  update: { granting: ReadonlySet<string>; stale: boolean } | undefined
  /** KILLs for an executor that is not connected right now. */
  readonly pendingKills: Map<string, KillPolicy | undefined>
  /** Why we end it: what its tasks are told then. */
  ending: Ending | undefined
  containerStatus: ContainerStatus | undefined
  supervisor: SupervisorIdentity | undefined
  /** Its container's traces are being removed. */
  destroying: boolean
  /** Its container has left no trace. */
  destroyed: boolean
}

export type ExecutorPhase = 'cloning' | 'going' | 'registering' | 'running' | 'terminating' | 'terminated'

export interface Ending {
  /** Absent where the termination of the container decides. */
  state?: TaskState
  reason?: TaskStatusReason
  message?: string
  limitation?: TaskResourceLimitation
}

export interface Task {
  readonly id: string
  readonly info: TaskInfo
  /** As the executor sees it: TASK_STAGING until the first update. */
  state: TaskState
  /** Its record is written; it must not be handed over before. */
  known: boolean
  /** Handed to the executor, or to the containerizer. */
  delivered: boolean
  readonly statuses: TaskStatus[]
  /** Of the update that was forwarded last. */
  forwarded: Pick<TaskMessage, 'statusUpdateState' | 'statusUpdateUuid'>
  /** A command task that was told to end. */
  kill: { at: Millis; overdue: boolean } | undefined
  /** When a command task began to run. */
  runningSince: Millis | undefined
}

/** The updates of one task, oldest first; only the first is ever under way (row 1-110). */
export interface UpdateStream {
  readonly key: string
  readonly framework: string
  readonly task: string
  readonly pending: PendingUpdate[]
  /** Of all updates that came, in hex: the same one again is no news (T39). */
  readonly seen: Set<string>
  retryDelay: Millis
}

export interface PendingUpdate {
  readonly status: TaskStatus
  readonly uuid: string
  /** In the journal, or not meant to be. Nothing is forwarded before. */
  durable: boolean
  /** Nobody but the scheduler hears of it: its task is unknown or over. */
  readonly stray: boolean
}

export interface Counters {
  tasks: Record<TerminalCounter, number>
  validStatusUpdates: number
  invalidStatusUpdates: number
  validFrameworkMessages: number
  invalidFrameworkMessages: number
  containerLaunchErrors: number
  executorsTerminated: number
  recoveryErrors: number
}

export type TerminalCounter = 'finished' | 'failed' | 'killed' | 'lost' | 'gone'

export function createAgent(config: AgentConfig, info: AgentInfo, random: Random): Agent {
  return {
    config,
    random,
    info,
    link: { phase: 'down', master: undefined, heartbeatInterval: 15_000, failures: 0, deferred: undefined },
    recovered: false,
    leaving: undefined,
    frameworks: new Map(),
    completedFrameworks: [],
    runs: new Map(),
    executorStreams: new Map(),
    updates: new Map(),
    counters: {
      tasks: { finished: 0, failed: 0, killed: 0, lost: 0, gone: 0 },
      validStatusUpdates: 0,
      invalidStatusUpdates: 0,
      validFrameworkMessages: 0,
      invalidFrameworkMessages: 0,
      containerLaunchErrors: 0,
      executorsTerminated: 0,
      recoveryErrors: 0,
    },
  }
}

export function createFramework(info: FrameworkInfo): Framework {
  return {
    id: info.id!.value,
    info,
    capabilities: capabilitiesOf(info),
    terminating: false,
    executors: new Map(),
    owners: new Map(),
    completedExecutors: [],
  }
}

/** One of which nothing but the id is known here; the master says it in the states that the framework knows. */
export function strangerFramework(id: string): Framework {
  const capabilities = [{ type: FrameworkInfoCapabilityType.PARTITION_AWARE }]
  return createFramework({ id: { value: id }, name: '', user: '', capabilities })
}

export function createTask(info: TaskInfo): Task {
  return {
    id: info.taskId.value,
    info,
    state: TaskState.TASK_STAGING,
    known: true,
    delivered: false,
    statuses: [],
    forwarded: {},
    kill: undefined,
    runningSince: undefined,
  }
}

export function createExecutor(
  framework: Framework,
  given: Pick<Executor, 'info' | 'containerId' | 'sandbox' | 'command'>,
): Executor {
  return {
    framework,
    id: given.info.executorId.value,
    ...given,
    inherited: false,
    phase: 'cloning',
    tasks: new Map(),
    terminated: new Map(),
    completed: [],
    stream: undefined,
    delivered: false,
    granted: new Set(),
    update: undefined,
    pendingKills: new Map(),
    ending: undefined,
    containerStatus: undefined,
    supervisor: undefined,
    destroying: false,
    destroyed: false,
  }
}

export const streamKey = (framework: string, task: string): string => `${framework}/${task}`

/** Whether the framework's things survive a restart of the agent (row 1-051). */
export const checkpoints = (framework: Framework): boolean => framework.info.checkpoint === true

/** A live task of the framework, with the run that it belongs to. */
export function findTask(framework: Framework | undefined, id: string): { executor: Executor; task: Task } | undefined {
  const executor = framework?.owners.get(id)
  const task = executor?.tasks.get(id)
  return executor && task && { executor, task }
}

/** Terminal, but not yet forgotten. */
export function findTerminated(framework: Framework | undefined, id: string): { executor: Executor; task: Task } | undefined {
  const executor = framework?.owners.get(id)
  const task = executor?.terminated.get(id)
  return executor && task && { executor, task }
}

/** The executor has a new task. */
export function addTask(executor: Executor, task: Task): void {
  executor.tasks.set(task.id, task)
  executor.framework.owners.set(task.id, executor)
}

/** The run is over: nobody looks for its tasks any more. */
export function disownTasks(executor: Executor): void {
  for (const [id, owner] of executor.framework.owners) if (owner === executor) executor.framework.owners.delete(id)
}
