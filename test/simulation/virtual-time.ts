import type { Clock, Millis } from '#base/clock.js'

interface Due {
  at: Millis
  /** Keeps those of one instant in the order in which they were asked for. */
  order: number
  run: () => void
}

/** A clock that jumps from one due event to the next: hours of a cluster in milliseconds, the same way every time. */
export class VirtualTime implements Clock {
  private time: Millis
  private order = 0
  /** A binary heap. */
  private readonly heap: Due[] = []

  constructor(start: Millis) {
    this.time = start
  }

  now(): Millis {
    return this.time
  }

  at(at: Millis, run: () => void): () => void {
    const due: Due = { at: Math.max(at, this.time), order: this.order++, run }
    this.push(due)
    return () => {
      due.run = () => {}
    }
  }

  after(delay: Millis, run: () => void): () => void {
    return this.at(this.time + delay, run)
  }

  /** Runs what is due until `end`, or until `done` says so; answers whether it did. */
  runUntil(end: Millis, done: () => boolean = () => false): boolean {
    while (!done()) {
      const next = this.heap[0]
      if (!next || next.at > end) {
        this.time = end
        return false
      }
      this.pop()
      this.time = next.at
      next.run()
    }
    return true
  }

  private push(due: Due): void {
    const { heap } = this
    let at = heap.push(due) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(due, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = due
  }

  private pop(): void {
    const { heap } = this
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}

const before = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
