// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'
import type * as google from './google.js'
import type * as maintenance from './maintenance.js'
import type * as mesos from './mesos.js'
import type * as quota from './quota.js'
import type * as scheduler from './scheduler.js'

/** What an operator asks of the master, one a POST. `type` says which field is set. */
export interface Call {
  type?: CallType | undefined
  getMetrics?: CallGetMetrics | undefined
  setLoggingLevel?: CallSetLoggingLevel | undefined
  listFiles?: CallListFiles | undefined
  readFile?: CallReadFile | undefined
  updateWeights?: CallUpdateWeights | undefined
  reserveResources?: CallReserveResources | undefined
  unreserveResources?: CallUnreserveResources | undefined
  createVolumes?: CallCreateVolumes | undefined
  destroyVolumes?: CallDestroyVolumes | undefined
  growVolume?: CallGrowVolume | undefined
  shrinkVolume?: CallShrinkVolume | undefined
  updateMaintenanceSchedule?: CallUpdateMaintenanceSchedule | undefined
  startMaintenance?: CallStartMaintenance | undefined
  stopMaintenance?: CallStopMaintenance | undefined
  drainAgent?: CallDrainAgent | undefined
  deactivateAgent?: CallDeactivateAgent | undefined
  reactivateAgent?: CallReactivateAgent | undefined
  updateQuota?: CallUpdateQuota | undefined
  teardown?: CallTeardown | undefined
  markAgentGone?: CallMarkAgentGone | undefined
  setQuota?: CallSetQuota | undefined
  removeQuota?: CallRemoveQuota | undefined
}
export const Call: MessageType<Call> = message('mesos.v1.master.Call')

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
  GET_AGENTS: 10,
  GET_FRAMEWORKS: 11,
  GET_EXECUTORS: 12,
  GET_OPERATIONS: 33,
  GET_TASKS: 13,
  GET_ROLES: 14,
  GET_WEIGHTS: 15,
  UPDATE_WEIGHTS: 16,
  GET_MASTER: 17,
  SUBSCRIBE: 18,
  RESERVE_RESOURCES: 19,
  UNRESERVE_RESOURCES: 20,
  CREATE_VOLUMES: 21,
  DESTROY_VOLUMES: 22,
  GROW_VOLUME: 34,
  SHRINK_VOLUME: 35,
  GET_MAINTENANCE_STATUS: 23,
  GET_MAINTENANCE_SCHEDULE: 24,
  UPDATE_MAINTENANCE_SCHEDULE: 25,
  START_MAINTENANCE: 26,
  STOP_MAINTENANCE: 27,
  DRAIN_AGENT: 37,
  DEACTIVATE_AGENT: 38,
  REACTIVATE_AGENT: 39,
  GET_QUOTA: 28,
  UPDATE_QUOTA: 36,
  SET_QUOTA: 29,
  REMOVE_QUOTA: 30,
  TEARDOWN: 31,
  MARK_AGENT_GONE: 32,
} as const
export type CallType = (typeof CallType)[keyof typeof CallType]

export interface CallGetMetrics {
  timeout?: mesos.DurationInfo | undefined
}
export const CallGetMetrics: MessageType<CallGetMetrics> = message('mesos.v1.master.Call.GetMetrics')

export interface CallSetLoggingLevel {
  level: number
  duration: mesos.DurationInfo
}
export const CallSetLoggingLevel: MessageType<CallSetLoggingLevel> = message('mesos.v1.master.Call.SetLoggingLevel')

export interface CallListFiles {
  path: string
}
export const CallListFiles: MessageType<CallListFiles> = message('mesos.v1.master.Call.ListFiles')

export interface CallReadFile {
  path: string
  offset: bigint
  /** Not set: to the end, or as much as one answer holds. */
  length?: bigint | undefined
}
export const CallReadFile: MessageType<CallReadFile> = message('mesos.v1.master.Call.ReadFile')

