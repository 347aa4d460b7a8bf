import type { Resource, Value } from '#wire/mesos.js'
import { ValueType } from '#wire/mesos.js'
import {
  differenceOf,
  type Ranges,
  rangesContain,
  rangesEqual,
  rangesFromProto,
  rangesSize,
  rangesText,
  unionOf,
} from './ranges.js'

/** Thousandths: the precision of a scalar resource, three decimals (row 4-040). Integers, so that sums are exact. */
export type Milli = number

/** Sorted, without duplicates. */
export type Items = readonly string[]

/** How much of a resource there is. The identity says which of the three it is. */
export type Amount = Milli | Ranges | Items

/** Above this many units a scalar could no longer be summed exactly. */
export const largestScalar = 1e12

/** Rounded to three decimals; what is no number at all counts as nothing. */
export function milliOf(value: number): Milli {
  if (Number.isNaN(value)) return 0
  return Math.round(Math.min(Math.max(value, -largestScalar), largestScalar) * 1000)
}

export function unitsOf(milli: Milli): number {
  return milli / 1000
}

/** Undefined where nothing, or less than nothing, is left. */
export function amountFromProto(value: Resource | Value): Amount | undefined {
  switch (value.type) {
    case ValueType.SCALAR:
      return present(milliOf(value.scalar?.value ?? 0))
    case ValueType.RANGES:
      return present(rangesFromProto(value.ranges))
    case ValueType.SET:
      return present([...new Set(value.set?.item ?? [])].sort())
    default:
      return undefined
  }
}

export function amountToProto(amount: Amount, type: ValueType): Pick<Resource, 'scalar' | 'ranges' | 'set'> {
  switch (type) {
    case ValueType.SCALAR:
      return { scalar: { value: unitsOf(amount as Milli) } }
    case ValueType.RANGES:
      return { ranges: { range: (amount as Ranges).map(({ begin, end }) => ({ begin, end })) } }
    default:
      return { set: { item: [...(amount as Items)] } }
  }
}

export function addAmounts(a: Amount, b: Amount, type: ValueType): Amount {
  switch (type) {
    case ValueType.SCALAR:
      return (a as Milli) + (b as Milli)
    case ValueType.RANGES:
      return unionOf(a as Ranges, b as Ranges)
    default:
      return [...new Set([...(a as Items), ...(b as Items)])].sort()
  }
}

/** What is left of `a`; undefined where nothing is. Taking more than there is leaves nothing: amounts are never negative. */
export function subtractAmounts(a: Amount, b: Amount, type: ValueType): Amount | undefined {
  switch (type) {
    case ValueType.SCALAR:
      return present((a as Milli) - (b as Milli))
    case ValueType.RANGES:
      return present(differenceOf(a as Ranges, b as Ranges))
    default:
      return present((a as Items).filter((item) => !(b as Items).includes(item)))
  }
}

export function amountContains(a: Amount, b: Amount, type: ValueType): boolean {
  switch (type) {
    case ValueType.SCALAR:
      return a >= b
    case ValueType.RANGES:
      return rangesContain(a as Ranges, b as Ranges)
    default:
      return (b as Items).every((item) => (a as Items).includes(item))
  }
}

export function amountsEqual(a: Amount, b: Amount, type: ValueType): boolean {
  switch (type) {
    case ValueType.SCALAR:
      return a === b
    case ValueType.RANGES:
      return rangesEqual(a as Ranges, b as Ranges)
    default:
      return (a as Items).length === (b as Items).length && (a as Items).every((item, i) => item === (b as Items)[i])
  }
}

/** Scalars as they are, ranges by how many numbers they hold; sets have no quantity. */
export function quantityOf(amount: Amount, type: ValueType): Milli {
  if (type === ValueType.SCALAR) return amount as Milli
  if (type === ValueType.RANGES) return Number(rangesSize(amount as Ranges)) * 1000
  return 0
}

/** `0.5`, `[31000-32000]`, `{a, b}`. */
export function amountText(amount: Amount, type: ValueType): string {
  switch (type) {
    case ValueType.SCALAR:
      return String(unitsOf(amount as Milli))
    case ValueType.RANGES:
      return rangesText(amount as Ranges)
    default:
      return `{${(amount as Items).join(', ')}}`
  }
}

function present<A extends Amount>(amount: A): A | undefined {
  return (typeof amount === 'number' ? amount > 0 : amount.length > 0) ? amount : undefined
}
