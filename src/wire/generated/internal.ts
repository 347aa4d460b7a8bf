// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'
import type * as mesos from './mesos.js'

export interface AgentCall {
  type?: AgentCallType | undefined
  agentId?: mesos.AgentID | undefined
  subscribe?: AgentCallSubscribe | undefined
  update?: AgentCallUpdate | undefined
  message?: AgentCallMessage | undefined
  exitedExecutor?: AgentCallExitedExecutor | undefined
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
} as const
export type AgentCallType = (typeof AgentCallType)[keyof typeof AgentCallType]

export interface AgentCallSubscribe {
  agentInfo: mesos.AgentInfo
  version: string
  capabilities?: mesos.AgentInfoCapability[] | undefined
  frameworks?: mesos.FrameworkInfo[] | undefined
  executors?: mesos.ExecutorInfo[] | undefined
  tasks?: mesos.Task[] | undefined
  totalResources?: mesos.Resource[] | undefined
  pid: string
}
export const AgentCallSubscribe: MessageType<AgentCallSubscribe> = message('meseta.internal.v1.AgentCall.Subscribe')

export interface AgentCallUpdate {
  frameworkId: mesos.FrameworkID
  status: mesos.TaskStatus
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
  status?: number | undefined
}
export const AgentCallExitedExecutor: MessageType<AgentCallExitedExecutor> = message('meseta.internal.v1.AgentCall.ExitedExecutor')

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
  completedFrameworks?: mesos.FrameworkID[] | undefined
}
export const AgentEventSubscribed: MessageType<AgentEventSubscribed> = message('meseta.internal.v1.AgentEvent.Subscribed')

export interface AgentEventRunTask {
  frameworkInfo: mesos.FrameworkInfo
  task: mesos.TaskInfo
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

export interface AgentEventReconcileTasks {
  tasks?: AgentEventReconcileTasksEntry[] | undefined
}
export const AgentEventReconcileTasks: MessageType<AgentEventReconcileTasks> = message('meseta.internal.v1.AgentEvent.ReconcileTasks')

export interface AgentEventReconcileTasksEntry {
  frameworkId: mesos.FrameworkID
  taskId: mesos.TaskID
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

export interface AgentCheckpoint {
  info: mesos.AgentInfo
  bootId: string
}
export const AgentCheckpoint: MessageType<AgentCheckpoint> = message('meseta.internal.v1.AgentCheckpoint')

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
  runRemoved?: RunRemoved | undefined
  frameworkRemoved?: FrameworkRemoved | undefined
}
export const JournalRecord: MessageType<JournalRecord> = message('meseta.internal.v1.JournalRecord')

export interface FrameworkCheckpoint {
  info: mesos.FrameworkInfo
}
export const FrameworkCheckpoint: MessageType<FrameworkCheckpoint> = message('meseta.internal.v1.FrameworkCheckpoint')

export interface ExecutorCheckpoint {
  frameworkId: mesos.FrameworkID
  info: mesos.ExecutorInfo
  containerId: mesos.ContainerID
  commandTask: boolean
}
export const ExecutorCheckpoint: MessageType<ExecutorCheckpoint> = message('meseta.internal.v1.ExecutorCheckpoint')

export interface TaskCheckpoint {
  containerId: mesos.ContainerID
  info: mesos.TaskInfo
}
export const TaskCheckpoint: MessageType<TaskCheckpoint> = message('meseta.internal.v1.TaskCheckpoint')

export interface ContainerCheckpoint {
  containerId: mesos.ContainerID
  supervisorPid: number
  supervisorStartTime: bigint
  socketPath: string
}
export const ContainerCheckpoint: MessageType<ContainerCheckpoint> = message('meseta.internal.v1.ContainerCheckpoint')

export interface UpdateCheckpoint {
  frameworkId: mesos.FrameworkID
  status: mesos.TaskStatus
}
export const UpdateCheckpoint: MessageType<UpdateCheckpoint> = message('meseta.internal.v1.UpdateCheckpoint')

export interface AcknowledgementCheckpoint {
  frameworkId: mesos.FrameworkID
  taskId: mesos.TaskID
  uuid: Uint8Array
}
export const AcknowledgementCheckpoint: MessageType<AcknowledgementCheckpoint> = message('meseta.internal.v1.AcknowledgementCheckpoint')

export interface KillCheckpoint {
  containerId: mesos.ContainerID
  killAtMs: bigint
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

export interface RegisteredFramework {
  info: mesos.FrameworkInfo
  registeredTime?: number | undefined
  disconnectedSince?: mesos.TimeInfo | undefined
}
export const RegisteredFramework: MessageType<RegisteredFramework> = message('meseta.internal.v1.RegisteredFramework')

export interface CompletedFramework {
  id: mesos.FrameworkID
  since: mesos.TimeInfo
}
export const CompletedFramework: MessageType<CompletedFramework> = message('meseta.internal.v1.CompletedFramework')
