// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'
import type * as mesos from './mesos.js'

/** What an operator, or an executor about its containers, asks of the agent, one a POST. `type` says which field is set. */
export interface Call {
  type?: CallType | undefined
  getMetrics?: CallGetMetrics | undefined
  setLoggingLevel?: CallSetLoggingLevel | undefined
  listFiles?: CallListFiles | undefined
  readFile?: CallReadFile | undefined
  getContainers?: CallGetContainers | undefined
  launchNestedContainer?: CallLaunchNestedContainer | undefined
  waitNestedContainer?: CallWaitNestedContainer | undefined
  killNestedContainer?: CallKillNestedContainer | undefined
  removeNestedContainer?: CallRemoveNestedContainer | undefined
  launchNestedContainerSession?: CallLaunchNestedContainerSession | undefined
  attachContainerInput?: CallAttachContainerInput | undefined
  attachContainerOutput?: CallAttachContainerOutput | undefined
  launchContainer?: CallLaunchContainer | undefined
  waitContainer?: CallWaitContainer | undefined
  killContainer?: CallKillContainer | undefined
  removeContainer?: CallRemoveContainer | undefined
  addResourceProviderConfig?: CallAddResourceProviderConfig | undefined
  updateResourceProviderConfig?: CallUpdateResourceProviderConfig | undefined
  removeResourceProviderConfig?: CallRemoveResourceProviderConfig | undefined
  markResourceProviderGone?: CallMarkResourceProviderGone | undefined
  pruneImages?: CallPruneImages | undefined
}
export const Call: MessageType<Call> = message('mesos.v1.agent.Call')

export const CallType = {
  UNKNOWN: 0,
  GET_HEALTH: 1,
  GET_FLAGS: 2,
  GET_VERSION: 3,
  GET_METRICS: 4,
  GET_LOGGING_LEVEL: 5,
  SET_LOGGING_LEVEL: 6,
  LIST_FILES: 7,
  READ_FILE: 8,
  GET_STATE: 9,
  GET_CONTAINERS: 10,
  GET_FRAMEWORKS: 11,
  GET_EXECUTORS: 12,
  GET_OPERATIONS: 31,
  GET_TASKS: 13,
  GET_AGENT: 20,
  GET_RESOURCE_PROVIDERS: 26,
  LAUNCH_NESTED_CONTAINER: 14,
  WAIT_NESTED_CONTAINER: 15,
  KILL_NESTED_CONTAINER: 16,
  REMOVE_NESTED_CONTAINER: 21,
  LAUNCH_NESTED_CONTAINER_SESSION: 17,
  ATTACH_CONTAINER_INPUT: 18,
  ATTACH_CONTAINER_OUTPUT: 19,
  LAUNCH_CONTAINER: 22,
  WAIT_CONTAINER: 23,
  KILL_CONTAINER: 24,
  REMOVE_CONTAINER: 25,
  ADD_RESOURCE_PROVIDER_CONFIG: 27,
  UPDATE_RESOURCE_PROVIDER_CONFIG: 28,
  REMOVE_RESOURCE_PROVIDER_CONFIG: 29,
  MARK_RESOURCE_PROVIDER_GONE: 32,
  PRUNE_IMAGES: 30,
} as const
export type CallType = (typeof CallType)[keyof typeof CallType]

export interface CallGetMetrics {
  timeout?: mesos.DurationInfo | undefined
}
export const CallGetMetrics: MessageType<CallGetMetrics> = message('mesos.v1.agent.Call.GetMetrics')

export interface CallSetLoggingLevel {
  level: number
  duration: mesos.DurationInfo
}
export const CallSetLoggingLevel: MessageType<CallSetLoggingLevel> = message('mesos.v1.agent.Call.SetLoggingLevel')

export interface CallListFiles {
  path: string
}
export const CallListFiles: MessageType<CallListFiles> = message('mesos.v1.agent.Call.ListFiles')

export interface CallReadFile {
  path: string
  offset: bigint
  length?: bigint | undefined
}
export const CallReadFile: MessageType<CallReadFile> = message('mesos.v1.agent.Call.ReadFile')

export interface CallGetContainers {
  showNested?: boolean | undefined
  showStandalone?: boolean | undefined
}
export const CallGetContainers: MessageType<CallGetContainers> = message('mesos.v1.agent.Call.GetContainers')

export interface CallLaunchNestedContainer {
  containerId: mesos.ContainerID
  command?: mesos.CommandInfo | undefined
  container?: mesos.ContainerInfo | undefined
}
export const CallLaunchNestedContainer: MessageType<CallLaunchNestedContainer> = message('mesos.v1.agent.Call.LaunchNestedContainer')

export interface CallWaitNestedContainer {
  containerId: mesos.ContainerID
}
export const CallWaitNestedContainer: MessageType<CallWaitNestedContainer> = message('mesos.v1.agent.Call.WaitNestedContainer')

