import {
  type Resource,
  type ResourceDiskInfo,
  ResourceDiskInfoSourceType,
  type ResourceReservationInfo,
  ResourceReservationInfoType,
  ValueType,
  VolumeMode,
} from '#wire/mesos.js'
import { idFault } from './ids.js'
import { rangesText } from './ranges.js'
import { identityFromProto } from './resource-identity.js'
import { identityText } from './resource-text.js'
import { largestScalar } from './resource-value.js'
import { isStrictAncestor, roleFault } from './roles.js'

/** Far more kinds than any task names. Sums and comparisons cost the square of it: without a bound one call could hold a master up for hours. */
const mostKinds = 512

/** Why a list from the wire cannot be taken as resources (rows 1-092, 4-040 ff.), or undefined where it can. */
export function resourceListFault(list: readonly Resource[] | undefined, most: number = mostKinds): string | undefined {
  if (list && list.length > most) return `${list.length} resources are named, and more than ${most} are not taken`
  for (const resource of list ?? []) {
    const fault = resourceFault(resource)
    if (fault) return fault
  }
  return undefined
}

export function resourceFault(resource: Resource): string | undefined {
  const fault =
    (resource.name === '' ? 'its name is empty' : undefined) ??
    valueFault(resource) ??
    reservationFault(resource) ??
    diskFault(resource) ??
    (resource.shared && !resource.disk?.persistence ? 'only persistent volumes can be shared' : undefined)
  return fault && `resource '${describe(resource)}' is not valid: ${fault}`
}

function valueFault({ name, type, scalar, ranges, set }: Resource): string | undefined {
  switch (type) {
    case ValueType.SCALAR:
      if (!scalar || ranges || set) return 'a SCALAR must have a scalar value and no other'
      if (Number.isNaN(scalar.value)) return 'its value is not a number'
      if (scalar.value < 0) return 'its value is negative'
      if (scalar.value > largestScalar) return `its value is above ${largestScalar}`
      if (name === 'gpus' && !Number.isInteger(scalar.value)) return 'GPUs can only be used as a whole'
      return undefined
    case ValueType.RANGES:
      if (!ranges || scalar || set) return 'RANGES must have ranges and no other value'
      return rangesFault(ranges.range ?? [])
    case ValueType.SET:
      if (!set || scalar || ranges) return 'a SET must have a set and no other value'
      return new Set(set.item).size === (set.item?.length ?? 0) ? undefined : 'its set has an item twice'
    default:
      return 'its type must be SCALAR, RANGES or SET'
  }
}

function rangesFault(range: readonly { begin: bigint; end: bigint }[]): string | undefined {
  if (range.some(({ begin, end }) => begin > end)) return 'a range begins after its end'
  const sorted = range.toSorted((a, b) => (a.begin < b.begin ? -1 : a.begin > b.begin ? 1 : 0))
  return sorted.some(({ begin }, i) => i > 0 && begin <= sorted[i - 1]!.end) ? 'its ranges overlap' : undefined
}

function reservationFault(resource: Resource): string | undefined {
  const stack = resource.reservations ?? []
  return stack.length > 0 ? (mixedFormFault(resource, stack) ?? stackFault(resource, stack)) : roleFormFault(resource)
}

/** The older fields may accompany a stack only where they say the same, as our own operator endpoints do (row 1-060). */
function mixedFormFault({ role, reservation }: Resource, stack: readonly ResourceReservationInfo[]): string | undefined {
  if (role === undefined && reservation === undefined) return undefined
  if (stack.length > 1) return "with more than one of 'reservations', 'role' and 'reservation' must not be set"
  const [only] = stack
  if (role !== only!.role) return `'role' and the role in 'reservations' differ`
  const dynamic = only!.type === ResourceReservationInfoType.DYNAMIC
  if (dynamic !== (reservation !== undefined))
    return "'role' and 'reservation' must both be set for a dynamic reservation, and only 'role' for a static one"
  return undefined
}

