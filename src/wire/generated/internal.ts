// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'
import type * as mesos from './mesos.js'

/** Agent → master. */
export interface AgentCall {
  type?: AgentCallType | undefined
  /** Set on every call but the first SUBSCRIBE of a new agent. */
  agentId?: mesos.AgentID | undefined
  subscribe?: AgentCallSubscribe | undefined
  update?: AgentCallUpdate | undefined
  message?: AgentCallMessage | undefined
  exitedExecutor?: AgentCallExitedExecutor | undefined
  /** Of any type but SUBSCRIBE and BATCH. */
  batch?: AgentCall[] | undefined
}
export const AgentCall: MessageType<AgentCall> = message('meseta.internal.v1.AgentCall')

export const AgentCallType = {
  UNKNOWN: 0,
  SUBSCRIBE: 1,
  UPDATE: 2,
  MESSAGE: 3,
  EXITED_EXECUTOR: 4,
  UNREGISTER: 5,
  HEARTBEAT: 6,
  BATCH: 7,
} as const
export type AgentCallType = (typeof AgentCallType)[keyof typeof AgentCallType]

/** All that the agent holds, so that a master which knows nothing can serve it at once (design §4.3). */
export interface AgentCallSubscribe {
  /** Its id is absent on the first registration ever. */
  agentInfo: mesos.AgentInfo
  version: string
  capabilities?: mesos.AgentInfoCapability[] | undefined
  /** Frameworks that have tasks or executors on this agent. */
  frameworks?: mesos.FrameworkInfo[] | undefined
  executors?: mesos.ExecutorInfo[] | undefined
  /** Tasks that are not terminal, or terminal with updates still to be acknowledged. */
  tasks?: mesos.Task[] | undefined
  /** Resources after reservations and volumes were applied. */
  totalResources?: mesos.Resource[] | undefined
  /** Where the agent's HTTP server answers, as `slave(1)@ip:port` (row 3-099 `pid`). */
  pid: string
}
export const AgentCallSubscribe: MessageType<AgentCallSubscribe> = message('meseta.internal.v1.AgentCall.Subscribe')

export interface AgentCallUpdate {
  frameworkId: mesos.FrameworkID
  /** What goes to the scheduler: the oldest update that is not acknowledged. */
  status: mesos.TaskStatus
  /** The state the task really is in now; frees resources before the scheduler got that far (row 1-110). */
  latestState?: mesos.TaskState | undefined
  executorId?: mesos.ExecutorID | undefined
}
export const AgentCallUpdate: MessageType<AgentCallUpdate> = message('meseta.internal.v1.AgentCall.Update')

export interface AgentCallMessage {
  frameworkId: mesos.FrameworkID
  executorId: mesos.ExecutorID
  data: Uint8Array
}
export const AgentCallMessage: MessageType<AgentCallMessage> = message('meseta.internal.v1.AgentCall.Message')

export interface AgentCallExitedExecutor {
  frameworkId: mesos.FrameworkID
  executorId: mesos.ExecutorID
  /** Raw wait status (row 1-043). */
  status?: number | undefined
}
export const AgentCallExitedExecutor: MessageType<AgentCallExitedExecutor> = message('meseta.internal.v1.AgentCall.ExitedExecutor')

/** Master → agent. */
export interface AgentEvent {
  type?: AgentEventType | undefined
  subscribed?: AgentEventSubscribed | undefined
  runTask?: AgentEventRunTask | undefined
  runTaskGroup?: AgentEventRunTaskGroup | undefined
  killTask?: AgentEventKillTask | undefined
  shutdownExecutor?: AgentEventShutdownExecutor | undefined
  shutdownFramework?: AgentEventShutdownFramework | undefined
  acknowledge?: AgentEventAcknowledge | undefined
  message?: AgentEventMessage | undefined
  updateFramework?: AgentEventUpdateFramework | undefined
  reconcileTasks?: AgentEventReconcileTasks | undefined
  shutdown?: AgentEventShutdown | undefined
  error?: AgentEventError | undefined
}
export const AgentEvent: MessageType<AgentEvent> = message('meseta.internal.v1.AgentEvent')

export const AgentEventType = {
  UNKNOWN: 0,
  SUBSCRIBED: 1,
  RUN_TASK: 2,
  RUN_TASK_GROUP: 3,
  KILL_TASK: 4,
  SHUTDOWN_EXECUTOR: 5,
  SHUTDOWN_FRAMEWORK: 6,
  ACKNOWLEDGE: 7,
  MESSAGE: 8,
  UPDATE_FRAMEWORK: 9,
  RECONCILE_TASKS: 10,
  HEARTBEAT: 11,
  SHUTDOWN: 12,
  ERROR: 13,
} as const
export type AgentEventType = (typeof AgentEventType)[keyof typeof AgentEventType]

