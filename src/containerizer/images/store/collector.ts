import type { Clock } from '#base/clock.js'
import type { Log } from '#base/log.js'
import type { ImageGcConfig } from './gc-config.js'
import type { Space } from './space.js'

export interface ImageCollectorOptions {
  readonly config: ImageGcConfig
  readonly space: Space
  /** Removes what was not used for longest until about so many bytes become free; tells how many. */
  readonly sweep: (bytes: number) => Promise<number>
  readonly clock: Clock
  readonly log: Log
}

/** Keeps a part of the disk free of images that no container uses (row 6-083). */
export class ImageCollector {
  readonly #options: ImageCollectorOptions
  #round: Promise<void> = Promise.resolve()
  #cancel = (): void => {}
  #closed = false

  constructor(options: ImageCollectorOptions) {
    this.#options = options
  }

  start(): void {
    const { config, clock } = this.#options
    if (this.#closed) return
    this.#cancel = clock.at(clock.now() + config.interval, () => {
      this.#round = this.#collect().finally(() => this.start())
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancel()
    await this.#round
  }

  async #collect(): Promise<void> {
    const { config, space, sweep, log } = this.#options
    try {
      const { free, total } = await space.room()
      const missing = total * config.headroom - free
      if (missing <= 0) return
      const bytes = await sweep(missing)
      if (bytes > 0) log.info({ bytes }, 'images that no container uses were removed, since the disk is full')
    } catch (error) {
      log.warn({ why: (error as Error).message }, 'images could not be removed')
    }
  }
}
