// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'
import type * as mesos from './mesos.js'

/** What the master tells a scheduler, one record each on the answer to SUBSCRIBE. `type` says which field is set. */
export interface Event {
  type?: EventType | undefined
  subscribed?: EventSubscribed | undefined
  offers?: EventOffers | undefined
  inverseOffers?: EventInverseOffers | undefined
  rescind?: EventRescind | undefined
  rescindInverseOffer?: EventRescindInverseOffer | undefined
  update?: EventUpdate | undefined
  updateOperationStatus?: EventUpdateOperationStatus | undefined
  message?: EventMessage | undefined
  failure?: EventFailure | undefined
  error?: EventError | undefined
}
export const Event: MessageType<Event> = message('mesos.v1.scheduler.Event')

export const EventType = {
  UNKNOWN: 0,
  SUBSCRIBED: 1,
  OFFERS: 2,
  INVERSE_OFFERS: 9,
  RESCIND: 3,
  RESCIND_INVERSE_OFFER: 10,
  UPDATE: 4,
  UPDATE_OPERATION_STATUS: 11,
  MESSAGE: 5,
  FAILURE: 6,
  ERROR: 7,
  HEARTBEAT: 8,
} as const
export type EventType = (typeof EventType)[keyof typeof EventType]

/** The first event of every stream (1-038). */
export interface EventSubscribed {
  frameworkId: mesos.FrameworkID
  heartbeatIntervalSeconds?: number | undefined
  masterInfo?: mesos.MasterInfo | undefined
}
export const EventSubscribed: MessageType<EventSubscribed> = message('mesos.v1.scheduler.Event.Subscribed')

export interface EventOffers {
  offers?: mesos.Offer[] | undefined
}
export const EventOffers: MessageType<EventOffers> = message('mesos.v1.scheduler.Event.Offers')

export interface EventInverseOffers {
  inverseOffers?: mesos.InverseOffer[] | undefined
}
export const EventInverseOffers: MessageType<EventInverseOffers> = message('mesos.v1.scheduler.Event.InverseOffers')

/** The offer is no longer good; accepting it all the same loses the tasks (1-040). */
export interface EventRescind {
  offerId: mesos.OfferID
}
export const EventRescind: MessageType<EventRescind> = message('mesos.v1.scheduler.Event.Rescind')

export interface EventRescindInverseOffer {
  inverseOfferId: mesos.OfferID
}
export const EventRescindInverseOffer: MessageType<EventRescindInverseOffer> = message('mesos.v1.scheduler.Event.RescindInverseOffer')

export interface EventUpdate {
  status: mesos.TaskStatus
}
export const EventUpdate: MessageType<EventUpdate> = message('mesos.v1.scheduler.Event.Update')

export interface EventUpdateOperationStatus {
  status: mesos.OperationStatus
}
export const EventUpdateOperationStatus: MessageType<EventUpdateOperationStatus> = message('mesos.v1.scheduler.Event.UpdateOperationStatus')

export interface EventMessage {
  agentId: mesos.AgentID
  executorId: mesos.ExecutorID
  data: Uint8Array
}
export const EventMessage: MessageType<EventMessage> = message('mesos.v1.scheduler.Event.Message')

/** Without executor_id the agent is gone, with it the executor has ended. May get lost (1-043). */
export interface EventFailure {
  agentId?: mesos.AgentID | undefined
  executorId?: mesos.ExecutorID | undefined
  status?: number | undefined
}
export const EventFailure: MessageType<EventFailure> = message('mesos.v1.scheduler.Event.Failure')

/** The last event of its stream: subscribe again, if at all (1-044). */
export interface EventError {
  message: string
}
export const EventError: MessageType<EventError> = message('mesos.v1.scheduler.Event.Error')

export interface Response {
  type?: ResponseType | undefined
  reconcileOperations?: ResponseReconcileOperations | undefined
}
export const Response: MessageType<Response> = message('mesos.v1.scheduler.Response')

