import { type Call, CallType } from '#wire/scheduler.js'

/** The message that each type of call carries, where it must. */
const bodies = {
  [CallType.SUBSCRIBE]: 'subscribe',
  [CallType.ACCEPT]: 'accept',
  [CallType.DECLINE]: 'decline',
  [CallType.ACCEPT_INVERSE_OFFERS]: 'acceptInverseOffers',
  [CallType.DECLINE_INVERSE_OFFERS]: 'declineInverseOffers',
  [CallType.KILL]: 'kill',
  [CallType.SHUTDOWN]: 'shutdown',
  [CallType.ACKNOWLEDGE]: 'acknowledge',
  [CallType.ACKNOWLEDGE_OPERATION_STATUS]: 'acknowledgeOperationStatus',
  [CallType.RECONCILE]: 'reconcile',
  [CallType.RECONCILE_OPERATIONS]: 'reconcileOperations',
  [CallType.MESSAGE]: 'message',
  [CallType.REQUEST]: 'request',
  [CallType.UPDATE_FRAMEWORK]: 'updateFramework',
} as const satisfies Partial<Record<CallType, keyof Call>>

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Why a call cannot be taken whatever the state is (row 1-004), or undefined. */
export function callFault(call: Call): string | undefined {
  if (call.type === undefined || call.type === CallType.UNKNOWN) return "Expecting 'type' to be present"
  const body = bodies[call.type as keyof typeof bodies]
  if (body && call[body] === undefined) return `Expecting '${snake(body)}' to be present`
  if (call.type === CallType.SUBSCRIBE) return subscriptionFault(call)
  if (!call.frameworkId) return "Expecting 'framework_id' to be present"
  if (call.type === CallType.ACKNOWLEDGE) return uuidFault(call.acknowledge!.uuid)
  if (call.type === CallType.ACKNOWLEDGE_OPERATION_STATUS) return uuidFault(call.acknowledgeOperationStatus!.uuid)
  if (call.type === CallType.UPDATE_FRAMEWORK) return updateFault(call)
  return undefined
}

function subscriptionFault(call: Call): string | undefined {
  const inside = call.subscribe!.frameworkInfo.id?.value ?? ''
  const outside = call.frameworkId?.value ?? ''
  return inside === outside ? undefined : "'framework_id' differs from 'subscribe.framework_info.id'"
}

function updateFault(call: Call): string | undefined {
  const inside = call.updateFramework!.frameworkInfo.id?.value
  if (!inside) return "Expecting 'update_framework.framework_info.id' to be present"
  return inside === call.frameworkId!.value ? undefined : "'framework_id' differs from 'update_framework.framework_info.id'"
}

/** 16 bytes, with the version of a UUID where it stands in one. */
function uuidFault(uuid: Uint8Array): string | undefined {
  const version = (uuid[6] ?? 0) >> 4
  return uuid.length === 16 && version >= 1 && version <= 5 ? undefined : 'Not a valid UUID'
}
