import type { OfferFilters } from '#wire/mesos.js'
import { ModelErrors } from './errors.js'
import { type Milli, milliOf } from './resource-value.js'

/** How much of each name, whatever role or disk it is of; in thousandths. */
export type Quantities = ReadonlyMap<string, Milli>

/** Alternatives, each of which asks for all of its quantities at once (row 1-071). None means that anything is enough. */
export type Minimum = readonly Quantities[]

export function isEnough(have: Quantities, minimum: Minimum): boolean {
  if (minimum.length === 0) return have.size > 0
  return minimum.some((wanted) => covers(have, wanted))
}

function covers(have: Quantities, wanted: Quantities): boolean {
  for (const [name, least] of wanted) if ((have.get(name) ?? 0) < least) return false
  return true
}

/** `cpus:0.01|mem:32`; `;` joins quantities of one alternative. Empty text means no minimum. */
export function parseMinimum(text: string): Minimum {
  return text
    .split('|')
    .map((alternative) => alternative.split(';').filter((it) => it.trim() !== ''))
    .filter((pairs) => pairs.length > 0)
    .map((pairs) => new Map(pairs.map(parsePair)))
}

function parsePair(text: string): [string, Milli] {
  const [name = '', value = ''] = text.split(':').map((it) => it.trim())
  const number = Number(value)
  if (name === '' || value === '' || !(number >= 0)) {
    throw ModelErrors.BAD_RESOURCE({ text: text.trim(), why: 'it must read name:number, and the number must not be negative' })
  }
  return [name, milliOf(number)]
}

/** What a framework asks for itself in one role (row 1-072); undefined where it leaves that to the master's flag. */
export function minimumOf(filters: OfferFilters | undefined): Minimum | undefined {
  return (
    filters?.minAllocatableResources?.quantities?.map(
      ({ quantities }) => new Map(Object.entries(quantities ?? {}).map(([name, { value }]) => [name, milliOf(value)])),
    ) ?? (filters?.minAllocatableResources ? [] : undefined)
  )
}
