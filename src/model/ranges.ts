import type { ValueRanges } from '#wire/mesos.js'

/** The numbers from `begin` to `end`, both included. */
export interface Interval {
  readonly begin: bigint
  readonly end: bigint
}

/** A set of 64-bit numbers. Invariant: sorted, disjoint, never touching (`[1-2][3-4]` is `[1-4]`), each interval with begin ≤ end. */
export type Ranges = readonly Interval[]

/** Any intervals in any order, brought to the invariant; inverted ones hold nothing. */
export function rangesOf(intervals: Iterable<Interval>): Ranges {
  const sorted = [...intervals]
    .filter((it) => it.begin <= it.end)
    .sort((a, b) => (a.begin < b.begin ? -1 : a.begin > b.begin ? 1 : 0))
  const merged: { begin: bigint; end: bigint }[] = []
  for (const { begin, end } of sorted) {
    const last = merged.at(-1)
    if (last && begin <= last.end + 1n) {
      if (end > last.end) last.end = end
    } else merged.push({ begin, end })
  }
  return merged
}

export function rangesFromProto(ranges: ValueRanges | undefined): Ranges {
  return rangesOf(ranges?.range ?? [])
}

export function unionOf(a: Ranges, b: Ranges): Ranges {
  if (a.length === 0) return b
  if (b.length === 0) return a
  return rangesOf([...a, ...b])
}

export function differenceOf(a: Ranges, b: Ranges): Ranges {
  if (b.length === 0) return a
  const rest: Interval[] = []
  let next = 0
  for (const { begin, end } of a) {
    let from = begin
    while (next < b.length && b[next]!.end < from) next++
    for (let i = next; i < b.length && b[i]!.begin <= end && from <= end; i++) {
      if (b[i]!.begin > from) rest.push({ begin: from, end: b[i]!.begin - 1n })
      from = b[i]!.end + 1n
    }
    if (from <= end) rest.push({ begin: from, end })
  }
  return rest
}

/** Whether every number of `b` is in `a`. */
export function rangesContain(a: Ranges, b: Ranges): boolean {
  let i = 0
  for (const { begin, end } of b) {
    while (i < a.length && a[i]!.end < begin) i++
    const holder = a[i]
    if (!holder || holder.begin > begin || holder.end < end) return false
  }
  return true
}

export function rangesEqual(a: Ranges, b: Ranges): boolean {
  return a.length === b.length && a.every(({ begin, end }, i) => begin === b[i]!.begin && end === b[i]!.end)
}

/** How many numbers the ranges hold. */
export function rangesSize(ranges: Ranges): bigint {
  let size = 0n
  for (const { begin, end } of ranges) size += end - begin + 1n
  return size
}

/** `[31000-32000, 33000-33001]`, as Mesos prints it (row 3-102). */
export function rangesText(ranges: Iterable<Interval>): string {
  return `[${[...ranges].map(({ begin, end }) => `${begin}-${end}`).join(', ')}]`
}
