import type { Log } from '#base/log.js'
import type { ImageShelf, Kept } from './image-shelf.js'

/**
 * Nobody waits for the disk: an image may be used as soon as it is here, and in the background it is brought to the disk and then marked. After a
 * crash of the host only marked ones count.
 */
export class Durability {
  readonly #flush: () => Promise<void>
  readonly #images: ImageShelf
  readonly #log: Log
  #waiting: Kept[] = []
  #working: Promise<void> | undefined
  #closed = false

  constructor(flush: () => Promise<void>, images: ImageShelf, log: Log) {
    this.#flush = flush
    this.#images = images
    this.#log = log
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
    while (this.#waiting.length > 0 && !this.#closed) {
      const images = this.#waiting.splice(0)
      try {
        await this.#flush()
        for (const kept of images) if (!this.#closed) await this.#images.markDurable(kept)
      } catch (error) {
        const names = images.map(({ record }) => record.name)
        this.#log.warn(
          { images: names, why: (error as Error).message },
          'images that a crash of the host would lose: not on the disk',
        )
      }
    }
  }
}
