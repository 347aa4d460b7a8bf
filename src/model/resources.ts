import type { Resource } from '#wire/mesos.js'
import { ResourceReservationInfoType } from '#wire/mesos.js'
import {
  allocatedTo,
  type Identity,
  identityFromProto,
  isPersistentVolume,
  isReserved,
  type Reservation,
  reservedRole,
} from './resource-identity.js'
import {
  type Amount,
  addAmounts,
  amountContains,
  amountFromProto,
  amountsEqual,
  amountToProto,
  type Milli,
  quantityOf,
  subtractAmounts,
  unitsOf,
} from './resource-value.js'
import { isAncestorOrSelf } from './roles.js'

/** One kind of resource and how much of it. `copies` is above 1 only for what is indivisible: a shared volume in use twice counts twice. */
export interface ResourceEntry {
  readonly identity: Identity
  readonly amount: Amount
  readonly copies: number
}

/** How reservations are written (row 1-060). */
export type ReservationForm =
  /** The `reservations` stack, for whoever has RESERVATION_REFINEMENT and between our own programs. */
  | 'stack'
  /** `role` and `reservation`, for everybody else; what is refined cannot be said in it and must be filtered out before. */
  | 'role'
  /** Both where both can say it, as operator endpoints show it. */
  | 'both'

const mixed = Symbol('allocated to more than one')

/**
 * A bag of resources, as an agent's total, an offer or a task's share. Immutable: every operation gives a new one, or the same one where
 * nothing changes. Invariants: no entry is empty or negative; divisible entries of one identity are merged, indivisible ones only when equal.
 */
export class Resources {
  readonly entries: readonly ResourceEntry[]
  private sums: ReadonlyMap<string, Milli> | undefined
  /** What this became allocated from: most offers come back as they went out, and then are the same object again. */
  private origin: Resources | undefined
  /** What was last allocated from this. */
  private twin: { role: string; allocated: Resources } | undefined
  private constructor(entries: readonly ResourceEntry[]) {
    this.entries = entries
  }

  static readonly none = new Resources([])

  /** From the wire, whichever form the reservations have. Empty, negative and unknown amounts are left out: validate before where that matters. */
  static from(list: readonly Resource[] | undefined): Resources {
    if (!list?.length) return Resources.none
    const entries: ResourceEntry[] = []
    for (const resource of list) {
      const amount = amountFromProto(resource)
      if (amount !== undefined) addEntry(entries, { identity: identityFromProto(resource), amount, copies: 1 })
    }
    return Resources.owned(entries)
  }

  static of(entries: Iterable<ResourceEntry>): Resources {
    const merged: ResourceEntry[] = []
    for (const entry of entries) addEntry(merged, entry)
    return Resources.owned(merged)
  }

  static sum(all: Iterable<Resources>): Resources {
    const merged: ResourceEntry[] = []
    for (const { entries } of all) for (const entry of entries) addEntry(merged, entry)
    return Resources.owned(merged)
  }

  private static owned(entries: ResourceEntry[]): Resources {
    return entries.length === 0 ? Resources.none : new Resources(entries)
  }

  get isEmpty(): boolean {
    return this.entries.length === 0
  }

  add(other: Resources): Resources {
    if (other.isEmpty) return this
    if (this.isEmpty) return other
    const entries = this.entries.slice()
    for (const entry of other.entries) addEntry(entries, entry)
    return Resources.owned(entries)
  }

  /** What is left. Taking what is not there changes nothing; check `contains` first where that would be a mistake. */
  subtract(other: Resources): Resources {
    if (other.isEmpty || this.isEmpty) return this
    if (other === this) return Resources.none
    const entries = this.entries.slice()
    for (const entry of other.entries) subtractEntry(entries, entry)
    return Resources.owned(entries)
  }

  contains(other: Resources): boolean {
    return this === other || other.entries.every((entry) => containsEntry(this.entries, entry))
  }