export interface CallKillNestedContainer {
  containerId: mesos.ContainerID
  signal?: number | undefined
}
export const CallKillNestedContainer: MessageType<CallKillNestedContainer> = message('mesos.v1.agent.Call.KillNestedContainer')

export interface CallRemoveNestedContainer {
  containerId: mesos.ContainerID
}
export const CallRemoveNestedContainer: MessageType<CallRemoveNestedContainer> = message('mesos.v1.agent.Call.RemoveNestedContainer')

export interface CallLaunchNestedContainerSession {
  containerId: mesos.ContainerID
  command?: mesos.CommandInfo | undefined
  container?: mesos.ContainerInfo | undefined
}
export const CallLaunchNestedContainerSession: MessageType<CallLaunchNestedContainerSession> = message('mesos.v1.agent.Call.LaunchNestedContainerSession')

export interface CallAttachContainerInput {
  type?: CallAttachContainerInputType | undefined
  containerId?: mesos.ContainerID | undefined
  processIo?: ProcessIO | undefined
}
export const CallAttachContainerInput: MessageType<CallAttachContainerInput> = message('mesos.v1.agent.Call.AttachContainerInput')

export const CallAttachContainerInputType = {
  UNKNOWN: 0,
  CONTAINER_ID: 1,
  PROCESS_IO: 2,
} as const
export type CallAttachContainerInputType = (typeof CallAttachContainerInputType)[keyof typeof CallAttachContainerInputType]

export interface CallAttachContainerOutput {
  containerId: mesos.ContainerID
}
export const CallAttachContainerOutput: MessageType<CallAttachContainerOutput> = message('mesos.v1.agent.Call.AttachContainerOutput')

export interface CallLaunchContainer {
  containerId: mesos.ContainerID
  command?: mesos.CommandInfo | undefined
  resources?: mesos.Resource[] | undefined
  container?: mesos.ContainerInfo | undefined
  limits?: Record<string, mesos.ValueScalar> | undefined
}
export const CallLaunchContainer: MessageType<CallLaunchContainer> = message('mesos.v1.agent.Call.LaunchContainer')

export interface CallWaitContainer {
  containerId: mesos.ContainerID
}
export const CallWaitContainer: MessageType<CallWaitContainer> = message('mesos.v1.agent.Call.WaitContainer')

export interface CallKillContainer {
  containerId: mesos.ContainerID
  signal?: number | undefined
}
export const CallKillContainer: MessageType<CallKillContainer> = message('mesos.v1.agent.Call.KillContainer')

export interface CallRemoveContainer {
  containerId: mesos.ContainerID
}
export const CallRemoveContainer: MessageType<CallRemoveContainer> = message('mesos.v1.agent.Call.RemoveContainer')

export interface CallAddResourceProviderConfig {
  info: mesos.ResourceProviderInfo
}
export const CallAddResourceProviderConfig: MessageType<CallAddResourceProviderConfig> = message('mesos.v1.agent.Call.AddResourceProviderConfig')

export interface CallUpdateResourceProviderConfig {
  info: mesos.ResourceProviderInfo
}
export const CallUpdateResourceProviderConfig: MessageType<CallUpdateResourceProviderConfig> = message('mesos.v1.agent.Call.UpdateResourceProviderConfig')

export interface CallRemoveResourceProviderConfig {
  type: string
  name: string
}
export const CallRemoveResourceProviderConfig: MessageType<CallRemoveResourceProviderConfig> = message('mesos.v1.agent.Call.RemoveResourceProviderConfig')

export interface CallMarkResourceProviderGone {
  resourceProviderId: mesos.ResourceProviderID
}
export const CallMarkResourceProviderGone: MessageType<CallMarkResourceProviderGone> = message('mesos.v1.agent.Call.MarkResourceProviderGone')

export interface CallPruneImages {
  excludedImages?: mesos.Image[] | undefined
}
export const CallPruneImages: MessageType<CallPruneImages> = message('mesos.v1.agent.Call.PruneImages')

/** The answer; of the type of its call. */
export interface Response {
  type?: ResponseType | undefined
  getHealth?: ResponseGetHealth | undefined
  getFlags?: ResponseGetFlags | undefined
  getVersion?: ResponseGetVersion | undefined
  getMetrics?: ResponseGetMetrics | undefined
  getLoggingLevel?: ResponseGetLoggingLevel | undefined
  listFiles?: ResponseListFiles | undefined
  readFile?: ResponseReadFile | undefined
  getState?: ResponseGetState | undefined
  getContainers?: ResponseGetContainers | undefined
  getFrameworks?: ResponseGetFrameworks | undefined
  getExecutors?: ResponseGetExecutors | undefined
  getOperations?: ResponseGetOperations | undefined
  getTasks?: ResponseGetTasks | undefined
  getAgent?: ResponseGetAgent | undefined
  getResourceProviders?: ResponseGetResourceProviders | undefined
  waitNestedContainer?: ResponseWaitNestedContainer | undefined
  waitContainer?: ResponseWaitContainer | undefined
}
export const Response: MessageType<Response> = message('mesos.v1.agent.Response')

