import { stat, unlink, utimes } from 'node:fs/promises'
import type { Clock } from '#base/clock.js'
import { fault } from '#base/fault.js'
import { type StorePaths, sha256 } from './paths.js'
import { namesIn, readRecord, unlessAbsent, writeDurably, writeWhole } from './private-files.js'
import { type ImageRecord, VERSION } from './records.js'
import { Turns } from './turns.js'

/** An image that is here, and when it was last wanted. */
export interface Kept {
  readonly id: string
  record: ImageRecord
  usedAt: number
}

export interface ImageParts {
  readonly manifest?: Uint8Array | undefined
  readonly rawConfig?: Uint8Array | undefined
}

/** Parts are of no use but to be shown, so they are in the file only, as base64. */
type ImageFile = ImageRecord & { readonly manifest?: string; readonly rawConfig?: string }

/** The images that are here, by name and by the wishes that they answer. */
export class ImageShelf {
  readonly #paths: StorePaths
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept>()
  readonly #byWish = new Map<string, Kept>()
  readonly #turns = new Turns()

  constructor(paths: StorePaths, clock: Clock) {
    this.#paths = paths
    this.#clock = clock
  }

  /** `isWhole`: whether all of it survived; what did not is forgotten. */
  async load(isWhole: (record: ImageRecord) => boolean): Promise<void> {
    const found: Kept[] = []
    for (const name of await namesIn(this.#paths.in('images'))) {
      const id = name.replace(/\.json$/, '')
      const path = this.#paths.image(id)
      const file = await readRecord<ImageFile>(path, VERSION)
      const record = file && withoutParts(file)
      if (record && idOf(record) === id && isWhole(record)) found.push({ id, record, usedAt: (await stat(path)).mtimeMs })
      else await unlink(`${this.#paths.in('images')}/${name}`)
    }
    // The one that was brought last answers.
    for (const kept of found.toSorted((a, b) => a.record.broughtAt - b.record.broughtAt)) this.#index(kept)
  }

  all(): Kept[] {
    return [...this.#kept.values()]
  }

  /** By a wish in the words that were used before. */
  find(wish: string): Kept | undefined {
    return this.#byWish.get(wish)
  }

  named(kind: ImageRecord['kind'], name: string): Kept | undefined {
    return this.#kept.get(idOf({ kind, name }))
  }

  /** In place of what had its name. */
  put(record: ImageRecord, parts: ImageParts): Promise<Kept> {
    const id = idOf(record)
    return this.#turns.take(id, async () => {
      const answers = [...new Set([...record.answers, ...(this.#kept.get(id)?.record.answers ?? [])])]
      const kept = { id, record: { ...record, answers }, usedAt: this.#clock.now() }
      await writeWhole(this.#paths.image(id), textOf(kept.record, parts))
      fault('image.recorded')
      this.#index(kept)
      return kept
    })
  }

  /** Bytes as they came. */
  async parts({ id }: Kept): Promise<ImageParts> {
    const { manifest, rawConfig } = (await readRecord<ImageFile>(this.#paths.image(id), VERSION)) ?? {}
    return { manifest: bytesOf(manifest), rawConfig: bytesOf(rawConfig) }
  }

  /** All that it stands on is on the disk. */
  markDurable(kept: Kept): Promise<void> {
    return this.#turns.take(kept.id, async () => {
      if (this.#kept.get(kept.id) !== kept || kept.record.durable) return
      const durable = { ...kept.record, durable: true }
      fault('image.flushed')
      await writeDurably(this.#paths.image(kept.id), textOf(durable, await this.parts(kept)))
      fault('image.durable')
      kept.record = durable
    })
  }

  /** For the order in which images are removed; what is lost of it with the host does not matter. */
  use(kept: Kept): void {
    kept.usedAt = this.#clock.now()
    const seconds = kept.usedAt / 1000
    utimes(this.#paths.image(kept.id), seconds, seconds).catch(() => undefined)
  }

  /** From now on it is not here. */
  async remove(kept: Kept): Promise<void> {
    const { id } = kept
    if (this.#kept.get(id) !== kept) return
    this.#kept.delete(id)
    for (const wish of kept.record.answers) if (this.#byWish.get(wish) === kept) this.#byWish.delete(wish)
    await this.#turns.take(id, async () => {
      if (!this.#kept.has(id)) await unlink(this.#paths.image(id)).catch(unlessAbsent)
    })
    fault('image.forgotten')
  }

  /** What was begun is written. */
  settled(): Promise<void> {
    return this.#turns.settled()
  }

  #index(kept: Kept): void {
    this.#kept.set(kept.id, kept)
    for (const wish of kept.record.answers) this.#byWish.set(wish, kept)
  }
}

const idOf = ({ kind, name }: Pick<ImageRecord, 'kind' | 'name'>): string => sha256(JSON.stringify([kind, name]))

function textOf(record: ImageRecord, { manifest, rawConfig }: ImageParts): string {
  const base64 = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('base64')
  return JSON.stringify({ ...record, manifest: base64(manifest), rawConfig: base64(rawConfig) })
}

const withoutParts = ({ manifest: _, rawConfig: __, ...record }: ImageFile): ImageRecord => record
const bytesOf = (base64: string | undefined) => (base64 === undefined ? undefined : Buffer.from(base64, 'base64'))