export interface CallUpdateWeights {
  weightInfos?: mesos.WeightInfo[] | undefined
}
export const CallUpdateWeights: MessageType<CallUpdateWeights> = message('mesos.v1.master.Call.UpdateWeights')

export interface CallReserveResources {
  agentId: mesos.AgentID
  source?: mesos.Resource[] | undefined
  resources?: mesos.Resource[] | undefined
}
export const CallReserveResources: MessageType<CallReserveResources> = message('mesos.v1.master.Call.ReserveResources')

export interface CallUnreserveResources {
  agentId: mesos.AgentID
  resources?: mesos.Resource[] | undefined
}
export const CallUnreserveResources: MessageType<CallUnreserveResources> = message('mesos.v1.master.Call.UnreserveResources')

export interface CallCreateVolumes {
  agentId: mesos.AgentID
  volumes?: mesos.Resource[] | undefined
}
export const CallCreateVolumes: MessageType<CallCreateVolumes> = message('mesos.v1.master.Call.CreateVolumes')

export interface CallDestroyVolumes {
  agentId: mesos.AgentID
  volumes?: mesos.Resource[] | undefined
}
export const CallDestroyVolumes: MessageType<CallDestroyVolumes> = message('mesos.v1.master.Call.DestroyVolumes')

export interface CallGrowVolume {
  agentId?: mesos.AgentID | undefined
  volume: mesos.Resource
  addition: mesos.Resource
}
export const CallGrowVolume: MessageType<CallGrowVolume> = message('mesos.v1.master.Call.GrowVolume')

export interface CallShrinkVolume {
  agentId?: mesos.AgentID | undefined
  volume: mesos.Resource
  subtract: mesos.ValueScalar
}
export const CallShrinkVolume: MessageType<CallShrinkVolume> = message('mesos.v1.master.Call.ShrinkVolume')

export interface CallUpdateMaintenanceSchedule {
  schedule: maintenance.Schedule
}
export const CallUpdateMaintenanceSchedule: MessageType<CallUpdateMaintenanceSchedule> = message('mesos.v1.master.Call.UpdateMaintenanceSchedule')

export interface CallStartMaintenance {
  machines?: mesos.MachineID[] | undefined
}
export const CallStartMaintenance: MessageType<CallStartMaintenance> = message('mesos.v1.master.Call.StartMaintenance')

export interface CallStopMaintenance {
  machines?: mesos.MachineID[] | undefined
}
export const CallStopMaintenance: MessageType<CallStopMaintenance> = message('mesos.v1.master.Call.StopMaintenance')

export interface CallDrainAgent {
  agentId: mesos.AgentID
  maxGracePeriod?: google.Duration | undefined
  markGone?: boolean | undefined
}
export const CallDrainAgent: MessageType<CallDrainAgent> = message('mesos.v1.master.Call.DrainAgent')

export interface CallDeactivateAgent {
  agentId: mesos.AgentID
}
export const CallDeactivateAgent: MessageType<CallDeactivateAgent> = message('mesos.v1.master.Call.DeactivateAgent')

export interface CallReactivateAgent {
  agentId: mesos.AgentID
}
export const CallReactivateAgent: MessageType<CallReactivateAgent> = message('mesos.v1.master.Call.ReactivateAgent')

export interface CallUpdateQuota {
  force?: boolean | undefined
  quotaConfigs?: quota.QuotaConfig[] | undefined
}
export const CallUpdateQuota: MessageType<CallUpdateQuota> = message('mesos.v1.master.Call.UpdateQuota')

export interface CallSetQuota {
  quotaRequest: quota.QuotaRequest
}
export const CallSetQuota: MessageType<CallSetQuota> = message('mesos.v1.master.Call.SetQuota')

export interface CallRemoveQuota {
  role: string
}
export const CallRemoveQuota: MessageType<CallRemoveQuota> = message('mesos.v1.master.Call.RemoveQuota')

export interface CallTeardown {
  frameworkId: mesos.FrameworkID
}
export const CallTeardown: MessageType<CallTeardown> = message('mesos.v1.master.Call.Teardown')