export interface AgentEventSubscribed {
  agentId: mesos.AgentID
  heartbeatIntervalSeconds: number
  masterInfo?: mesos.MasterInfo | undefined
  /** Frameworks among those reported that are gone for good: their executors are to be shut down. */
  completedFrameworks?: mesos.FrameworkID[] | undefined
}
export const AgentEventSubscribed: MessageType<AgentEventSubscribed> = message('meseta.internal.v1.AgentEvent.Subscribed')

export interface AgentEventRunTask {
  frameworkInfo: mesos.FrameworkInfo
  task: mesos.TaskInfo
  /** The master saw no executor of that id on this agent, so a new one must be started; unset for command tasks. */
  launchExecutor?: boolean | undefined
}
export const AgentEventRunTask: MessageType<AgentEventRunTask> = message('meseta.internal.v1.AgentEvent.RunTask')

export interface AgentEventRunTaskGroup {
  frameworkInfo: mesos.FrameworkInfo
  executor: mesos.ExecutorInfo
  taskGroup: mesos.TaskGroupInfo
  launchExecutor?: boolean | undefined
}
export const AgentEventRunTaskGroup: MessageType<AgentEventRunTaskGroup> = message('meseta.internal.v1.AgentEvent.RunTaskGroup')

export interface AgentEventKillTask {
  frameworkId: mesos.FrameworkID
  taskId: mesos.TaskID
  killPolicy?: mesos.KillPolicy | undefined
}
export const AgentEventKillTask: MessageType<AgentEventKillTask> = message('meseta.internal.v1.AgentEvent.KillTask')

export interface AgentEventShutdownExecutor {
  frameworkId: mesos.FrameworkID
  executorId: mesos.ExecutorID
}
export const AgentEventShutdownExecutor: MessageType<AgentEventShutdownExecutor> = message('meseta.internal.v1.AgentEvent.ShutdownExecutor')

export interface AgentEventShutdownFramework {
  frameworkId: mesos.FrameworkID
}
export const AgentEventShutdownFramework: MessageType<AgentEventShutdownFramework> = message('meseta.internal.v1.AgentEvent.ShutdownFramework')

export interface AgentEventAcknowledge {
  frameworkId: mesos.FrameworkID
  taskId: mesos.TaskID
  uuid: Uint8Array
}
export const AgentEventAcknowledge: MessageType<AgentEventAcknowledge> = message('meseta.internal.v1.AgentEvent.Acknowledge')

export interface AgentEventMessage {
  frameworkId: mesos.FrameworkID
  executorId: mesos.ExecutorID
  data: Uint8Array
}
export const AgentEventMessage: MessageType<AgentEventMessage> = message('meseta.internal.v1.AgentEvent.Message')

export interface AgentEventUpdateFramework {
  frameworkInfo: mesos.FrameworkInfo
}
export const AgentEventUpdateFramework: MessageType<AgentEventUpdateFramework> = message('meseta.internal.v1.AgentEvent.UpdateFramework')

/**
 * Tasks that the master believes to be on the agent although the agent did not report them: a launch that was lost on the way.
 * The agent answers with a terminal update for each that it does not know (row 4-044 and its neighbours).
 */
export interface AgentEventReconcileTasks {
  tasks?: AgentEventReconcileTasksEntry[] | undefined
}
export const AgentEventReconcileTasks: MessageType<AgentEventReconcileTasks> = message('meseta.internal.v1.AgentEvent.ReconcileTasks')

export interface AgentEventReconcileTasksEntry {
  frameworkId: mesos.FrameworkID
  taskId: mesos.TaskID
  /** Whether the framework is PARTITION_AWARE decides between DROPPED and LOST. */
  partitionAware?: boolean | undefined
}
export const AgentEventReconcileTasksEntry: MessageType<AgentEventReconcileTasksEntry> = message('meseta.internal.v1.AgentEvent.ReconcileTasks.Entry')

export interface AgentEventShutdown {
  message?: string | undefined
}
export const AgentEventShutdown: MessageType<AgentEventShutdown> = message('meseta.internal.v1.AgentEvent.Shutdown')

export interface AgentEventError {
  message: string
}
export const AgentEventError: MessageType<AgentEventError> = message('meseta.internal.v1.AgentEvent.Error')

/** File `agent.info`. Synced. */
export interface AgentCheckpoint {
  info: mesos.AgentInfo
  /** Another boot id at recovery means: nothing runs any more, the tasks were lost by the reboot. */
  bootId: string
}
export const AgentCheckpoint: MessageType<AgentCheckpoint> = message('meseta.internal.v1.AgentCheckpoint')

/** First record of every journal: one written by a newer version is refused in a sentence, never half understood. */
export interface JournalHeader {
  version: number
}
export const JournalHeader: MessageType<JournalHeader> = message('meseta.internal.v1.JournalHeader')

