import type { Labels, Resource, ResourceDiskInfo, ResourceReservationInfo } from '#wire/mesos.js'
import { ResourceDiskInfoSource, ResourceDiskInfoSourceType, ResourceReservationInfoType, type ValueType } from '#wire/mesos.js'
import { encode } from '#wire/protobuf.js'

export interface Reservation {
  readonly type: ResourceReservationInfoType
  readonly role: string
  readonly principal?: string
  readonly labels?: Labels
}

/** What a resource is, apart from how much of it there is (row 4-043). */
export interface IdentityParts {
  readonly name: string
  readonly type: ValueType
  readonly providerId?: string
  /** From the outermost to the most refined; empty means unreserved (`*`). Each role is a descendant of the one before it (row 4-050). */
  readonly reservations: readonly Reservation[]
  /** The role it is allocated or offered to; absent in an agent's total. */
  readonly allocatedTo?: string
  readonly disk?: ResourceDiskInfo
  readonly revocable: boolean
  readonly shared: boolean
}

/** Two resources are of one kind, and may be summed or compared, exactly when their keys are equal. */
export interface Identity extends IdentityParts {
  readonly key: string
  /** A whole that cannot be split or merged: volumes, MOUNT and BLOCK disks, identified RAW disks, and all that is shared (row 4-043). */
  readonly indivisible: boolean
}

const unreserved: readonly Reservation[] = []

function identityOf(parts: IdentityParts): Identity {
  return { ...parts, key: keyOf(parts), indivisible: isIndivisible(parts) }
}

export function identityFromProto(resource: Resource): Identity {
  if (isPlain(resource)) return plainIdentity(resource.name, resource.type, resource.allocationInfo?.role)
  return identityOf({
    name: resource.name,
    type: resource.type,
    ...(resource.providerId && { providerId: resource.providerId.value }),
    reservations: reservationsOf(resource),
    ...(resource.allocationInfo?.role !== undefined && { allocatedTo: resource.allocationInfo.role }),
    ...(resource.disk && { disk: resource.disk }),
    revocable: resource.revocable !== undefined,
    shared: resource.shared !== undefined,
  })
}

/** The stack, from either form: `reservations`, or the older `role` with `reservation` (row 1-060). */
function reservationsOf(resource: Resource): readonly Reservation[] {
  if (resource.reservations?.length) return resource.reservations.map(reservationFromProto)
  if (resource.role === undefined || resource.role === '*') return unreserved
  const dynamic = resource.reservation
  if (!dynamic) return [{ type: ResourceReservationInfoType.STATIC, role: resource.role }]
  return [reservationFromProto({ ...dynamic, role: resource.role, type: ResourceReservationInfoType.DYNAMIC })]
}

function reservationFromProto(info: ResourceReservationInfo): Reservation {
  return {
    type: info.type ?? ResourceReservationInfoType.UNKNOWN,
    role: info.role ?? '*',
    ...(info.principal !== undefined && { principal: info.principal }),
    ...(info.labels && { labels: info.labels }),
  }
}

/** Most resources are unreserved cpus, mem, disk and ports: their identities are made once, so that equal ones are the same object. */
const plain = new Map<string, Identity>()
const plainLimit = 10_000

function isPlain(resource: Resource): boolean {
  return (
    (resource.role === undefined || resource.role === '*') &&
    !resource.reservations?.length &&
    !resource.reservation &&
    !resource.disk &&
    !resource.revocable &&
    !resource.shared &&
    !resource.providerId
  )
}

function plainIdentity(name: string, type: ValueType, allocatedTo: string | undefined): Identity {
  const key = `${type} ${name.length} ${name} ${allocatedTo ?? ''}${allocatedTo === undefined ? '-' : '+'}`
  const known = plain.get(key)
  if (known) return known
  const made = identityOf({
    name,
    type,
    reservations: unreserved,
    ...(allocatedTo !== undefined && { allocatedTo }),
    revocable: false,
    shared: false,
  })
  // Names and roles come from outside, so the cache must not grow for ever; nothing but speed depends on it.
  if (plain.size >= plainLimit) plain.clear()
  plain.set(key, made)
  return made
}

const derived = new WeakMap<Identity, Map<string | undefined, Identity>>()

/** The same resource allocated to `role`, or to nobody. Remembered for each identity, since the allocator asks at every offer. */
export function allocatedTo(identity: Identity, role: string | undefined): Identity {
  if (identity.allocatedTo === role) return identity
  const known = derived.get(identity)
  const variants = known && known.size < plainLimit ? known : new Map<string | undefined, Identity>()
  if (variants !== known) derived.set(identity, variants)
  const { allocatedTo: _, key: __, indivisible: ___, ...parts } = identity
  const variant = variants.get(role) ?? identityOf(role === undefined ? parts : { ...parts, allocatedTo: role })
  variants.set(role, variant)
  return variant
}

/** The role that holds it: that of the most refined reservation, or `*`. */
export function reservedRole(identity: IdentityParts): string {
  return identity.reservations.at(-1)?.role ?? '*'
}

export function isReserved(identity: IdentityParts): boolean {
  return identity.reservations.length > 0
}

export function isPersistentVolume(identity: IdentityParts): boolean {
  return identity.disk?.persistence !== undefined
}

function isIndivisible({ disk, shared }: IdentityParts): boolean {
  if (shared || disk?.persistence) return true
  switch (disk?.source?.type) {
    case ResourceDiskInfoSourceType.MOUNT:
    case ResourceDiskInfoSourceType.BLOCK:
      return true
    case ResourceDiskInfoSourceType.RAW:
      return disk.source.id !== undefined
    default:
      return false
  }
}

function keyOf(it: IdentityParts): string {
  return JSON.stringify([
    it.name,
    it.type,
    it.providerId ?? null,
    it.reservations.map((r) => [r.type, r.role, r.principal ?? null, labelsKey(r.labels)]),
    it.allocatedTo ?? null,
    diskKey(it.disk),
    it.revocable,
    it.shared,
  ])
}

/** Order of labels does not distinguish reservations; their presence does (row 4-049). */
function labelsKey(labels: Labels | undefined): string[] | null {
  return labels ? (labels.labels ?? []).map((l) => JSON.stringify([l.key, l.value ?? null])).sort() : null
}

/** A volume's mount point belongs to its use, not to its identity: a task may mount it elsewhere than its creator did. */
function diskKey(disk: ResourceDiskInfo | undefined): (string | null)[] | null {
  if (!disk) return null
  const source = disk.source ? encode(ResourceDiskInfoSource, disk.source).toString('hex') : null
  return [source, disk.persistence?.id ?? null]
}