export const ResponseType = {
  UNKNOWN: 0,
  RECONCILE_OPERATIONS: 1,
} as const
export type ResponseType = (typeof ResponseType)[keyof typeof ResponseType]

export interface ResponseReconcileOperations {
  operationStatuses?: mesos.OperationStatus[] | undefined
}
export const ResponseReconcileOperations: MessageType<ResponseReconcileOperations> = message('mesos.v1.scheduler.Response.ReconcileOperations')

/** What an attribute of the agent must be like (1-074). */
export interface AttributeConstraint {
  selector: AttributeConstraintSelector
  predicate: AttributeConstraintPredicate
}
export const AttributeConstraint: MessageType<AttributeConstraint> = message('mesos.v1.scheduler.AttributeConstraint')

export interface AttributeConstraintSelector {
  pseudoattributeType?: AttributeConstraintSelectorPseudoattributeType | undefined
  attributeName?: string | undefined
}
export const AttributeConstraintSelector: MessageType<AttributeConstraintSelector> = message('mesos.v1.scheduler.AttributeConstraint.Selector')

export const AttributeConstraintSelectorPseudoattributeType = {
  UNKNOWN: 0,
  HOSTNAME: 1,
  REGION: 2,
  ZONE: 3,
} as const
export type AttributeConstraintSelectorPseudoattributeType = (typeof AttributeConstraintSelectorPseudoattributeType)[keyof typeof AttributeConstraintSelectorPseudoattributeType]

export interface AttributeConstraintPredicate {
  exists?: AttributeConstraintPredicateExists | undefined
  notExists?: AttributeConstraintPredicateNotExists | undefined
  textEquals?: AttributeConstraintPredicateTextEquals | undefined
  textNotEquals?: AttributeConstraintPredicateTextNotEquals | undefined
  textMatches?: AttributeConstraintPredicateTextMatches | undefined
  textNotMatches?: AttributeConstraintPredicateTextNotMatches | undefined
}
export const AttributeConstraintPredicate: MessageType<AttributeConstraintPredicate> = message('mesos.v1.scheduler.AttributeConstraint.Predicate')

export interface AttributeConstraintPredicateExists {}
export const AttributeConstraintPredicateExists: MessageType<AttributeConstraintPredicateExists> = message('mesos.v1.scheduler.AttributeConstraint.Predicate.Exists')

export interface AttributeConstraintPredicateNotExists {}
export const AttributeConstraintPredicateNotExists: MessageType<AttributeConstraintPredicateNotExists> = message('mesos.v1.scheduler.AttributeConstraint.Predicate.NotExists')

export interface AttributeConstraintPredicateTextEquals {
  value: string
}
export const AttributeConstraintPredicateTextEquals: MessageType<AttributeConstraintPredicateTextEquals> = message('mesos.v1.scheduler.AttributeConstraint.Predicate.TextEquals')

export interface AttributeConstraintPredicateTextNotEquals {
  value: string
}
export const AttributeConstraintPredicateTextNotEquals: MessageType<AttributeConstraintPredicateTextNotEquals> = message('mesos.v1.scheduler.AttributeConstraint.Predicate.TextNotEquals')

export interface AttributeConstraintPredicateTextMatches {
  regex: string
}
export const AttributeConstraintPredicateTextMatches: MessageType<AttributeConstraintPredicateTextMatches> = message('mesos.v1.scheduler.AttributeConstraint.Predicate.TextMatches')

export interface AttributeConstraintPredicateTextNotMatches {
  regex: string
}
export const AttributeConstraintPredicateTextNotMatches: MessageType<AttributeConstraintPredicateTextNotMatches> = message('mesos.v1.scheduler.AttributeConstraint.Predicate.TextNotMatches')

/** Which agents a role wants offers of (1-073). */
export interface OfferConstraints {
  roleConstraints?: Record<string, OfferConstraintsRoleConstraints> | undefined
}
export const OfferConstraints: MessageType<OfferConstraints> = message('mesos.v1.scheduler.OfferConstraints')

