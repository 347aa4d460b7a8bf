import type { Millis } from '#base/clock.js'
import type { Resources } from '#model/resources.js'

/** Offers refused without a word about how long (row 1-067). */
const defaultRefusal: Millis = 5_000
const longestRefusal: Millis = 365 * 24 * 3600 * 1000

/** `Filters.refuse_seconds` as a time: not a number or negative means the default, and nothing lasts longer than a year. */
export function refusalTime(seconds: number | undefined): Millis {
  if (seconds === undefined || Number.isNaN(seconds) || seconds < 0) return defaultRefusal
  return Math.min(seconds * 1000, longestRefusal)
}

/** One bag of resources of an agent and who does not want it, or less than it, until when. */
export interface Refusal {
  readonly bag: Resources
  /** By the index of framework and role; 0 where it did not refuse. Read lazily: nothing has to happen when a time comes. */
  until: Float64Array
  latest: Millis
}

/** More different bags than this at one agent at one time: the one that ends first is forgotten, and so offered again. */
const mostBags = 256

/**
 * What was refused at one agent. Most of those who refuse, refuse the same bag, so it is kept once with a time for each of them: ten million
 * filters are ten million numbers, and a check is one comparison.
 */
export class Refusals {
  private list: Refusal[] = []

  add(bag: Resources, who: number, until: Millis, now: Millis): void {
    if (bag.isEmpty) return
    if (this.list.some((it) => it.latest <= now)) this.list = this.list.filter((it) => it.latest > now)
    const refusal = this.list.find((it) => it.bag.equals(bag)) ?? this.open(bag)
    if (refusal.until.length <= who) refusal.until = grown(refusal.until, who)
    refusal.until[who] = Math.max(refusal.until[who]!, until)
    refusal.latest = Math.max(refusal.latest, until)
  }

  private open(bag: Resources): Refusal {
    const refusal: Refusal = { bag, until: new Float64Array(8), latest: 0 }
    this.list.push(refusal)
    if (this.list.length > mostBags) {
      const first = this.list.slice(0, -1).reduce((a, b) => (b.latest < a.latest ? b : a))
      this.list.splice(this.list.indexOf(first), 1)
    }
    return refusal
  }

  /** Those that speak of all that is in `bag`. */
  covering(bag: Resources): readonly Refusal[] {
    return this.list.filter((it) => it.bag.contains(bag))
  }

  forget(who: number): void {
    for (const { until } of this.list) if (who < until.length) until[who] = 0
  }

  clear(): void {
    this.list = []
  }

  /** Counts into `counts`, by index, the bags that each still refuses. */
  countInto(counts: Uint32Array, now: Millis): void {
    for (const { until } of this.list)
      for (let who = Math.min(until.length, counts.length) - 1; who >= 0; who--) if (until[who]! > now) counts[who]!++
  }
}

/** The time until which one of these keeps `who` out; 0 where none does. */
export function refusedUntil(refusals: readonly Refusal[], who: number): Millis {
  let until = 0
  for (const refusal of refusals) {
    const its = refusal.until[who]
    if (its !== undefined && its > until) until = its
  }
  return until
}

function grown(old: Float64Array, index: number): Float64Array {
  const wider = new Float64Array(Math.max(index + 1, old.length * 2))
  wider.set(old)
  return wider
}
