import { type FrameworkInfo, FrameworkInfoCapabilityType as Type } from '#wire/mesos.js'

/** What a framework says it can deal with (rows 1-054 to 1-061), read once. */
export interface FrameworkCapabilities {
  readonly revocableResources: boolean
  readonly taskKillingState: boolean
  readonly gpuResources: boolean
  readonly sharedResources: boolean
  readonly partitionAware: boolean
  readonly multiRole: boolean
  readonly reservationRefinement: boolean
  readonly regionAware: boolean
}

export function capabilitiesOf(info: FrameworkInfo): FrameworkCapabilities {
  const has = new Set(info.capabilities?.map((it) => it.type))
  return {
    revocableResources: has.has(Type.REVOCABLE_RESOURCES),
    taskKillingState: has.has(Type.TASK_KILLING_STATE),
    gpuResources: has.has(Type.GPU_RESOURCES),
    sharedResources: has.has(Type.SHARED_RESOURCES),
    partitionAware: has.has(Type.PARTITION_AWARE),
    multiRole: has.has(Type.MULTI_ROLE),
    reservationRefinement: has.has(Type.RESERVATION_REFINEMENT),
    regionAware: has.has(Type.REGION_AWARE),
  }
}

/** The roles it subscribes to: `roles`, or the one `role` of a framework without MULTI_ROLE (row 1-059). */
export function rolesOf(info: FrameworkInfo): string[] {
  return capabilitiesOf(info).multiRole ? [...new Set(info.roles)] : [info.role ?? '*']
}
