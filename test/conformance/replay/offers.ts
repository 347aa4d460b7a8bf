/** Which live offers stand for which recorded ones. */

import { until } from '../../support/waiting.js'
import type { EventStream } from './event-stream.js'
import { at, isObject, type Json, type JsonObject, listAt, textAt, writeJson } from './json.js'
import type { Names } from './names.js'
import { Differs } from './outcome.js'
import type { Step } from './recording.js'

const GRACE = 5

/** What an offer has, by name, reservations and volume; ports and other ranges count their members. */
type Amounts = Map<string, number>

function keyOf(resource: Json): string {
  const reservations = listAt(resource, 'reservations').map((one) => [at(one, 'type') ?? null, at(one, 'role') ?? null])
  const role = textAt(resource, 'role') ?? '*'
  const reserved = reservations.length > 0 ? reservations : role === '*' ? [] : role
  const volume = at(resource, 'disk', 'persistence', 'id') ?? null
  return writeJson([textAt(resource, 'name') ?? '', reserved, volume, at(resource, 'disk', 'source', 'type') ?? null])
}

function amountOf(resource: Json): number {
  const ranges = listAt(resource, 'ranges', 'range')
  const members = ranges.reduce<number>((sum, range) => sum + Number(at(range, 'end')) - Number(at(range, 'begin')) + 1, 0)
  return Number(at(resource, 'scalar', 'value') ?? 0) + members
}

function total(offers: readonly Json[]): Amounts {
  const found: Amounts = new Map()
  for (const resource of offers.flatMap((offer) => listAt(offer, 'resources'))) {
    const key = keyOf(resource)
    found.set(key, (found.get(key) ?? 0) + amountOf(resource))
  }
  return found
}

const covers = (have: Amounts, want: Amounts): boolean =>
  [...want].every(([key, amount]) => (have.get(key) ?? 0) >= amount - 1e-4)
const same = (a: Amounts, b: Amounts): boolean => covers(a, b) && covers(b, a)
const size = (offer: JsonObject): number => [...total([offer]).values()].reduce((a, b) => a + b, 0)

const eventsOf = (step: Step): JsonObject[] =>
  (step.events ?? []).map(({ event }) => event).filter((event) => typeof event !== 'string')

export class Offers {
  readonly #names: Names
  readonly #scale: number
  readonly #recorded = new Map<string, Json>()
  /** Recorded ids that a RESCIND has named by now. */
  readonly #withdrawn = new Set<string>()
  /** Live ids for a recorded one; several recorded ones may have been merged into one. */
  readonly #live = new Map<string, string[]>()

  constructor(steps: readonly Step[], names: Names, scale: number) {
    this.#names = names
    this.#scale = scale
    for (const event of steps.flatMap(eventsOf)) {
      for (const offer of listAt(event, 'offers', 'offers')) this.#recorded.set(textAt(offer, 'id', 'value') ?? '', offer)
    }
  }

  stepIsOver(step: Step): void {
    for (const event of eventsOf(step)) {
      if (event.type === 'RESCIND') this.#withdrawn.add(textAt(event, 'rescind', 'offer_id', 'value') ?? '')
    }
  }

  /** Live ids for the recorded ones of an ACCEPT or DECLINE; ids that were never offered stay. */
  async replace(recorded: readonly Json[], stream: EventStream | undefined): Promise<Json[]> {
    const named = recorded.map((id) => textAt(id, 'value') ?? '')
    const fresh = [...new Set(named)].filter((id) => this.#recorded.has(id) && !this.#live.has(id))
    if (fresh.length > 0 && stream) {
      await this.#bindWithdrawn(
        fresh.filter((id) => this.#withdrawn.has(id)),
        stream,
      )
      await this.#choose(
        fresh.filter((id) => !this.#live.has(id)),
        stream,
      )
    }
    return recorded.flatMap((id) => this.#live.get(textAt(id, 'value') ?? '')?.map((value): Json => ({ value })) ?? [id])
  }

  async #bindWithdrawn(gone: readonly string[], stream: EventStream): Promise<void> {
    if (gone.length === 0) return
    await until(() => stream.rescinded.size >= gone.length, GRACE * this.#scale)
    const live = [...stream.rescinded.keys()]
    for (const [i, id] of gone.entries()) {
      const taken = live[i]
      if (taken !== undefined) this.#live.set(id, [taken])
    }
  }

  async #choose(wanted: readonly string[], stream: EventStream): Promise<void> {
    const [first] = wanted
    if (first === undefined) return
    const offers = wanted.map((id) => this.#recorded.get(id) ?? null)
    const want = total(offers)
    await this.#names.bindAgents(offers)
    const fitting = (): JsonObject[] => this.#fitting(offers, stream)
    await until(() => covers(total(fitting()), want), GRACE * this.#scale, 0.02)
    const candidates =
      fitting().length > 0 ? fitting() : ((await until(async () => (fitting().length > 0 ? fitting() : undefined), GRACE)) ?? [])
    const chosen = wanted.length === 1 ? bestFor(want, candidates) : candidates
    if (chosen.length === 0) throw new Differs(`no offer for ${stream.name} in time`)
    const ids = chosen.map((offer) => textAt(offer, 'id', 'value') ?? '')
    for (const id of ids) stream.offers.delete(id)
    for (const id of wanted) this.#live.set(id, id === first ? ids : [])
  }

  #fitting(recorded: readonly Json[], stream: EventStream): JsonObject[] {
    const role = at(recorded[0], 'allocation_info', 'role')
    const agents = recorded.map((offer) => this.#names.text(textAt(offer, 'agent_id', 'value') ?? ''))
    return [...stream.offers.values()].filter(
      (offer) =>
        isObject(offer) &&
        agents.includes(textAt(offer, 'agent_id', 'value') ?? '') &&
        (recorded.length > 1 || at(offer, 'allocation_info', 'role') === role),
    )
  }
}

/** The one that has exactly what is wanted, else the smallest that has enough, else all. */
function bestFor(want: Amounts, candidates: JsonObject[]): JsonObject[] {
  const exact = candidates.find((offer) => same(total([offer]), want))
  const [enough] = candidates.filter((offer) => covers(total([offer]), want)).sort((a, b) => size(a) - size(b))
  const best = exact ?? enough
  return best ? [best] : candidates
}