export interface CallMarkAgentGone {
  agentId: mesos.AgentID
}
export const CallMarkAgentGone: MessageType<CallMarkAgentGone> = message('mesos.v1.master.Call.MarkAgentGone')

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
  getAgents?: ResponseGetAgents | undefined
  getFrameworks?: ResponseGetFrameworks | undefined
  getExecutors?: ResponseGetExecutors | undefined
  getOperations?: ResponseGetOperations | undefined
  getTasks?: ResponseGetTasks | undefined
  getRoles?: ResponseGetRoles | undefined
  getWeights?: ResponseGetWeights | undefined
  getMaster?: ResponseGetMaster | undefined
  getMaintenanceStatus?: ResponseGetMaintenanceStatus | undefined
  getMaintenanceSchedule?: ResponseGetMaintenanceSchedule | undefined
  getQuota?: ResponseGetQuota | undefined
}
export const Response: MessageType<Response> = message('mesos.v1.master.Response')

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
  GET_AGENTS: 9,
  GET_FRAMEWORKS: 10,
  GET_EXECUTORS: 11,
  GET_OPERATIONS: 19,
  GET_TASKS: 12,
  GET_ROLES: 13,
  GET_WEIGHTS: 14,
  GET_MASTER: 15,
  GET_MAINTENANCE_STATUS: 16,
  GET_MAINTENANCE_SCHEDULE: 17,
  GET_QUOTA: 18,
} as const
export type ResponseType = (typeof ResponseType)[keyof typeof ResponseType]

export interface ResponseGetHealth {
  healthy: boolean
}
export const ResponseGetHealth: MessageType<ResponseGetHealth> = message('mesos.v1.master.Response.GetHealth')

export interface ResponseGetFlags {
  flags?: mesos.Flag[] | undefined
}
export const ResponseGetFlags: MessageType<ResponseGetFlags> = message('mesos.v1.master.Response.GetFlags')

export interface ResponseGetVersion {
  versionInfo: mesos.VersionInfo
}
export const ResponseGetVersion: MessageType<ResponseGetVersion> = message('mesos.v1.master.Response.GetVersion')

export interface ResponseGetMetrics {
  metrics?: mesos.Metric[] | undefined
}
export const ResponseGetMetrics: MessageType<ResponseGetMetrics> = message('mesos.v1.master.Response.GetMetrics')

export interface ResponseGetLoggingLevel {
  level: number
}
export const ResponseGetLoggingLevel: MessageType<ResponseGetLoggingLevel> = message('mesos.v1.master.Response.GetLoggingLevel')

export interface ResponseListFiles {
  fileInfos?: mesos.FileInfo[] | undefined
}
export const ResponseListFiles: MessageType<ResponseListFiles> = message('mesos.v1.master.Response.ListFiles')

export interface ResponseReadFile {
  size: bigint
  data: Uint8Array
}
export const ResponseReadFile: MessageType<ResponseReadFile> = message('mesos.v1.master.Response.ReadFile')

export interface ResponseGetState {
  getTasks?: ResponseGetTasks | undefined
  getExecutors?: ResponseGetExecutors | undefined
  getFrameworks?: ResponseGetFrameworks | undefined
  getAgents?: ResponseGetAgents | undefined
}
export const ResponseGetState: MessageType<ResponseGetState> = message('mesos.v1.master.Response.GetState')

export interface ResponseGetAgents {
  agents?: ResponseGetAgentsAgent[] | undefined
  recoveredAgents?: mesos.AgentInfo[] | undefined
}
export const ResponseGetAgents: MessageType<ResponseGetAgents> = message('mesos.v1.master.Response.GetAgents')

