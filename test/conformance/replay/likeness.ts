/** Compares what was recorded with what came: the values that a client acts on must be the same. */
import { Foreign } from './foreign.js'
import { ExactNumber, isObject, type Json, type JsonObject, short, writeJson } from './json.js'
import { hasId, isIdentifier, type Names } from './names.js'
import { OPTIONAL, VOLATILE, VOLATILE_TREES } from './volatile.js'

export type Difference = string | undefined

const lastKey = (path: string): string => path.slice(path.lastIndexOf('.') + 1)
const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** The part of a difference that says where it is. */
const placeOf = (difference: string): string => difference.split(':')[0]?.split(' ')[0] ?? ''

function kind(value: Json | undefined): string {
  if (value === null) return 'null'
  if (value instanceof ExactNumber) return 'number'
  return Array.isArray(value) ? 'list' : typeof value
}

function alike(recorded: Json, live: Json): boolean {
  if (kind(recorded) !== 'number') return recorded === live
  return Math.abs(Number(recorded) - Number(live)) <= 1e-6 * Math.max(1, Math.abs(Number(recorded)))
}

export class Likeness {
  readonly #names: Names
  readonly #foreign: Foreign
  /** Whether bytes must be the same. */
  readonly #strictData: boolean

  constructor(names: Names, mentioned: string, strictData: boolean) {
    this.#names = names
    this.#foreign = new Foreign(names, mentioned)
    this.#strictData = strictData
  }

  /** Where and how the live value is not like the recorded one. */
  difference(recorded: Json, live: Json | undefined, path = ''): Difference {
    if (isObject(recorded)) return this.#objects(recorded, live, path)
    if (Array.isArray(recorded)) return this.#lists(recorded, live, path)
    const differs = `${path}: ${short(live)} instead of ${short(recorded)}`
    if (kind(recorded) !== kind(live)) return differs
    const key = lastKey(path)
    if (typeof recorded === 'string') return this.#texts(recorded, live as string, path, key)
    const isClock = key === 'nanoseconds' && Number(recorded) > 1e15
    return VOLATILE.has(key) || isClock || alike(recorded, live as Json) ? undefined : differs
  }

  #objects(recorded: JsonObject, live: Json | undefined, path: string): Difference {
    if (!isObject(live)) return `${path}: ${short(live)} instead of an object`
    const key = lastKey(path)
    if (VOLATILE_TREES.has(key)) return undefined
    for (const [name, item] of Object.entries(recorded)) {
      if (isRace(name, key, recorded)) continue
      const found = name in live ? this.difference(item, live[name], `${path}.${name}`) : this.#absent(name, item, recorded, path)
      if (found) return found
    }
    return undefined
  }

  #absent(name: string, item: Json, recorded: JsonObject, path: string): Difference {
    const mayBeAbsent =
      OPTIONAL.has(name) ||
      (name === 'reregistered_time' && 'pid' in recorded) ||
      this.#foreign.key(lastKey(path), name) ||
      this.#foreign.onlyForeign(item, `${path}.${name}`)
    return mayBeAbsent ? undefined : `${path}.${name} is missing`
  }

  /** Lists are multisets, and the live one may have more. */
  #lists(recorded: Json[], live: Json | undefined, path: string): Difference {
    if (!Array.isArray(live)) return `${path}: ${short(live)} instead of a list`
    if (VOLATILE_TREES.has(lastKey(path))) return undefined
    const left = [...live]
    const own = recorded.filter((item) => !this.#foreign.item(item, path))
    // The most telling ones choose first.
    for (const item of own.sort((a, b) => writeJson(b).length - writeJson(a).length)) {
      const found = this.#take(item, left, path)
      if (found) return found
    }
    return undefined
  }

  /** Takes the first element that is like the item out of those left. */
  #take(item: Json, left: Json[], path: string): Difference {
    const reasons: string[] = []
    for (const [i, candidate] of left.entries()) {
      const reason = this.difference(item, candidate, `${path}[]`)
      if (!reason) {
        left.splice(i, 1)
        return undefined
      }
      reasons.push(reason)
    }
    // The best match is the one that differs deepest.
    const best = reasons.reduce((a, b) => (placeOf(b).length > placeOf(a).length ? b : a), reasons[0] ?? 'missing')
    return `${path} lacks ${short(item)} (${best})`
  }

  #texts(recorded: string, live: string, path: string, key: string): Difference {
    const expected = this.#names.text(recorded)
    if (expected === live) return undefined
    const differs = `${path}: ${short(live)} instead of ${short(expected)}`
    if (isIdentifier(recorded)) return this.#names.has(recorded) || !isIdentifier(live) ? differs : undefined
    if (key === 'path' && baseName(expected) !== baseName(live) && !hasId(recorded)) return differs
    if (VOLATILE.has(key) || (key === 'data' && !this.#strictData) || recorded.startsWith('(')) return undefined
    const holdsNames = hasId(recorded) || recorded.includes('/var/') || recorded.includes('127.0.0.1')
    return holdsNames ? undefined : differs
  }
}

/** How much of a container is known by an update that is not TASK_RUNNING; the latest state, which may be ahead of the update's. */
const isRace = (name: string, parent: string, recorded: JsonObject): boolean =>
  (name === 'container_status' && recorded.state !== 'TASK_RUNNING') || (name === 'state' && parent === 'task_updated')