export interface JournalRecord {
  header?: JournalHeader | undefined
  framework?: FrameworkCheckpoint | undefined
  executor?: ExecutorCheckpoint | undefined
  task?: TaskCheckpoint | undefined
  container?: ContainerCheckpoint | undefined
  update?: UpdateCheckpoint | undefined
  acknowledgement?: AcknowledgementCheckpoint | undefined
  kill?: KillCheckpoint | undefined
  /** Nothing of this run is left to do. */
  runRemoved?: RunRemoved | undefined
  frameworkRemoved?: FrameworkRemoved | undefined
}
export const JournalRecord: MessageType<JournalRecord> = message('meseta.internal.v1.JournalRecord')

/** Written again when the framework changes. */
export interface FrameworkCheckpoint {
  info: mesos.FrameworkInfo
}
export const FrameworkCheckpoint: MessageType<FrameworkCheckpoint> = message('meseta.internal.v1.FrameworkCheckpoint')

/** One run of an executor; a command task has one of its own (design §4.6). */
export interface ExecutorCheckpoint {
  frameworkId: mesos.FrameworkID
  info: mesos.ExecutorInfo
  containerId: mesos.ContainerID
  /** The agent itself stands for the executor. */
  commandTask: boolean
}
export const ExecutorCheckpoint: MessageType<ExecutorCheckpoint> = message('meseta.internal.v1.ExecutorCheckpoint')

export interface TaskCheckpoint {
  containerId: mesos.ContainerID
  info: mesos.TaskInfo
}
export const TaskCheckpoint: MessageType<TaskCheckpoint> = message('meseta.internal.v1.TaskCheckpoint')

/** Written after the clone, before *go*: from here on the container is known (design §6). */
export interface ContainerCheckpoint {
  containerId: mesos.ContainerID
  supervisorPid: number
  /** Field 22 of /proc/<pid>/stat, in clock ticks since boot: with the pid it names one process for ever. */
  supervisorStartTime: bigint
  socketPath: string
}
export const ContainerCheckpoint: MessageType<ContainerCheckpoint> = message('meseta.internal.v1.ContainerCheckpoint')

/** Synced before it is forwarded to the master and before the executor hears ACKNOWLEDGED. */
export interface UpdateCheckpoint {
  frameworkId: mesos.FrameworkID
  status: mesos.TaskStatus
}
export const UpdateCheckpoint: MessageType<UpdateCheckpoint> = message('meseta.internal.v1.UpdateCheckpoint')

/** The scheduler has this update: it is not to be sent again. */
export interface AcknowledgementCheckpoint {
  frameworkId: mesos.FrameworkID
  taskId: mesos.TaskID
  uuid: Uint8Array
}
export const AcknowledgementCheckpoint: MessageType<AcknowledgementCheckpoint> = message('meseta.internal.v1.AcknowledgementCheckpoint')

/** A command task was told to end; a returning agent sees the kill through. */
export interface KillCheckpoint {
  containerId: mesos.ContainerID
  /** Milliseconds since the epoch: SIGKILL then. */
  killAtMs: bigint
  /** It ran longer than its max_completion_time (row 1-096). */
  overdue?: boolean | undefined
}
export const KillCheckpoint: MessageType<KillCheckpoint> = message('meseta.internal.v1.KillCheckpoint')

export interface RunRemoved {
  containerId: mesos.ContainerID
}
export const RunRemoved: MessageType<RunRemoved> = message('meseta.internal.v1.RunRemoved')

export interface FrameworkRemoved {
  frameworkId: mesos.FrameworkID
}
export const FrameworkRemoved: MessageType<FrameworkRemoved> = message('meseta.internal.v1.FrameworkRemoved')

export interface RegisteredAgent {
  info: mesos.AgentInfo
  /** Seconds since the epoch of the first registration. */
  registeredTime?: number | undefined
}
export const RegisteredAgent: MessageType<RegisteredAgent> = message('meseta.internal.v1.RegisteredAgent')

export interface UnreachableAgent {
  id: mesos.AgentID
  since: mesos.TimeInfo
}
export const UnreachableAgent: MessageType<UnreachableAgent> = message('meseta.internal.v1.UnreachableAgent')

export interface GoneAgent {
  id: mesos.AgentID
  since: mesos.TimeInfo
}
export const GoneAgent: MessageType<GoneAgent> = message('meseta.internal.v1.GoneAgent')

/** Kept so that a failover timeout goes on over a failover of the master, which Mesos forgets (row 1-050). */
export interface RegisteredFramework {
  info: mesos.FrameworkInfo
  registeredTime?: number | undefined
  /** When its scheduler was last lost; absent while it is connected. */
  disconnectedSince?: mesos.TimeInfo | undefined
}
export const RegisteredFramework: MessageType<RegisteredFramework> = message('meseta.internal.v1.RegisteredFramework')

/** Ids of frameworks that were torn down: never to be used again (row 1-021). */
export interface CompletedFramework {
  id: mesos.FrameworkID
  since: mesos.TimeInfo
}
export const CompletedFramework: MessageType<CompletedFramework> = message('meseta.internal.v1.CompletedFramework')