export interface ResponseGetAgentsAgent {
  agentInfo: mesos.AgentInfo
  active: boolean
  deactivated?: boolean | undefined
  version: string
  pid?: string | undefined
  registeredTime?: mesos.TimeInfo | undefined
  reregisteredTime?: mesos.TimeInfo | undefined
  totalResources?: mesos.Resource[] | undefined
  allocatedResources?: mesos.Resource[] | undefined
  offeredResources?: mesos.Resource[] | undefined
  capabilities?: mesos.AgentInfoCapability[] | undefined
  resourceProviders?: ResponseGetAgentsAgentResourceProvider[] | undefined
  drainInfo?: mesos.DrainInfo | undefined
  estimatedDrainStartTime?: mesos.TimeInfo | undefined
}
export const ResponseGetAgentsAgent: MessageType<ResponseGetAgentsAgent> = message('mesos.v1.master.Response.GetAgents.Agent')

export interface ResponseGetAgentsAgentResourceProvider {
  resourceProviderInfo: mesos.ResourceProviderInfo
  totalResources?: mesos.Resource[] | undefined
}
export const ResponseGetAgentsAgentResourceProvider: MessageType<ResponseGetAgentsAgentResourceProvider> = message('mesos.v1.master.Response.GetAgents.Agent.ResourceProvider')

export interface ResponseGetFrameworks {
  frameworks?: ResponseGetFrameworksFramework[] | undefined
  completedFrameworks?: ResponseGetFrameworksFramework[] | undefined
  recoveredFrameworks?: mesos.FrameworkInfo[] | undefined
}
export const ResponseGetFrameworks: MessageType<ResponseGetFrameworks> = message('mesos.v1.master.Response.GetFrameworks')

export interface ResponseGetFrameworksFramework {
  frameworkInfo: mesos.FrameworkInfo
  active: boolean
  connected: boolean
  recovered: boolean
  registeredTime?: mesos.TimeInfo | undefined
  reregisteredTime?: mesos.TimeInfo | undefined
  unregisteredTime?: mesos.TimeInfo | undefined
  offers?: mesos.Offer[] | undefined
  inverseOffers?: mesos.InverseOffer[] | undefined
  allocatedResources?: mesos.Resource[] | undefined
  offeredResources?: mesos.Resource[] | undefined
  offerConstraints?: scheduler.OfferConstraints | undefined
}
export const ResponseGetFrameworksFramework: MessageType<ResponseGetFrameworksFramework> = message('mesos.v1.master.Response.GetFrameworks.Framework')

export interface ResponseGetExecutors {
  executors?: ResponseGetExecutorsExecutor[] | undefined
  orphanExecutors?: ResponseGetExecutorsExecutor[] | undefined
}
export const ResponseGetExecutors: MessageType<ResponseGetExecutors> = message('mesos.v1.master.Response.GetExecutors')

export interface ResponseGetExecutorsExecutor {
  executorInfo: mesos.ExecutorInfo
  agentId: mesos.AgentID
}
export const ResponseGetExecutorsExecutor: MessageType<ResponseGetExecutorsExecutor> = message('mesos.v1.master.Response.GetExecutors.Executor')

export interface ResponseGetOperations {
  operations?: mesos.Operation[] | undefined
}
export const ResponseGetOperations: MessageType<ResponseGetOperations> = message('mesos.v1.master.Response.GetOperations')

export interface ResponseGetTasks {
  pendingTasks?: mesos.Task[] | undefined
  tasks?: mesos.Task[] | undefined
  unreachableTasks?: mesos.Task[] | undefined
  completedTasks?: mesos.Task[] | undefined
  orphanTasks?: mesos.Task[] | undefined
}
export const ResponseGetTasks: MessageType<ResponseGetTasks> = message('mesos.v1.master.Response.GetTasks')

export interface ResponseGetRoles {
  roles?: mesos.Role[] | undefined
}
export const ResponseGetRoles: MessageType<ResponseGetRoles> = message('mesos.v1.master.Response.GetRoles')

export interface ResponseGetWeights {
  weightInfos?: mesos.WeightInfo[] | undefined
}
export const ResponseGetWeights: MessageType<ResponseGetWeights> = message('mesos.v1.master.Response.GetWeights')

