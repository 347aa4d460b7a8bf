import type { Millis } from '#base/clock.js'
import type { Log } from '#base/log.js'
import type { ImageShelf, Kept } from './image-shelf.js'
import type { Quiet } from './quiet.js'

/** Whatever comes all the time, some of it is kept. */
const PATIENCE: Millis = 60_000

export interface DurabilityOptions {
  /** All that was written so far is on the disk. */
  readonly flush: () => Promise<void>
  readonly images: ImageShelf
  readonly quiet: Quiet
  /** The container for which the image came starts before its disk is kept busy. */
  readonly delay: Millis
  readonly log: Log
}

/**
 * Nobody waits for the disk: an image may be used as soon as it is here, and in the background it is brought to the disk and then marked. After a
 * crash of the host only marked ones count.
 */
export class Durability {
  readonly #options: DurabilityOptions
  #waiting: Kept[] = []
  #working: Promise<void> | undefined
  #closed = false

  constructor(options: DurabilityOptions) {
    this.#options = options
  }

  add(kept: Kept): void {
    this.#waiting.push(kept)
    this.#working ??= this.#rounds().finally(() => {
      this.#working = undefined
    })
  }

  /** What is not marked by then is marked by the next agent of this boot. */
  close(): void {
    this.#closed = true
  }

  async #rounds(): Promise<void> {
    const { flush, images, quiet, delay, log } = this.#options
    while (this.#waiting.length > 0) {
      await quiet.wait(delay, PATIENCE)
      const waiting = this.#waiting.splice(0)
      try {
        if (this.#closed) return
        await flush()
        for (const kept of waiting) if (!this.#closed) await images.markDurable(kept)
      } catch (error) {
        const names = waiting.map(({ record }) => record.name)
        log.warn({ images: names, why: (error as Error).message }, 'images that a crash of the host would lose: not on the disk')
      }
    }
  }
}
