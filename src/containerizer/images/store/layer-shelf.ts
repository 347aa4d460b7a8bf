import { existsSync } from 'node:fs'
import { rename, stat } from 'node:fs/promises'
import { fault } from '#base/fault.js'
import type { Unpacked } from '#wire/native.js'
import { type Digest, parseDigest } from '../digest.js'
import type { LayerSource } from '../image.js'
import { chainKey, contentId, plainKey } from './content.js'
import { recordOfLayer, rootOfLayer, type StorePaths } from './paths.js'
import { namesIn, readRecord, unlessAbsent, writeWhole } from './private-files.js'
import { type LayerRecord, VERSION } from './records.js'
import type { Trash } from './trash.js'
import { Turns } from './turns.js'

/** A layer that is unpacked but has no place of its own yet. */
export interface Staged {
  /** Holds `root`. */
  readonly directory: string
  readonly unpacked: Unpacked
}

/**
 * The layers that are here. Invariant: what `find` answers is whole and stays as long as somebody has pinned it, a lease names it or an image does;
 * it gets its name, by one rename, after its record.
 */
export class LayerShelf {
  readonly #paths: StorePaths
  readonly #trash: Trash
  readonly #boot: string
  readonly #records = new Map<string, LayerRecord>()
  readonly #keys = new Map<Digest, Set<string>>()
  readonly #pins = new Map<string, number>()
  /** A name is free again only when what had it has been moved. */
  readonly #turns = new Turns()

  constructor(paths: StorePaths, trash: Trash, boot: string) {
    this.#paths = paths
    this.#trash = trash
    this.#boot = boot
  }

  async load(): Promise<void> {
    for (const key of await namesIn(this.#paths.in('layers'))) {
      const directory = this.#paths.layer(key)
      const record = await readRecord<LayerRecord>(recordOfLayer(directory), VERSION)
      const whole = record?.key === key && (await stat(rootOfLayer(directory)).catch(unlessAbsent))
      if (record && whole) this.#index(record)
      else await this.#trash.put(directory)
    }
  }

  get(key: string): LayerRecord | undefined {
    return this.#records.get(key)
  }

  all(): LayerRecord[] {
    return [...this.#records.values()]
  }

  directory(key: string): string {
    return rootOfLayer(this.#paths.layer(key))
  }

  /** By what it is made of. `chain`: of it and all below, if that is known. */
  find(source: LayerSource, chain: string | undefined): LayerRecord | undefined {
    const diffId = this.diffIdOf(source)
    const plain = diffId && this.#present(plainKey(contentId(diffId, source)))
    return plain ?? (chain === undefined ? undefined : this.#present(chainKey(chain)))
  }

  /** Somebody may have tidied up by hand. */
  #present(key: string): LayerRecord | undefined {
    const record = this.#records.get(key)
    if (!record || existsSync(this.directory(key))) return record
    this.remove(key, Promise.resolve()).catch(() => undefined) // whoever takes its place tries again
    return undefined
  }

  /** By sha256. Of an archive that is known by the digest of its bytes only, if they were unpacked here. */
  diffIdOf({ diffId, digest }: LayerSource): Digest | undefined {
    const name = diffId ?? digest
    const [key] = (name && this.#keys.get(name)) ?? []
    return (key === undefined ? undefined : this.#records.get(key)?.diffId) ?? diffId
  }

  /**
   * Gives what is staged its place; when the same is here already, that is it. Pinned for the caller. `chain`: of it and all below, when its
   * directories were made to look like theirs.
   */
  add({ directory, unpacked }: Staged, source: LayerSource, chain?: string): Promise<LayerRecord> {
    const record = this.#recordOf(unpacked, source, chain)
    return this.#turns.take(record.key, async () => {
      const known = this.#records.get(record.key)
      this.pin(record.key)
      try {
        if (known) await this.#trash.put(directory)
        else await this.#place(directory, record)
      } catch (error) {
        this.unpin(record.key)
        throw error
      }
      return known ?? record
    })
  }

  async #place(directory: string, record: LayerRecord): Promise<void> {
    await writeWhole(recordOfLayer(directory), JSON.stringify(record))
    fault('image.layer-recorded')
    // What has the name without being known could not be removed once.
    await this.#trash.put(this.#paths.layer(record.key))
    await rename(directory, this.#paths.layer(record.key))
    fault('image.layer-shelved')
    this.#index(record)
  }

  pin(key: string): void {
    this.#pins.set(key, (this.#pins.get(key) ?? 0) + 1)
  }

  unpin(key: string): void {
    const times = (this.#pins.get(key) ?? 0) - 1
    if (times > 0) this.#pins.set(key, times)
    else this.#pins.delete(key)
  }

  isPinned(key: string): boolean {
    return this.#pins.has(key)
  }

  /** From now on it is not here. Its files go when what named it has gone. */
  async remove(key: string, after: Promise<unknown>): Promise<void> {
    const record = this.#records.get(key)
    if (!record) return
    this.#records.delete(key)
    for (const digest of record.digests) this.#forget(digest, key)
    await this.#turns.take(key, async () => {
      await after
      await this.#trash.put(this.#paths.layer(key))
      fault('image.layer-removed')
    })
  }

  /** What was begun has its place, or has lost it. */
  settled(): Promise<void> {
    return this.#turns.settled()
  }

  #recordOf(unpacked: Unpacked, source: LayerSource, chain: string | undefined): LayerRecord {
    const diffId = parseDigest(unpacked.diffId)
    const content = contentId(diffId, source)
    const digests = [diffId, parseDigest(unpacked.digest), source.digest, source.diffId].filter((digest) => digest !== undefined)
    return {
      version: VERSION,
      key: chain === undefined ? plainKey(content) : chainKey(chain),
      diffId,
      digests: [...new Set(digests)],
      content,
      bytes: Number(unpacked.unpackedBytes),
      entries: Number(unpacked.entries),
      hidesBelow: unpacked.hidesBelow || undefined,
      boot: this.#boot,
    }
  }

  #index(record: LayerRecord): void {
    this.#records.set(record.key, record)
    for (const digest of record.digests) {
      this.#keys.set(digest, (this.#keys.get(digest) ?? new Set()).add(record.key))
    }
  }

  #forget(digest: Digest, key: string): void {
    const keys = this.#keys.get(digest)
    keys?.delete(key)
    if (keys?.size === 0) this.#keys.delete(digest)
  }
}
