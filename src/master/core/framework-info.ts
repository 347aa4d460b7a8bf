import { capabilitiesOf, rolesOf } from '#model/framework-capabilities.js'
import { idFault } from '#model/ids.js'
import { roleFault, rolesFault } from '#model/roles.js'
import type { FrameworkInfo } from '#wire/mesos.js'
import type { MasterSettings } from './settings.js'

/** Seconds that a double may have and a duration can still hold (row 1-050): 2^63 nanoseconds. */
const longestTimeout = 9_223_372_036

/** Why nobody may subscribe with this, or undefined. */
export function frameworkInfoFault(info: FrameworkInfo, settings: MasterSettings): string | undefined {
  return (info.id?.value ? frameworkFormFault(info) : formFault(info)) ?? userFault(info, settings)
}

/** Of a framework that has an id: what no framework may say of itself, whatever this master's flags are. */
export function frameworkFormFault(info: FrameworkInfo): string | undefined {
  return frameworkIdFault(info) ?? formFault(info)
}

function formFault(info: FrameworkInfo): string | undefined {
  return rolesOfInfoFault(info) ?? offerFiltersFault(info) ?? timeoutFault(info)
}

function rolesOfInfoFault(info: FrameworkInfo): string | undefined {
  if (!capabilitiesOf(info).multiRole) {
    if (info.roles?.length) return "'FrameworkInfo.roles' must not be set without the capability MULTI_ROLE"
    const fault = roleFault(info.role ?? '*')
    return fault && `'FrameworkInfo.role' is not valid: ${fault}`
  }
  // Its default cannot be told from absence in every client, so '*' is let pass.
  if (info.role !== undefined && info.role !== '*') return "'FrameworkInfo.role' must not be set with the capability MULTI_ROLE"
  const fault = rolesFault(info.roles ?? [])
  return fault && `'FrameworkInfo.roles' is not valid: ${fault}`
}

function frameworkIdFault(info: FrameworkInfo): string | undefined {
  const fault = idFault(info.id?.value ?? '')
  return fault && `'FrameworkInfo.id' is not valid: ${fault}`
}

function offerFiltersFault(info: FrameworkInfo): string | undefined {
  const roles = new Set(rolesOf(info))
  for (const [role, filters] of Object.entries(info.offerFilters ?? {})) {
    if (!roles.has(role))
      return `'FrameworkInfo.offer_filters' names the role '${role}', to which the framework does not subscribe`
    for (const { quantities } of filters.minAllocatableResources?.quantities ?? [])
      for (const [name, value] of Object.entries(quantities ?? {}))
        if (!Number.isFinite(value.value) || value.value < 0)
          return `'FrameworkInfo.offer_filters' of role '${role}' has an invalid amount of '${name}'`
  }
  return undefined
}

function timeoutFault(info: FrameworkInfo): string | undefined {
  const timeout = info.failoverTimeout ?? 0
  if (Number.isNaN(timeout) || Math.abs(timeout) > longestTimeout)
    return `'FrameworkInfo.failover_timeout' of ${timeout} seconds is no duration that can be waited for`
  return undefined
}

function userFault(info: FrameworkInfo, settings: MasterSettings): string | undefined {
  return info.user === 'root' && !settings.rootSubmissions
    ? "the user 'root' may not run frameworks here (--no-root_submissions)"
    : undefined
}

/** Why a framework may not go over to the new info at all (rows 1-036, 1-052), or undefined. */
export function principalFault(old: FrameworkInfo, info: FrameworkInfo): string | undefined {
  return old.principal === info.principal ? undefined : "the principal of a framework can't be changed"
}

/** What UPDATE_FRAMEWORK refuses beyond; a new subscription keeps the old values without a word. */
export function immutableFault(old: FrameworkInfo, info: FrameworkInfo): string | undefined {
  if (old.user !== info.user) return `'FrameworkInfo.user' can't be changed from '${old.user}' to '${info.user}'`
  if ((old.checkpoint ?? false) !== (info.checkpoint ?? false))
    return `'FrameworkInfo.checkpoint' can't be changed from ${old.checkpoint ?? false} to ${info.checkpoint ?? false}`
  return undefined
}

export function updatedInfo(old: FrameworkInfo, info: FrameworkInfo): FrameworkInfo {
  return { ...info, id: old.id, user: old.user, checkpoint: old.checkpoint }
}

export function suppressedFault(suppressed: readonly string[] | undefined, roles: readonly string[]): string | undefined {
  const own = new Set(roles)
  const foreign = (suppressed ?? []).filter((role) => !own.has(role))
  return foreign.length > 0 ? `suppressed roles that are not among the roles of the framework: ${foreign.join(', ')}` : undefined
}