export interface OfferConstraintsRoleConstraints {
  groups?: OfferConstraintsRoleConstraintsGroup[] | undefined
}
export const OfferConstraintsRoleConstraints: MessageType<OfferConstraintsRoleConstraints> = message('mesos.v1.scheduler.OfferConstraints.RoleConstraints')

export interface OfferConstraintsRoleConstraintsGroup {
  attributeConstraints?: AttributeConstraint[] | undefined
}
export const OfferConstraintsRoleConstraintsGroup: MessageType<OfferConstraintsRoleConstraintsGroup> = message('mesos.v1.scheduler.OfferConstraints.RoleConstraints.Group')

/** What a scheduler asks of the master, one a POST. `type` says which field is set; all but SUBSCRIBE carry framework_id (1-037). */
export interface Call {
  frameworkId?: mesos.FrameworkID | undefined
  type?: CallType | undefined
  subscribe?: CallSubscribe | undefined
  accept?: CallAccept | undefined
  decline?: CallDecline | undefined
  acceptInverseOffers?: CallAcceptInverseOffers | undefined
  declineInverseOffers?: CallDeclineInverseOffers | undefined
  revive?: CallRevive | undefined
  kill?: CallKill | undefined
  shutdown?: CallShutdown | undefined
  acknowledge?: CallAcknowledge | undefined
  acknowledgeOperationStatus?: CallAcknowledgeOperationStatus | undefined
  reconcile?: CallReconcile | undefined
  reconcileOperations?: CallReconcileOperations | undefined
  message?: CallMessage | undefined
  request?: CallRequest | undefined
  suppress?: CallSuppress | undefined
  updateFramework?: CallUpdateFramework | undefined
}
export const Call: MessageType<Call> = message('mesos.v1.scheduler.Call')

export const CallType = {
  UNKNOWN: 0,
  SUBSCRIBE: 1,
  TEARDOWN: 2,
  ACCEPT: 3,
  DECLINE: 4,
  ACCEPT_INVERSE_OFFERS: 13,
  DECLINE_INVERSE_OFFERS: 14,
  REVIVE: 5,
  KILL: 6,
  SHUTDOWN: 7,
  ACKNOWLEDGE: 8,
  ACKNOWLEDGE_OPERATION_STATUS: 15,
  RECONCILE: 9,
  RECONCILE_OPERATIONS: 16,
  MESSAGE: 10,
  REQUEST: 11,
  SUPPRESS: 12,
  UPDATE_FRAMEWORK: 17,
} as const
export type CallType = (typeof CallType)[keyof typeof CallType]

export interface CallSubscribe {
  frameworkInfo: mesos.FrameworkInfo
  /** Roles that start without offers; some of framework_info's (1-020). */
  suppressedRoles?: string[] | undefined
  offerConstraints?: OfferConstraints | undefined
}
export const CallSubscribe: MessageType<CallSubscribe> = message('mesos.v1.scheduler.Call.Subscribe')

export interface CallAccept {
  /** All of one agent; they are spent by this call, whatever becomes of it (1-022). */
  offerIds?: mesos.OfferID[] | undefined
  operations?: mesos.OfferOperation[] | undefined
  /** For what the operations leave of the offers (1-069). */
  filters?: mesos.Filters | undefined
}
export const CallAccept: MessageType<CallAccept> = message('mesos.v1.scheduler.Call.Accept')

export interface CallDecline {
  offerIds?: mesos.OfferID[] | undefined
  filters?: mesos.Filters | undefined
}
export const CallDecline: MessageType<CallDecline> = message('mesos.v1.scheduler.Call.Decline')

export interface CallAcceptInverseOffers {
  inverseOfferIds?: mesos.OfferID[] | undefined
  filters?: mesos.Filters | undefined
}
export const CallAcceptInverseOffers: MessageType<CallAcceptInverseOffers> = message('mesos.v1.scheduler.Call.AcceptInverseOffers')

export interface CallDeclineInverseOffers {
  inverseOfferIds?: mesos.OfferID[] | undefined
  filters?: mesos.Filters | undefined
}
export const CallDeclineInverseOffers: MessageType<CallDeclineInverseOffers> = message('mesos.v1.scheduler.Call.DeclineInverseOffers')

