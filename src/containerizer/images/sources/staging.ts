import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** What is made for one image while it comes. */
export class Staging {
  readonly #parent: string
  readonly #made: string[] = []

  constructor(parent: string) {
    this.#parent = parent
  }

  /** A path that does not exist yet, in a directory that does. */
  async path(): Promise<string> {
    await mkdir(this.#parent, { recursive: true, mode: 0o700 })
    const path = join(this.#parent, randomUUID())
    this.#made.push(path)
    return path
  }

  /** Idempotent. */
  async remove(): Promise<void> {
    await Promise.all(this.#made.splice(0).map((path) => rm(path, { recursive: true, force: true })))
  }
}