export const ResponseType = {
  UNKNOWN: 0,
  GET_HEALTH: 1,
  GET_FLAGS: 2,
  GET_VERSION: 3,
  GET_METRICS: 4,
  GET_LOGGING_LEVEL: 5,
  LIST_FILES: 6,
  READ_FILE: 7,
  GET_STATE: 8,
  GET_CONTAINERS: 9,
  GET_FRAMEWORKS: 10,
  GET_EXECUTORS: 11,
  GET_OPERATIONS: 17,
  GET_TASKS: 12,
  GET_AGENT: 14,
  GET_RESOURCE_PROVIDERS: 16,
  WAIT_NESTED_CONTAINER: 13,
  WAIT_CONTAINER: 15,
} as const
export type ResponseType = (typeof ResponseType)[keyof typeof ResponseType]

export interface ResponseGetHealth {
  healthy: boolean
}
export const ResponseGetHealth: MessageType<ResponseGetHealth> = message('mesos.v1.agent.Response.GetHealth')

export interface ResponseGetFlags {
  flags?: mesos.Flag[] | undefined
}
export const ResponseGetFlags: MessageType<ResponseGetFlags> = message('mesos.v1.agent.Response.GetFlags')

export interface ResponseGetVersion {
  versionInfo: mesos.VersionInfo
}
export const ResponseGetVersion: MessageType<ResponseGetVersion> = message('mesos.v1.agent.Response.GetVersion')

export interface ResponseGetMetrics {
  metrics?: mesos.Metric[] | undefined
}
export const ResponseGetMetrics: MessageType<ResponseGetMetrics> = message('mesos.v1.agent.Response.GetMetrics')

export interface ResponseGetLoggingLevel {
  level: number
}
export const ResponseGetLoggingLevel: MessageType<ResponseGetLoggingLevel> = message('mesos.v1.agent.Response.GetLoggingLevel')

export interface ResponseListFiles {
  fileInfos?: mesos.FileInfo[] | undefined
}
export const ResponseListFiles: MessageType<ResponseListFiles> = message('mesos.v1.agent.Response.ListFiles')

export interface ResponseReadFile {
  size: bigint
  data: Uint8Array
}
export const ResponseReadFile: MessageType<ResponseReadFile> = message('mesos.v1.agent.Response.ReadFile')

export interface ResponseGetState {
  getTasks?: ResponseGetTasks | undefined
  getExecutors?: ResponseGetExecutors | undefined
  getFrameworks?: ResponseGetFrameworks | undefined
}
export const ResponseGetState: MessageType<ResponseGetState> = message('mesos.v1.agent.Response.GetState')

export interface ResponseGetContainers {
  containers?: ResponseGetContainersContainer[] | undefined
}
export const ResponseGetContainers: MessageType<ResponseGetContainers> = message('mesos.v1.agent.Response.GetContainers')

export interface ResponseGetContainersContainer {
  frameworkId?: mesos.FrameworkID | undefined
  executorId?: mesos.ExecutorID | undefined
  executorName?: string | undefined
  containerId: mesos.ContainerID
  containerStatus?: mesos.ContainerStatus | undefined
  resourceStatistics?: mesos.ResourceStatistics | undefined
}
export const ResponseGetContainersContainer: MessageType<ResponseGetContainersContainer> = message('mesos.v1.agent.Response.GetContainers.Container')

export interface ResponseGetFrameworks {
  frameworks?: ResponseGetFrameworksFramework[] | undefined
  completedFrameworks?: ResponseGetFrameworksFramework[] | undefined
}
export const ResponseGetFrameworks: MessageType<ResponseGetFrameworks> = message('mesos.v1.agent.Response.GetFrameworks')

export interface ResponseGetFrameworksFramework {
  frameworkInfo: mesos.FrameworkInfo
}
export const ResponseGetFrameworksFramework: MessageType<ResponseGetFrameworksFramework> = message('mesos.v1.agent.Response.GetFrameworks.Framework')

export interface ResponseGetExecutors {
  executors?: ResponseGetExecutorsExecutor[] | undefined
  completedExecutors?: ResponseGetExecutorsExecutor[] | undefined
}
export const ResponseGetExecutors: MessageType<ResponseGetExecutors> = message('mesos.v1.agent.Response.GetExecutors')

