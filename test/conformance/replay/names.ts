/** Recorded ids, ports and paths, and what stands for them in the live cluster. */
import { isObject, type Json, type JsonObject, writeJson } from './json.js'

export const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
/** Of masters and containers; of agents (-S0), offers (-O1) and frameworks (-0002). */
const ID = `${UUID}(?:-[SIO]?\\d+)?`
const BASE64_UUID = /^[A-Za-z0-9+/]{21}[AQgw]==$/
const WHOLE_ID = new RegExp(`^${ID}$`)

export const ids = (text: string): string[] => text.match(new RegExp(ID, 'g')) ?? []
export const isWholeId = (text: string): boolean => WHOLE_ID.test(text)
export const hasId = (text: string): boolean => new RegExp(ID).test(text)
export const isIdentifier = (text: string): boolean => isWholeId(text) || BASE64_UUID.test(text)
export const isFrameworkId = (id: string): boolean => /^-\d{4}$/.test(id.slice(36))

/** Where a live cluster has its things. */
export interface Place {
  readonly directory: string
  /** Live port by recorded one. */
  readonly ports: Readonly<Record<number, number>>
  /** Ids of the agents that are registered now. */
  agents(): Promise<string[]>
}

export class Names {
  readonly live = new Map<string, string>()
  readonly #place: Place

  constructor(place: Place) {
    this.#place = place
  }

  has(recorded: string): boolean {
    return this.live.has(recorded)
  }

  /** Pairs ids at equal places of two values. */
  learn(recorded: Json | undefined, live: Json | undefined): void {
    if (isObject(recorded) && isObject(live)) {
      for (const key of Object.keys(recorded)) if (key in live) this.learn(recorded[key], live[key])
    } else if (Array.isArray(recorded) && Array.isArray(live)) {
      if (recorded.length === 1 && live.length === 1) this.learn(recorded[0], live[0])
    } else if (typeof recorded === 'string' && typeof live === 'string' && recorded !== live) {
      const alike = (isWholeId(recorded) && isWholeId(live)) || (BASE64_UUID.test(recorded) && BASE64_UUID.test(live))
      if (alike && !this.live.has(recorded)) this.live.set(recorded, live)
    }
  }

  /** A recorded text as it reads here; ids that are not known stay as they are. */
  text(recorded: string): string {
    const whole = this.live.get(recorded)
    if (whole !== undefined) return whole
    const { directory, ports } = this.#place
    return [
      ['/var/lib/mesos', directory],
      ['/var/run/mesos/', `${directory}/run-`],
    ]
      .flatMap((pair) => [pair, pair.map((path) => path.replaceAll('/', '%2F'))])
      .reduce(
        (text, [from = '', to = '']) => text.replaceAll(from, to),
        recorded.replace(new RegExp(ID, 'g'), (id) => this.live.get(id) ?? id),
      )
      .replace(/\b1505[012]\b/g, (port) => String(ports[Number(port)]))
  }

  /** A recorded value as it reads here. */
  value<T extends Json | undefined>(recorded: T): T {
    if (typeof recorded === 'string') return this.text(recorded) as T
    if (Array.isArray(recorded)) return recorded.map((item) => this.value(item)) as T
    if (!isObject(recorded)) return recorded
    return Object.fromEntries(Object.entries(recorded as JsonObject).map(([key, item]) => [key, this.value(item)])) as T
  }

  /** Agent ids not met yet are those of the agents that are registered now. */
  async bindAgents(recorded: unknown): Promise<void> {
    const unknown = new Set(ids(writeJson(recorded) ?? '').filter((id) => id.includes('-S') && !this.live.has(id)))
    for (const id of unknown) {
      const taken = new Set(this.live.values())
      const free = (await this.#place.agents()).find((agent) => !taken.has(agent))
      if (free) this.live.set(id, free)
    }
  }
}