export interface ResponseGetMaster {
  masterInfo?: mesos.MasterInfo | undefined
  startTime?: number | undefined
  electedTime?: number | undefined
}
export const ResponseGetMaster: MessageType<ResponseGetMaster> = message('mesos.v1.master.Response.GetMaster')

export interface ResponseGetMaintenanceStatus {
  status: maintenance.ClusterStatus
}
export const ResponseGetMaintenanceStatus: MessageType<ResponseGetMaintenanceStatus> = message('mesos.v1.master.Response.GetMaintenanceStatus')

export interface ResponseGetMaintenanceSchedule {
  schedule: maintenance.Schedule
}
export const ResponseGetMaintenanceSchedule: MessageType<ResponseGetMaintenanceSchedule> = message('mesos.v1.master.Response.GetMaintenanceSchedule')

export interface ResponseGetQuota {
  status: quota.QuotaStatus
}
export const ResponseGetQuota: MessageType<ResponseGetQuota> = message('mesos.v1.master.Response.GetQuota')

/** What the master tells who has subscribed to the cluster, one record each. */
export interface Event {
  type?: EventType | undefined
  subscribed?: EventSubscribed | undefined
  taskAdded?: EventTaskAdded | undefined
  taskUpdated?: EventTaskUpdated | undefined
  agentAdded?: EventAgentAdded | undefined
  agentRemoved?: EventAgentRemoved | undefined
  frameworkAdded?: EventFrameworkAdded | undefined
  frameworkUpdated?: EventFrameworkUpdated | undefined
  frameworkRemoved?: EventFrameworkRemoved | undefined
}
export const Event: MessageType<Event> = message('mesos.v1.master.Event')

export const EventType = {
  UNKNOWN: 0,
  SUBSCRIBED: 1,
  TASK_ADDED: 2,
  TASK_UPDATED: 3,
  AGENT_ADDED: 4,
  AGENT_REMOVED: 5,
  FRAMEWORK_ADDED: 6,
  FRAMEWORK_UPDATED: 7,
  FRAMEWORK_REMOVED: 8,
  HEARTBEAT: 9,
} as const
export type EventType = (typeof EventType)[keyof typeof EventType]

export interface EventSubscribed {
  getState?: ResponseGetState | undefined
  heartbeatIntervalSeconds?: number | undefined
}
export const EventSubscribed: MessageType<EventSubscribed> = message('mesos.v1.master.Event.Subscribed')

export interface EventTaskAdded {
  task: mesos.Task
}
export const EventTaskAdded: MessageType<EventTaskAdded> = message('mesos.v1.master.Event.TaskAdded')

export interface EventTaskUpdated {
  frameworkId: mesos.FrameworkID
  status: mesos.TaskStatus
  state: mesos.TaskState
}
export const EventTaskUpdated: MessageType<EventTaskUpdated> = message('mesos.v1.master.Event.TaskUpdated')

export interface EventFrameworkAdded {
  framework: ResponseGetFrameworksFramework
}
export const EventFrameworkAdded: MessageType<EventFrameworkAdded> = message('mesos.v1.master.Event.FrameworkAdded')

export interface EventFrameworkUpdated {
  framework: ResponseGetFrameworksFramework
}
export const EventFrameworkUpdated: MessageType<EventFrameworkUpdated> = message('mesos.v1.master.Event.FrameworkUpdated')

export interface EventFrameworkRemoved {
  frameworkInfo: mesos.FrameworkInfo
}
export const EventFrameworkRemoved: MessageType<EventFrameworkRemoved> = message('mesos.v1.master.Event.FrameworkRemoved')

export interface EventAgentAdded {
  agent: ResponseGetAgentsAgent
}
export const EventAgentAdded: MessageType<EventAgentAdded> = message('mesos.v1.master.Event.AgentAdded')

export interface EventAgentRemoved {
  agentId: mesos.AgentID
}
export const EventAgentRemoved: MessageType<EventAgentRemoved> = message('mesos.v1.master.Event.AgentRemoved')
