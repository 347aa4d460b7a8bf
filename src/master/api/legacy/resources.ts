import { type Ranges, rangesOf, rangesText } from '#model/ranges.js'
import { amountText, type Items } from '#model/resource-value.js'
import type { Resources } from '#model/resources.js'
import { ValueType } from '#wire/mesos.js'
import { Double, type Json } from './json.js'

/** What is always there, in this order (row 3-102). */
const always = ['disk', 'mem', 'gpus', 'cpus']

/** Resources as one object: scalars summed, ranges and sets as text, what is revocable apart. */
export function resourcesJson(resources: Resources): Record<string, Json> {
  const json: Record<string, Json> = {}
  for (const name of always) json[name] = new Double(resources.nonRevocable().named(name).quantity(name))
  for (const [name, type] of namesOf(resources)) json[name] ??= amountJson(resources.nonRevocable().named(name), name, type)
  for (const [name, type] of namesOf(resources.revocable()))
    json[`${name}_revocable`] = amountJson(resources.revocable().named(name), name, type)
  return json
}

function namesOf(resources: Resources): Map<string, ValueType> {
  return new Map(resources.entries.map(({ identity }) => [identity.name, identity.type]))
}

function amountJson(resources: Resources, name: string, type: ValueType): Json {
  if (type === ValueType.SCALAR) return new Double(resources.quantity(name))
  const amounts = resources.entries.map(({ amount }) => amount)
  if (type === ValueType.RANGES) return rangesText(rangesOf((amounts as Ranges[]).flat()))
  return amountText([...new Set((amounts as Items[]).flat())].sort(), type)
}

/** Quantities by name, as `/roles` shows them. */
export function quantitiesJson(resources: Resources): Record<string, Json> {
  const quantities = [...resources.quantities()].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(quantities.map(([name, milli]) => [name, new Double(milli / 1000)]))
}