  equals(other: Resources): boolean {
    return this === other || (this.entries.length === other.entries.length && this.contains(other) && other.contains(this))
  }

  filter(keep: (identity: Identity, entry: ResourceEntry) => boolean): Resources {
    const kept = this.entries.filter((entry) => keep(entry.identity, entry))
    return kept.length === this.entries.length ? this : Resources.owned(kept)
  }

  map(change: (identity: Identity) => Identity): Resources {
    if (this.entries.every(({ identity }) => change(identity) === identity)) return this
    return Resources.of(this.entries.map((entry) => ({ ...entry, identity: change(entry.identity) })))
  }

  unreserved(): Resources {
    return this.filter((it) => !isReserved(it))
  }

  /** All that is reserved, or what is reserved for exactly this role. */
  reserved(role?: string): Resources {
    return this.filter((it) => isReserved(it) && (role === undefined || reservedRole(it) === role))
  }

  /** What may be offered to a role: unreserved, or reserved for it or for an ancestor of it (row 4-047). */
  allocatableTo(role: string): Resources {
    return this.filter((it) => !isReserved(it) || isAncestorOrSelf(reservedRole(it), role))
  }

  revocable(): Resources {
    return this.filter((it) => it.revocable)
  }

  nonRevocable(): Resources {
    return this.filter((it) => !it.revocable)
  }

  shared(): Resources {
    return this.filter((it) => it.shared)
  }

  nonShared(): Resources {
    return this.filter((it) => !it.shared)
  }

  persistentVolumes(): Resources {
    return this.filter(isPersistentVolume)
  }

  named(name: string): Resources {
    return this.filter((it) => it.name === name)
  }

  /** Marked as allocated to `role` (row 1-064). */
  allocate(role: string): Resources {
    if (this.twin?.role !== role) this.twin = { role, allocated: this.allocatedTo(role) }
    return this.twin.allocated
  }

  unallocate(): Resources {
    return this.origin ?? this.allocatedTo(undefined)
  }

  private allocatedTo(role: string | undefined): Resources {
    const now = this.uniformAllocation()
    // Where parts are allocated to different roles, some may become one.
    if (now === mixed) return this.map((it) => allocatedTo(it, role))
    if (now === role) return this
    const changed = new Resources(
      this.entries.map(({ identity, amount, copies }) => ({ identity: allocatedTo(identity, role), amount, copies })),
    )
    if (now === undefined) changed.origin = this
    return changed
  }

  private uniformAllocation(): string | undefined | typeof mixed {
    const [first] = this.entries
    const role = first?.identity.allocatedTo
    return this.entries.every(({ identity }) => identity.allocatedTo === role) ? role : mixed
  }

  /** By the role each part is allocated to; what is allocated to nobody is left out. */
  byAllocation(): Map<string, Resources> {
    const only = this.uniformAllocation()
    if (only !== mixed) return only === undefined ? new Map() : new Map([[only, this]])
    const roles = new Set(this.entries.map(({ identity }) => identity.allocatedTo))
    const parts = new Map<string, Resources>()
    for (const role of roles)
      if (role !== undefined)
        parts.set(
          role,
          this.filter((it) => it.allocatedTo === role),
        )
    return parts
  }

  /** By the role that holds each part; what is unreserved is left out. */
  byReservation(): Map<string, Resources> {
    const roles = new Set(
      this.entries.filter(({ identity }) => isReserved(identity)).map(({ identity }) => reservedRole(identity)),
    )
    return new Map([...roles].map((role) => [role, this.reserved(role)]))
  }

  /** How much of a name there is in all: units of a scalar, how many numbers of ranges. */
  quantity(name: string): number {
    return unitsOf(this.quantities().get(name) ?? 0)
  }

  /** By name, in thousandths. */
  quantities(): ReadonlyMap<string, Milli> {
    this.sums ??= sumQuantities(this.entries)
    return this.sums
  }

  get hasRefined(): boolean {
    return this.entries.some(({ identity }) => identity.reservations.length > 1)
  }

