import { type FrameworkInfo, FrameworkInfoCapabilityType } from '#wire/mesos.js'
import { array, type JsonText, string } from './text.js'

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
