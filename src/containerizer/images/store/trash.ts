import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Millis } from '#base/clock.js'
import { fault } from '#base/fault.js'
import type { Log } from '#base/log.js'
import type { StorePaths } from './paths.js'
import { isAbsence, namesIn, syncDirectory } from './private-files.js'
import type { Quiet } from './quiet.js'

/** How long a removal waits for pulls to end: ext4 is slow to make files for minutes after many were removed (performance.md §3). */
const PATIENCE: Millis = 5 * 60_000

export interface TrashOptions {
  readonly paths: StorePaths
  readonly removeTree: (path: string) => Promise<void>
  readonly quiet: Quiet
  readonly log: Log
}

/** What is not wanted any more: gone from its place at once, from the disk one after the other, when nobody is disturbed. */
export class Trash {
  readonly #options: TrashOptions
  #emptying: Promise<void> | undefined
  #again = false
  #hurry = false
  #closed = false

  constructor(options: TrashOptions) {
    this.#options = options
  }

  /** What does not exist is fine. */
  async put(path: string): Promise<void> {
    const { paths } = this.#options
    await rename(path, paths.trashed()).catch((error) => {
      if (!isAbsence(error)) throw error
    })
    void this.empty()
  }

  /** Begins, or goes on with, what earlier agents left. */
  empty(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    this.#again = true
    this.#emptying ??= this.#rounds().finally(() => {
      this.#emptying = undefined
    })
    return this.#emptying
  }

  /** Somebody waits for the room. */
  async emptyNow(): Promise<void> {
    this.#hurry = true
    this.#options.quiet.wake()
    await this.empty()
    this.#hurry = false
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#options.quiet.wake()
    await this.#emptying
  }

  async #rounds(): Promise<void> {
    const { paths, log } = this.#options
    while (this.#again && !this.#closed) {
      this.#again = false
      try {
        await this.#round()
      } catch (error) {
        log.warn({ path: paths.in('trash'), why: (error as Error).message }, 'removed images could not be taken from the disk')
      }
    }
  }

  async #round(): Promise<void> {
    const { paths, removeTree } = this.#options
    const names = await namesIn(paths.in('trash'))
    if (names.length === 0) return
    await this.#quiet()
    // No crash may bring the names back of what has no content any more.
    for (const directory of ['images', 'layers', 'staging', 'trash'] as const) await syncDirectory(paths.in(directory))
    for (const name of names) {
      await this.#quiet()
      if (this.#closed) return
      fault('image.trash')
      await removeTree(join(paths.in('trash'), name))
    }
  }

  #quiet(): Promise<void> {
    return this.#options.quiet.wait(0, PATIENCE, () => this.#hurry || this.#closed)
  }
}
