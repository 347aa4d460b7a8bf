// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'
import type * as mesos from './mesos.js'

export interface Event {
  type?: EventType | undefined
  subscribed?: EventSubscribed | undefined
  applyOperation?: EventApplyOperation | undefined
  publishResources?: EventPublishResources | undefined
  acknowledgeOperationStatus?: EventAcknowledgeOperationStatus | undefined
  reconcileOperations?: EventReconcileOperations | undefined
}
export const Event: MessageType<Event> = message('mesos.v1.resource_provider.Event')

export const EventType = {
  UNKNOWN: 0,
  SUBSCRIBED: 1,
  APPLY_OPERATION: 2,
  PUBLISH_RESOURCES: 3,
  ACKNOWLEDGE_OPERATION_STATUS: 4,
  RECONCILE_OPERATIONS: 5,
  TEARDOWN: 6,
} as const
export type EventType = (typeof EventType)[keyof typeof EventType]

export interface EventSubscribed {
  providerId: mesos.ResourceProviderID
}
export const EventSubscribed: MessageType<EventSubscribed> = message('mesos.v1.resource_provider.Event.Subscribed')

export interface EventApplyOperation {
  frameworkId?: mesos.FrameworkID | undefined
  info: mesos.OfferOperation
  operationUuid: mesos.UUID
  resourceVersionUuid: mesos.UUID
}
export const EventApplyOperation: MessageType<EventApplyOperation> = message('mesos.v1.resource_provider.Event.ApplyOperation')

export interface EventPublishResources {
  uuid: mesos.UUID
  resources?: mesos.Resource[] | undefined
}
export const EventPublishResources: MessageType<EventPublishResources> = message('mesos.v1.resource_provider.Event.PublishResources')

export interface EventAcknowledgeOperationStatus {
  statusUuid: mesos.UUID
  operationUuid: mesos.UUID
}
export const EventAcknowledgeOperationStatus: MessageType<EventAcknowledgeOperationStatus> = message('mesos.v1.resource_provider.Event.AcknowledgeOperationStatus')

export interface EventReconcileOperations {
  operationUuids?: mesos.UUID[] | undefined
}
export const EventReconcileOperations: MessageType<EventReconcileOperations> = message('mesos.v1.resource_provider.Event.ReconcileOperations')

export interface Call {
  resourceProviderId?: mesos.ResourceProviderID | undefined
  type?: CallType | undefined
  subscribe?: CallSubscribe | undefined
  updateOperationStatus?: CallUpdateOperationStatus | undefined
  updateState?: CallUpdateState | undefined
  updatePublishResourcesStatus?: CallUpdatePublishResourcesStatus | undefined
}
export const Call: MessageType<Call> = message('mesos.v1.resource_provider.Call')

export const CallType = {
  UNKNOWN: 0,
  SUBSCRIBE: 1,
  UPDATE_OPERATION_STATUS: 2,
  UPDATE_STATE: 3,
  UPDATE_PUBLISH_RESOURCES_STATUS: 4,
} as const
export type CallType = (typeof CallType)[keyof typeof CallType]

export interface CallSubscribe {
  resourceProviderInfo: mesos.ResourceProviderInfo
}
export const CallSubscribe: MessageType<CallSubscribe> = message('mesos.v1.resource_provider.Call.Subscribe')

export interface CallUpdateOperationStatus {
  frameworkId?: mesos.FrameworkID | undefined
  status: mesos.OperationStatus
  latestStatus?: mesos.OperationStatus | undefined
  operationUuid: mesos.UUID
}
export const CallUpdateOperationStatus: MessageType<CallUpdateOperationStatus> = message('mesos.v1.resource_provider.Call.UpdateOperationStatus')

export interface CallUpdateState {
  operations?: mesos.Operation[] | undefined
  resources?: mesos.Resource[] | undefined
  resourceVersionUuid: mesos.UUID
}
export const CallUpdateState: MessageType<CallUpdateState> = message('mesos.v1.resource_provider.Call.UpdateState')

export interface CallUpdatePublishResourcesStatus {
  uuid: mesos.UUID
  status: CallUpdatePublishResourcesStatusStatus
}
export const CallUpdatePublishResourcesStatus: MessageType<CallUpdatePublishResourcesStatus> = message('mesos.v1.resource_provider.Call.UpdatePublishResourcesStatus')

export const CallUpdatePublishResourcesStatusStatus = {
  UNKNOWN: 0,
  OK: 1,
  FAILED: 2,
} as const
export type CallUpdatePublishResourcesStatusStatus = (typeof CallUpdatePublishResourcesStatusStatus)[keyof typeof CallUpdatePublishResourcesStatusStatus]
