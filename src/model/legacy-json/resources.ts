import { toJson } from '#wire/json.js'
import { type Attribute, Resource, ValueType } from '#wire/mesos.js'
import { attributeText } from '../attributes.js'
import { type Amount, addAmounts, amountText, type Milli, milliOf, unitsOf } from '../resource-value.js'
import type { Resources } from '../resources.js'
import { array, double, entries, type JsonText, string } from './text.js'

/** Shown even where there is none of them. */
const always = ['disk', 'mem', 'gpus', 'cpus']

/** `{disk, mem, gpus, cpus, ports: "[31000-32000]", cpus_revocable, …}`: sums by name, whatever role or disk they are of (row 3-102). */
export function resourcesModel(resources: Resources): JsonText {
  const sums = new Map<string, { type: ValueType; amount: Amount }>(
    always.map((name) => [name, { type: ValueType.SCALAR, amount: 0 }]),
  )
  for (const { identity, amount, copies } of resources.entries) {
    const { type, revocable, shared } = identity
    const name = revocable ? `${identity.name}_revocable` : identity.name
    const whole = type === ValueType.SCALAR && !shared ? (amount as Milli) * copies : amount
    const sum = sums.get(name)
    sums.set(name, { type, amount: sum && sum.type === type ? addAmounts(sum.amount, whole, type) : whole })
  }
  return entries([...sums].map(([name, { type, amount }]) => [name, amountModel(amount, type)]))
}

function amountModel(amount: Amount, type: ValueType): JsonText {
  return type === ValueType.SCALAR ? double(unitsOf(amount as Milli)) : string(amountText(amount, type))
}

/** By the role that holds them. */
export function reservedModel(resources: Resources): JsonText {
  return entries([...resources.byReservation()].map(([role, part]) => [role, resourcesModel(part)]))
}

/** Every resource as a message, with its reservations in both forms (row 1-060). */
export function resourcesFull(resources: Resources): JsonText {
  return array(resources.toProto('both').map((it) => toJson(Resource, it) as JsonText))
}

export function reservedFull(resources: Resources): JsonText {
  return entries([...resources.byReservation()].map(([role, part]) => [role, resourcesFull(part)]))
}

/** The one role that the resources of a task or executor are allocated to (row 1-064). */
export function roleModel(resources: readonly Resource[] | undefined): JsonText | undefined {
  const role = resources?.find((it) => it.allocationInfo?.role !== undefined)?.allocationInfo?.role
  return role === undefined ? undefined : string(role)
}

/** By name, where a name comes twice the later one counts; scalars as numbers, all else as text (row 4-042). */
export function attributesModel(attributes: readonly Attribute[] = []): JsonText {
  return entries(new Map(attributes.map((it) => [it.name, attributeModel(it)])))
}

function attributeModel(it: Attribute): JsonText {
  return it.type === ValueType.SCALAR ? double(unitsOf(milliOf(it.scalar?.value ?? 0))) : string(attributeText(it))
}
