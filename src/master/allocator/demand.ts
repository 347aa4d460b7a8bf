import { capabilitiesOf, rolesOf } from '#model/framework-capabilities.js'
import { type Minimum, minimumOf } from '#model/quantities.js'
import type { FrameworkInfo } from '#wire/mesos.js'
import type { FrameworkDemand } from './contract.js'

/** What a framework's own words mean to the allocator. Both must have been validated. */
export function demandOf(info: FrameworkInfo, suppressed: Iterable<string>, wants?: FrameworkDemand['wants']): FrameworkDemand {
  return {
    roles: rolesOf(info),
    suppressed,
    capabilities: capabilitiesOf(info),
    minimum: minimums(info),
    ...(wants && { wants }),
  }
}

function minimums(info: FrameworkInfo): ReadonlyMap<string, Minimum> {
  const found = new Map<string, Minimum>()
  for (const [role, filters] of Object.entries(info.offerFilters ?? {})) {
    const minimum = minimumOf(filters)
    if (minimum) found.set(role, minimum)
  }
  return found
}