  /** For the wire. An indivisible entry is repeated once a copy, as Mesos does. */
  toProto(form: ReservationForm = 'stack'): Resource[] {
    const list: Resource[] = []
    for (const entry of this.entries) for (let copy = 0; copy < entry.copies; copy++) list.push(entryToProto(entry, form))
    return list
  }
}

function sumQuantities(entries: readonly ResourceEntry[]): Map<string, Milli> {
  const sums = new Map<string, Milli>()
  for (const entry of entries) {
    const { name } = entry.identity
    sums.set(name, (sums.get(name) ?? 0) + entryQuantity(entry))
  }
  return sums
}

/** Shared resources count once however often they are in use. */
function entryQuantity({ identity, amount, copies }: ResourceEntry): Milli {
  return quantityOf(amount, identity.type) * (identity.shared ? 1 : copies)
}

function sameKind(a: Identity, b: Identity): boolean {
  return a === b || a.key === b.key
}

/** Where the entry stands that `entry` merges with or is taken from: for an indivisible one, an equal one. */
function placeOf(entries: readonly ResourceEntry[], { identity, amount }: ResourceEntry): number {
  for (let i = 0; i < entries.length; i++) {
    const it = entries[i]!
    if (sameKind(it.identity, identity) && (!identity.indivisible || amountsEqual(it.amount, amount, identity.type))) return i
  }
  return -1
}

function addEntry(entries: ResourceEntry[], entry: ResourceEntry): void {
  const place = placeOf(entries, entry)
  if (place < 0) {
    entries.push(entry)
    return
  }
  const { identity, amount, copies } = entries[place]!
  entries[place] = identity.indivisible
    ? { identity, amount, copies: copies + entry.copies }
    : { identity, amount: addAmounts(amount, entry.amount, identity.type), copies }
}

function subtractEntry(entries: ResourceEntry[], entry: ResourceEntry): void {
  const place = placeOf(entries, entry)
  if (place < 0) return
  const { identity, amount, copies } = entries[place]!
  if (identity.indivisible) {
    if (copies > entry.copies) entries[place] = { identity, amount, copies: copies - entry.copies }
    else entries.splice(place, 1)
    return
  }
  const rest = subtractAmounts(amount, entry.amount, identity.type)
  if (rest === undefined) entries.splice(place, 1)
  else entries[place] = { identity, amount: rest, copies }
}

function containsEntry(entries: readonly ResourceEntry[], entry: ResourceEntry): boolean {
  const place = placeOf(entries, entry)
  if (place < 0) return false
  const { identity, amount, copies } = entries[place]!
  return identity.indivisible ? copies >= entry.copies : amountContains(amount, entry.amount, identity.type)
}

function entryToProto({ identity, amount }: ResourceEntry, form: ReservationForm): Resource {
  return {
    ...(identity.providerId !== undefined && { providerId: { value: identity.providerId } }),
    name: identity.name,
    type: identity.type,
    ...amountToProto(amount, identity.type),
    ...(identity.allocatedTo !== undefined && { allocationInfo: { role: identity.allocatedTo } }),
    ...reservationFields(identity.reservations, form),
    ...(identity.disk && { disk: identity.disk }),
    ...(identity.revocable && { revocable: {} }),
    ...(identity.shared && { shared: {} }),
  }
}

function reservationFields(
  stack: readonly Reservation[],
  form: ReservationForm,
): Pick<Resource, 'role' | 'reservation' | 'reservations'> {
  const stacked = stack.length > 0 && form !== 'role' ? { reservations: stack.map((it) => ({ ...it })) } : {}
  if (form === 'stack' || stack.length > 1) return stacked
  const [only] = stack
  if (!only) return { role: '*' }
  if (only.type !== ResourceReservationInfoType.DYNAMIC) return { role: only.role, ...stacked }
  const { principal, labels } = only
  return {
    role: only.role,
    reservation: { ...(principal !== undefined && { principal }), ...(labels && { labels }) },
    ...stacked,
  }
}
