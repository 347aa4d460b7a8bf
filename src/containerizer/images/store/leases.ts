import { unlink } from 'node:fs/promises'
import { fault } from '#base/fault.js'
import { checkedContainerId } from '#host/container-id.js'
import type { Digest } from '../digest.js'
import type { StorePaths } from './paths.js'
import { namesIn, readRecord, unlessAbsent, writeWhole } from './private-files.js'
import type { Lease } from './records.js'
import { Turns } from './turns.js'

interface LeaseFile {
  readonly version: 1
  readonly leases: readonly Lease[]
}

/** Which containers use which layers. Invariant: a lease counts from the call of `take` on, and is on the disk when that resolves. */
export class Leases {
  readonly #paths: StorePaths
  readonly #held = new Map<string, readonly Lease[]>()
  /** Files of one container are written one after the other. */
  readonly #writes = new Turns()

  constructor(paths: StorePaths) {
    this.#paths = paths
  }

  async load(containers: ReadonlySet<string>): Promise<void> {
    for (const name of await namesIn(this.#paths.in('leases'))) {
      const container = name.replace(/\.json$/, '')
      const path = `${this.#paths.in('leases')}/${name}`
      const file = containers.has(container) ? await readRecord<LeaseFile>(path, 1) : undefined
      if (file) this.#held.set(container, file.leases)
      else await unlink(path)
    }
  }

  async take(container: string, lease: Lease): Promise<void> {
    const before = this.#held.get(checkedContainerId(container)) ?? []
    this.#held.set(container, [...before.filter(({ wish }) => wish !== lease.wish), lease])
    await this.#write(container)
    fault('image.leased')
  }

  async release(container: string): Promise<void> {
    if (!this.#held.delete(container)) return
    await this.#write(container)
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

  settled(): Promise<void> {
    return this.#writes.settled()
  }

  #write(container: string): Promise<void> {
    const path = this.#paths.lease(container)
    const write = async (): Promise<void> => {
      const leases = this.#held.get(container)
      if (leases) await writeWhole(path, JSON.stringify({ version: 1, leases } satisfies LeaseFile))
      else await unlink(path).catch(unlessAbsent)
    }
    return this.#writes.take(container, write)
  }
}
