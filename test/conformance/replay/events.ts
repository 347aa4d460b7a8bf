/** Recorded events and those that arrived, stream by stream and subject by subject. */

import { seconds } from '../../support/waiting.js'
import { type JsonObject, short } from './json.js'
import type { Likeness } from './likeness.js'
import type { Names } from './names.js'
import { Differs } from './outcome.js'
import type { Step } from './recording.js'
import { isCompared, isRepeated, outputOf, plain, subjectOf } from './subject.js'

interface Sequence {
  readonly stream: string
  readonly subject: string
  readonly expected: JsonObject[]
  readonly arrived: JsonObject[]
  /** How many of both are compared. */
  compared: number
}

interface Output {
  readonly stream: string
  readonly channel: string
  expected: string
  arrived: string
}

const CLOSED = '(stream closed)'

export class Events {
  readonly #names: Names
  readonly #likeness: Likeness
  /** Streams of which nothing was recorded. */
  readonly #unwatched: ReadonlySet<string>
  readonly #sequences = new Map<string, Sequence>()
  readonly #outputs = new Map<string, Output>()
  #lastArrival = 0

  constructor(names: Names, likeness: Likeness, unwatched: ReadonlySet<string>) {
    this.#names = names
    this.#likeness = likeness
    this.#unwatched = unwatched
  }

  arrived(stream: string, event: JsonObject): void {
    if (!isCompared(event)) return
    this.#lastArrival = Date.now()
    const output = outputOf(event)
    if (output) this.#output(stream, output.channel).arrived += output.text
    else remember(event, this.#sequence(stream, event).arrived)
  }

  /** Takes the events of a step; answers within how many seconds the latest was recorded. */
  expect(step: Step): number {
    let latest = 0
    for (const { event, stream, after_ms } of step.events ?? []) {
      if (typeof event === 'string' || !isCompared(event)) continue
      latest = Math.max(latest, after_ms / 1000)
      const output = outputOf(event)
      if (output) this.#output(stream, output.channel).expected += output.text
      else remember(event, this.#sequence(stream, event).expected)
    }
    return latest
  }

  /** Until all expected events are there; compared as they come. */
  async wait(time: number): Promise<void> {
    const end = Date.now() + time * 1000
    for (;;) {
      this.#compare()
      const missing = this.#missing()
      if (!missing) return
      if (Date.now() > end) throw new Differs(missing)
      await seconds(0.02)
    }
  }

  /** Until nothing has come for that long. */
  async settle(quiet: number): Promise<void> {
    const start = Date.now()
    while (Date.now() - Math.max(start, this.#lastArrival) < quiet * 1000 && Date.now() - start < 3000) await seconds(0.02)
  }

  hasError(stream: string): boolean {
    return (this.#sequences.get(`${stream} ERROR`)?.arrived.length ?? 0) > 0
  }

  /** At the end: output is what it was, and nothing came that was not recorded. */
  conclude(): void {
    for (const { stream, channel, expected, arrived } of this.#outputs.values()) {
      if (!plain(arrived).startsWith(plain(this.#names.text(expected)))) {
        throw new Differs(`on ${stream} the ${channel} is ${short(arrived)} instead of ${short(expected)}`)
      }
    }
    for (const { stream, subject, expected, arrived } of this.#sequences.values()) {
      const surplus = arrived[expected.length]
      if (surplus && subject !== CLOSED && !this.#unwatched.has(stream)) {
        throw new Differs(`on ${stream} unexpected ${short(surplus)}`)
      }
    }
  }

  #compare(): void {
    for (const sequence of this.#sequences.values()) {
      const { expected, arrived, stream } = sequence
      for (let i = sequence.compared; i < Math.min(expected.length, arrived.length); i++) {
        const recorded = expected[i] ?? {}
        const live = arrived[i] ?? {}
        this.#names.learn(recorded, live)
        const found = this.#likeness.difference(recorded, live, String(recorded.type ?? 'event'))
        if (found) throw new Differs(`on ${stream} event ${found}`)
        sequence.compared = i + 1
      }
    }
  }

  #missing(): string | undefined {
    for (const { stream, expected, arrived } of this.#sequences.values()) {
      if (arrived.length < expected.length) return `on ${stream} no ${short(expected[arrived.length])}`
    }
    for (const { stream, channel, expected, arrived } of this.#outputs.values()) {
      if (plain(arrived).length < plain(this.#names.text(expected)).length) {
        return `on ${stream} no more ${channel}: ${short(arrived)} instead of ${short(expected)}`
      }
    }
    return undefined
  }

  #sequence(stream: string, event: JsonObject): Sequence {
    const subject = subjectOf(event)
    const key = `${stream} ${subject}`
    const known = this.#sequences.get(key) ?? { stream, subject, expected: [], arrived: [], compared: 0 }
    this.#sequences.set(key, known)
    return known
  }

  #output(stream: string, channel: string): Output {
    const key = `${stream} ${channel}`
    const known = this.#outputs.get(key) ?? { stream, channel, expected: '', arrived: '' }
    this.#outputs.set(key, known)
    return known
  }
}

function remember(event: JsonObject, known: JsonObject[]): void {
  if (!isRepeated(event, known)) known.push(event)
}