function stackFault(resource: Resource, stack: readonly ResourceReservationInfo[]): string | undefined {
  for (const [i, { type, role }] of stack.entries()) {
    if (type !== ResourceReservationInfoType.STATIC && type !== ResourceReservationInfoType.DYNAMIC)
      return 'a reservation must be STATIC or DYNAMIC'
    if (role === undefined) return 'a reservation must name its role'
    if (role === '*') return "role '*' cannot have reservations"
    const fault = roleFault(role)
    if (fault) return fault
    if (i > 0 && type === ResourceReservationInfoType.STATIC) return 'a static reservation cannot refine another one'
    const outer = stack[i - 1]?.role
    if (outer !== undefined && !isStrictAncestor(outer, role))
      return `a reservation for '${outer}' cannot be refined to '${role}', which is not below it`
  }
  const dynamic = stack.some(({ type }) => type === ResourceReservationInfoType.DYNAMIC)
  return dynamic && resource.revocable ? 'what is revocable cannot be reserved' : undefined
}

function roleFormFault({ role, reservation, revocable }: Resource): string | undefined {
  const fault = role === undefined ? undefined : roleFault(role)
  if (fault) return fault
  if (!reservation) return undefined
  if (role === undefined || role === '*') return "role '*' cannot have reservations"
  if (reservation.type !== undefined || reservation.role !== undefined)
    return "'reservation' beside 'role' must name neither type nor role"
  return revocable ? 'what is revocable cannot be reserved' : undefined
}

function diskFault(resource: Resource): string | undefined {
  const { disk, name } = resource
  if (!disk) return undefined
  if (name !== 'disk') return `only 'disk' can have disk details, not '${name}'`
  return disk.persistence ? volumeFault(resource, disk) : plainDiskFault(disk)
}

function plainDiskFault({ source, volume }: ResourceDiskInfo): string | undefined {
  if (volume) return 'a volume must have a persistence id'
  return source?.type === ResourceDiskInfoSourceType.UNKNOWN ? 'its disk source has no known type' : undefined
}

function volumeFault(resource: Resource, { persistence, volume, source }: ResourceDiskInfo): string | undefined {
  const id = idFault(persistence!.id)
  if (id) return `its persistence id is not valid: ${id}`
  if (!isReservedProto(resource)) return 'a persistent volume can be made only from reserved disk'
  if (resource.revocable) return 'a persistent volume cannot be revocable'
  if (!volume) return 'a persistent volume must say where it is mounted'
  if (volume.mode === VolumeMode.RO) return 'a persistent volume cannot be read-only'
  if (volume.hostPath !== undefined) return 'a persistent volume must not name a path on the host'
  const type = source?.type
  const unfit = type === ResourceDiskInfoSourceType.BLOCK || type === ResourceDiskInfoSourceType.RAW
  return unfit ? 'a persistent volume cannot be made from a BLOCK or RAW disk' : undefined
}

function isReservedProto({ role, reservations }: Resource): boolean {
  return Boolean(reservations?.length) || (role !== undefined && role !== '*')
}

/** As sent, so that the faulty value can be seen, which the algebra would drop. */
function describe(resource: Resource): string {
  const value =
    resource.scalar?.value ??
    (resource.ranges ? rangesText(resource.ranges.range ?? []) : undefined) ??
    (resource.set ? `{${(resource.set.item ?? []).join(', ')}}` : '')
  return `${identityText(identityFromProto(resource))}:${value}`
}

/** Volumes that claim one id for one role on one agent, which would share a directory (row 1-082); undefined where there are none. */
export function duplicateVolumeFault(list: readonly Resource[]): string | undefined {
  const seen = new Set<string>()
  for (const resource of list) {
    const id = resource.disk?.persistence?.id
    if (id === undefined || resource.shared) continue
    const key = JSON.stringify([identityFromProto(resource).reservations.at(-1)?.role, id])
    if (seen.has(key)) return `persistence id '${id}' is used twice`
    seen.add(key)
  }
  return undefined
}

/** Names of which a part is revocable and a part is not (row 1-092). */
export function mixedRevocableNames(list: readonly Resource[]): string[] {
  const names = (revocable: boolean) =>
    new Set(list.filter((it) => (it.revocable !== undefined) === revocable).map((it) => it.name))
  const firm = names(false)
  return [...names(true)].filter((name) => firm.has(name))
}
