import { type FrameworkInfo, FrameworkInfoCapabilityType, type Offer } from '#wire/mesos.js'
import { Resources } from '../resources.js'
import { resourcesModel } from './resources.js'
import { array, type JsonText, object, string } from './text.js'

const capabilityNames = new Map<number, string>(Object.entries(FrameworkInfoCapabilityType).map(([name, value]) => [value, name]))

/** `["MULTI_ROLE", …]`, in the order in which the framework named them. */
export function capabilitiesModel(info: FrameworkInfo): JsonText {
  return array((info.capabilities ?? []).map(({ type }) => string(capabilityNames.get(type ?? 0) ?? 'UNKNOWN')))
}

/** `roles` where the framework has MULTI_ROLE, `role` where not; never both (row 1-059). */
export function roleMembers(info: FrameworkInfo): { roles: JsonText } | { role: JsonText } {
  const multi = info.capabilities?.some(({ type }) => type === FrameworkInfoCapabilityType.MULTI_ROLE)
  return multi ? { roles: array((info.roles ?? []).map(string)) } : { role: string(info.role ?? '*') }
}

export function offerModel(offer: Offer): JsonText {
  const role = offer.allocationInfo?.role
  return object({
    id: string(offer.id.value),
    framework_id: string(offer.frameworkId.value),
    allocation_info: offer.allocationInfo && object({ role: role === undefined ? undefined : string(role) }),
    slave_id: string(offer.agentId.value),
    resources: resourcesModel(Resources.from(offer.resources)),
  })
}
