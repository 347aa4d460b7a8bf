import type { UserFiles } from '#host/user-files.js'
import type { FetchTarget } from './fetcher.js'

/** Says in the sandbox's stderr what was fetched, as Mesos' fetcher does (row 5-040). */
export class SandboxLog {
  readonly #files: UserFiles
  readonly #target: FetchTarget
  #written: Promise<void> = Promise.resolve()

  constructor(files: UserFiles, target: FetchTarget) {
    this.#files = files
    this.#target = target
  }

  /** In the order in which it is said. A file that cannot be written, since the disk is full or something else is in its place, is no reason to fail. */
  say(sentence: string): void {
    const { sandbox, owner: user } = this.#target
    const append = () => this.#files.append({ sandbox, user, path: 'stderr' }, `${sentence.replaceAll('\n', ' ')}\n`)
    this.#written = this.#written.then(append).catch(() => undefined)
  }

  get written(): Promise<void> {
    return this.#written
  }
}
