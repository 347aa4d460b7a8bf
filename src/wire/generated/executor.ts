// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'
import type * as mesos from './mesos.js'

/** What the agent tells an executor, one record each on the answer to SUBSCRIBE. `type` says which field is set. */
export interface Event {
  type?: EventType | undefined
  subscribed?: EventSubscribed | undefined
  acknowledged?: EventAcknowledged | undefined
  launch?: EventLaunch | undefined
  launchGroup?: EventLaunchGroup | undefined
  kill?: EventKill | undefined
  message?: EventMessage | undefined
  error?: EventError | undefined
}
export const Event: MessageType<Event> = message('mesos.v1.executor.Event')

export const EventType = {
  UNKNOWN: 0,
  SUBSCRIBED: 1,
  LAUNCH: 2,
  LAUNCH_GROUP: 8,
  KILL: 3,
  ACKNOWLEDGED: 4,
  MESSAGE: 5,
  ERROR: 6,
  SHUTDOWN: 7,
  HEARTBEAT: 9,
} as const
export type EventType = (typeof EventType)[keyof typeof EventType]

export interface EventSubscribed {
  executorInfo: mesos.ExecutorInfo
  frameworkInfo: mesos.FrameworkInfo
  agentInfo: mesos.AgentInfo
  containerId?: mesos.ContainerID | undefined
}
export const EventSubscribed: MessageType<EventSubscribed> = message('mesos.v1.executor.Event.Subscribed')

export interface EventLaunch {
  task: mesos.TaskInfo
}
export const EventLaunch: MessageType<EventLaunch> = message('mesos.v1.executor.Event.Launch')

export interface EventLaunchGroup {
  taskGroup: mesos.TaskGroupInfo
}
export const EventLaunchGroup: MessageType<EventLaunchGroup> = message('mesos.v1.executor.Event.LaunchGroup')

export interface EventKill {
  taskId: mesos.TaskID
  /** In place of the task's own (2-008). */
  killPolicy?: mesos.KillPolicy | undefined
}
export const EventKill: MessageType<EventKill> = message('mesos.v1.executor.Event.Kill')

/** The agent has taken the update over, and will deliver it (2-009). */
export interface EventAcknowledged {
  taskId: mesos.TaskID
  uuid: Uint8Array
}
export const EventAcknowledged: MessageType<EventAcknowledged> = message('mesos.v1.executor.Event.Acknowledged')

export interface EventMessage {
  data: Uint8Array
}
export const EventMessage: MessageType<EventMessage> = message('mesos.v1.executor.Event.Message')

export interface EventError {
  message: string
}
export const EventError: MessageType<EventError> = message('mesos.v1.executor.Event.Error')

export interface Call {
  executorId: mesos.ExecutorID
  frameworkId: mesos.FrameworkID
  type?: CallType | undefined
  subscribe?: CallSubscribe | undefined
  update?: CallUpdate | undefined
  message?: CallMessage | undefined
}
export const Call: MessageType<Call> = message('mesos.v1.executor.Call')

export const CallType = {
  UNKNOWN: 0,
  SUBSCRIBE: 1,
  UPDATE: 2,
  MESSAGE: 3,
  HEARTBEAT: 4,
} as const
export type CallType = (typeof CallType)[keyof typeof CallType]

/** Of an executor that comes back: what it does not know to have arrived. */
export interface CallSubscribe {
  unacknowledgedTasks?: mesos.TaskInfo[] | undefined
  unacknowledgedUpdates?: CallUpdate[] | undefined
}
export const CallSubscribe: MessageType<CallSubscribe> = message('mesos.v1.executor.Call.Subscribe')

export interface CallUpdate {
  status: mesos.TaskStatus
}
export const CallUpdate: MessageType<CallUpdate> = message('mesos.v1.executor.Call.Update')

export interface CallMessage {
  data: Uint8Array
}
export const CallMessage: MessageType<CallMessage> = message('mesos.v1.executor.Call.Message')