export interface CallRevive {
  /** None: all that the framework has (1-024). */
  roles?: string[] | undefined
}
export const CallRevive: MessageType<CallRevive> = message('mesos.v1.scheduler.Call.Revive')

export interface CallKill {
  taskId: mesos.TaskID
  /** Helps where the master does not know the task (1-026). */
  agentId?: mesos.AgentID | undefined
  killPolicy?: mesos.KillPolicy | undefined
}
export const CallKill: MessageType<CallKill> = message('mesos.v1.scheduler.Call.Kill')

export interface CallShutdown {
  executorId: mesos.ExecutorID
  agentId: mesos.AgentID
}
export const CallShutdown: MessageType<CallShutdown> = message('mesos.v1.scheduler.Call.Shutdown')

/** Of an UPDATE with a uuid; the next one of the task comes only then (1-028). */
export interface CallAcknowledge {
  agentId: mesos.AgentID
  taskId: mesos.TaskID
  uuid: Uint8Array
}
export const CallAcknowledge: MessageType<CallAcknowledge> = message('mesos.v1.scheduler.Call.Acknowledge')

export interface CallAcknowledgeOperationStatus {
  agentId?: mesos.AgentID | undefined
  resourceProviderId?: mesos.ResourceProviderID | undefined
  uuid: Uint8Array
  operationId: mesos.OperationID
}
export const CallAcknowledgeOperationStatus: MessageType<CallAcknowledgeOperationStatus> = message('mesos.v1.scheduler.Call.AcknowledgeOperationStatus')

export interface CallReconcile {
  /** None: all that the master knows and that have not ended (1-107). */
  tasks?: CallReconcileTask[] | undefined
}
export const CallReconcile: MessageType<CallReconcile> = message('mesos.v1.scheduler.Call.Reconcile')

export interface CallReconcileTask {
  taskId: mesos.TaskID
  agentId?: mesos.AgentID | undefined
}
export const CallReconcileTask: MessageType<CallReconcileTask> = message('mesos.v1.scheduler.Call.Reconcile.Task')

export interface CallReconcileOperations {
  /** None: all that the master knows (1-035). */
  operations?: CallReconcileOperationsOperation[] | undefined
}
export const CallReconcileOperations: MessageType<CallReconcileOperations> = message('mesos.v1.scheduler.Call.ReconcileOperations')

export interface CallReconcileOperationsOperation {
  operationId: mesos.OperationID
  agentId?: mesos.AgentID | undefined
  resourceProviderId?: mesos.ResourceProviderID | undefined
}
export const CallReconcileOperationsOperation: MessageType<CallReconcileOperationsOperation> = message('mesos.v1.scheduler.Call.ReconcileOperations.Operation')

export interface CallMessage {
  agentId: mesos.AgentID
  executorId: mesos.ExecutorID
  data: Uint8Array
}
export const CallMessage: MessageType<CallMessage> = message('mesos.v1.scheduler.Call.Message')

export interface CallRequest {
  requests?: mesos.Request[] | undefined
}
export const CallRequest: MessageType<CallRequest> = message('mesos.v1.scheduler.Call.Request')

export interface CallSuppress {
  /** None: all that the framework has (1-025). */
  roles?: string[] | undefined
}
export const CallSuppress: MessageType<CallSuppress> = message('mesos.v1.scheduler.Call.Suppress')

export interface CallUpdateFramework {
  frameworkInfo: mesos.FrameworkInfo
  suppressedRoles?: string[] | undefined
  offerConstraints?: OfferConstraints | undefined
}
export const CallUpdateFramework: MessageType<CallUpdateFramework> = message('mesos.v1.scheduler.Call.UpdateFramework')

export interface APIResult {
  statusCode: number
  response?: Response | undefined
  error?: string | undefined
}
export const APIResult: MessageType<APIResult> = message('mesos.v1.scheduler.APIResult')
