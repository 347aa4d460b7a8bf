import type { Random } from '#base/random.js'
import type { VirtualTime } from './virtual-time.js'

/** How bad the network is; probabilities a message, delays in milliseconds. */
export interface Weather {
  longestDelay: number
  /** A message is lost, and with it, as with TCP, the connection that it was on. */
  loss: number
  /** A message that may be repeated comes once more, later, after others. */
  duplication: number
}

export const calm: Weather = { longestDelay: 5, loss: 0, duplication: 0 }

/**
 * One connection between two parties: messages arrive in order, late; when one is lost the connection breaks, and either side learns that at a
 * time of its own. What was under way when it broke never arrives.
 */
export class Connection {
  private readonly network: Network
  private open = true
  private lastArrival = 0
  private readonly told = new Set<() => void>()

  constructor(network: Network) {
    this.network = network
  }

  /** `repeatable` messages may arrive a second time, out of order. */
  send(deliver: () => void, repeatable = false): void {
    if (!this.open) return
    const { time, random, weather } = this.network
    if (random.next() < weather.loss) return this.break()
    const arrival = Math.max(this.lastArrival, time.now() + this.network.delay())
    this.lastArrival = arrival
    time.at(arrival, () => this.open && deliver())
    if (repeatable && random.next() < weather.duplication) time.after(this.network.delay() * 20, () => this.open && deliver())
  }

  /** Called once when the connection breaks, whoever broke it. */
  onBreak(tell: () => void): void {
    this.told.add(tell)
  }

  /** Both sides learn it, each in its own time. */
  break(): void {
    if (!this.open) return
    this.open = false
    for (const tell of this.told) this.network.time.after(this.network.delay(), tell)
  }

  get broken(): boolean {
    return !this.open
  }
}

export class Network {
  readonly time: VirtualTime
  readonly random: Random
  weather: Weather

  constructor(time: VirtualTime, random: Random, weather: Weather) {
    this.time = time
    this.random = random
    this.weather = weather
  }

  delay(): number {
    // Mostly short, at times long: squares of a uniform draw.
    return 1 + this.random.next() ** 2 * this.weather.longestDelay
  }

  connect(): Connection {
    return new Connection(this)
  }
}
