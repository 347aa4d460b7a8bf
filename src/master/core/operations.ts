import { type OfferOperation, OfferOperationType, OperationState } from '#wire/mesos.js'
import { type Call, EventType } from '#wire/scheduler.js'
import type { AgentRecord, FrameworkRecord } from './cluster.js'
import type { AgentId } from './ids.js'
import type { Turn } from './turn.js'

const names = new Map<number, string>(Object.entries(OfferOperationType).map(([name, type]) => [type, name]))

/**
 * Operations on resources are not performed by this master yet: whoever gave one an id hears so (row 1-087). `why` says what is wrong
 * where it is something else: that the offers are invalid.
 */
export function refuseOperation(
  turn: Turn,
  framework: FrameworkRecord,
  operation: OfferOperation,
  agent: AgentRecord | undefined,
  why?: string,
): void {
  turn.count('master/dropped_messages')
  if (!operation.id) return
  const name = names.get(operation.type ?? OfferOperationType.UNKNOWN) ?? 'UNKNOWN'
  const message =
    why ?? (name === 'UNKNOWN' ? 'The type of the operation is not known' : `${name} is not supported by this master`)
  framework.counters.add('operations')
  turn.send(framework, {
    type: EventType.UPDATE_OPERATION_STATUS,
    updateOperationStatus: {
      status: {
        operationId: operation.id,
        state: OperationState.OPERATION_ERROR,
        message,
        ...(agent && { agentId: { value: agent.id } }),
      },
    },
  })
}

/** RECONCILE_OPERATIONS (rows 1-035, 1-103). No operation is ever known, so only where it was meant to be decides. */
export function reconcileOperations(
  turn: Turn,
  framework: FrameworkRecord,
  call: NonNullable<Call['reconcileOperations']>,
): void {
  for (const { operationId, agentId, resourceProviderId } of call.operations ?? []) {
    turn.send(framework, {
      type: EventType.UPDATE_OPERATION_STATUS,
      updateOperationStatus: {
        status: {
          operationId,
          state: stateOfUnknown(turn, agentId?.value),
          message: 'Reconciliation: nothing is known of the operation',
          ...(agentId && { agentId }),
          ...(resourceProviderId && { resourceProviderId }),
        },
      },
    })
  }
}

function stateOfUnknown({ cluster }: Turn, agent: AgentId | undefined): OperationState {
  if (agent === undefined) return OperationState.OPERATION_UNKNOWN
  if (cluster.recoveredAgents.has(agent)) return OperationState.OPERATION_RECOVERING
  if (cluster.unreachable.has(agent)) return OperationState.OPERATION_UNREACHABLE
  if (cluster.gone.has(agent)) return OperationState.OPERATION_GONE_BY_OPERATOR
  return OperationState.OPERATION_UNKNOWN
}