export interface ResponseGetExecutorsExecutor {
  executorInfo: mesos.ExecutorInfo
}
export const ResponseGetExecutorsExecutor: MessageType<ResponseGetExecutorsExecutor> = message('mesos.v1.agent.Response.GetExecutors.Executor')

export interface ResponseGetOperations {
  operations?: mesos.Operation[] | undefined
}
export const ResponseGetOperations: MessageType<ResponseGetOperations> = message('mesos.v1.agent.Response.GetOperations')

export interface ResponseGetTasks {
  pendingTasks?: mesos.Task[] | undefined
  queuedTasks?: mesos.Task[] | undefined
  launchedTasks?: mesos.Task[] | undefined
  terminatedTasks?: mesos.Task[] | undefined
  completedTasks?: mesos.Task[] | undefined
}
export const ResponseGetTasks: MessageType<ResponseGetTasks> = message('mesos.v1.agent.Response.GetTasks')

export interface ResponseGetAgent {
  agentInfo?: mesos.AgentInfo | undefined
  drainConfig?: mesos.DrainConfig | undefined
  estimatedDrainStartTime?: mesos.TimeInfo | undefined
}
export const ResponseGetAgent: MessageType<ResponseGetAgent> = message('mesos.v1.agent.Response.GetAgent')

export interface ResponseGetResourceProviders {
  resourceProviders?: ResponseGetResourceProvidersResourceProvider[] | undefined
}
export const ResponseGetResourceProviders: MessageType<ResponseGetResourceProviders> = message('mesos.v1.agent.Response.GetResourceProviders')

export interface ResponseGetResourceProvidersResourceProvider {
  resourceProviderInfo: mesos.ResourceProviderInfo
  totalResources?: mesos.Resource[] | undefined
}
export const ResponseGetResourceProvidersResourceProvider: MessageType<ResponseGetResourceProvidersResourceProvider> = message('mesos.v1.agent.Response.GetResourceProviders.ResourceProvider')

export interface ResponseWaitNestedContainer {
  /** As wait(2) says it: exit code 3 is 768, signal 9 is 9 (3-057). */
  exitStatus?: number | undefined
  state?: mesos.TaskState | undefined
  reason?: mesos.TaskStatusReason | undefined
  limitation?: mesos.TaskResourceLimitation | undefined
  message?: string | undefined
}
export const ResponseWaitNestedContainer: MessageType<ResponseWaitNestedContainer> = message('mesos.v1.agent.Response.WaitNestedContainer')

export interface ResponseWaitContainer {
  /** As wait(2) says it: exit code 3 is 768, signal 9 is 9 (3-057). */
  exitStatus?: number | undefined
  state?: mesos.TaskState | undefined
  reason?: mesos.TaskStatusReason | undefined
  limitation?: mesos.TaskResourceLimitation | undefined
  message?: string | undefined
}
export const ResponseWaitContainer: MessageType<ResponseWaitContainer> = message('mesos.v1.agent.Response.WaitContainer')

/** Input and output of a container and how to handle them, one record each in both directions. */
export interface ProcessIO {
  type?: ProcessIOType | undefined
  data?: ProcessIOData | undefined
  control?: ProcessIOControl | undefined
}
export const ProcessIO: MessageType<ProcessIO> = message('mesos.v1.agent.ProcessIO')

export const ProcessIOType = {
  UNKNOWN: 0,
  DATA: 1,
  CONTROL: 2,
} as const
export type ProcessIOType = (typeof ProcessIOType)[keyof typeof ProcessIOType]

export interface ProcessIOData {
  type?: ProcessIODataType | undefined
  data?: Uint8Array | undefined
}
export const ProcessIOData: MessageType<ProcessIOData> = message('mesos.v1.agent.ProcessIO.Data')

export const ProcessIODataType = {
  UNKNOWN: 0,
  STDIN: 1,
  STDOUT: 2,
  STDERR: 3,
} as const
export type ProcessIODataType = (typeof ProcessIODataType)[keyof typeof ProcessIODataType]

export interface ProcessIOControl {
  type?: ProcessIOControlType | undefined
  ttyInfo?: mesos.TTYInfo | undefined
  heartbeat?: ProcessIOControlHeartbeat | undefined
}
export const ProcessIOControl: MessageType<ProcessIOControl> = message('mesos.v1.agent.ProcessIO.Control')

export const ProcessIOControlType = {
  UNKNOWN: 0,
  TTY_INFO: 1,
  HEARTBEAT: 2,
} as const
export type ProcessIOControlType = (typeof ProcessIOControlType)[keyof typeof ProcessIOControlType]

export interface ProcessIOControlHeartbeat {
  interval?: mesos.DurationInfo | undefined
}
export const ProcessIOControlHeartbeat: MessageType<ProcessIOControlHeartbeat> = message('mesos.v1.agent.ProcessIO.Control.Heartbeat')
