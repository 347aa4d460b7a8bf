import { writeFileSync } from 'node:fs'
import { fault } from '#base/fault.js'
import { checkedContainerId } from '#host/container-id.js'
import type { Digest } from '../digest.js'
import { FILE, readRecord } from './private-files.js'
import type { Lease } from './records.js'

interface LeaseFile {
  readonly version: 1
  readonly leases: readonly Lease[]
}

/** The file beside the record of a container that goes with it. */
export type NoteOf = (container: string) => string

/**
 * Which containers use which layers. A lease counts from the call of `take` on. Invariant: whoever is known to the next agent has a note of all that it
 * holds, since it is written before the container may be known (`note`) and removed with its record, or lost with it when the host ends.
 */
export class Leases {
  readonly #noteOf: NoteOf
  readonly #held = new Map<string, readonly Lease[]>()

  constructor(noteOf: NoteOf) {
    this.#noteOf = noteOf
  }

  async load(containers: ReadonlySet<string>): Promise<void> {
    for (const container of containers) {
      const file = await readRecord<LeaseFile>(this.#noteOf(container), 1)
      if (file) this.#held.set(container, file.leases)
    }
  }

  take(container: string, lease: Lease): void {
    const before = this.#held.get(checkedContainerId(container)) ?? []
    this.#held.set(container, [...before.filter(({ wish }) => wish !== lease.wish), lease])
  }

  /** At once, into memory that is a file system as a rule: four turns of the thread pool took ten times as long. */
  note(container: string): void {
    const leases = this.#held.get(container)
    if (!leases) return
    writeFileSync(this.#noteOf(container), JSON.stringify({ version: 1, leases } satisfies LeaseFile), { mode: FILE })
    fault('image.leased')
  }

  release(container: string): void {
    this.#held.delete(container)
  }

  find(container: string, wish: string): Lease | undefined {
    return this.#held.get(container)?.find((lease) => lease.wish === wish)
  }

  /** Containers that use an image. */
  holders(digest: Digest): string[] {
    return [...this.#held].filter(([, leases]) => leases.some((lease) => lease.digest === digest)).map(([container]) => container)
  }

  layers(): Set<string> {
    return new Set([...this.#held.values()].flatMap((leases) => leases.flatMap(({ layers }) => layers)))
  }
}
