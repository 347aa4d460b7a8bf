import { mkdir } from 'node:fs/promises'
import { fault } from '#base/fault.js'
import type { Archives } from '#host/archives.js'
import type { Unpacked } from '#wire/native.js'
import type { LayerSource } from '../image.js'
import { contentId } from './content.js'
import { type Flight, Flights } from './flights.js'
import type { LayerShelf, Staged } from './layer-shelf.js'
import { rootOfLayer, type StorePaths, sha256 } from './paths.js'
import type { Places } from './places.js'
import { LayerProgress } from './progress.js'
import type { LayerRecord } from './records.js'
import type { Space } from './space.js'
import type { Trash } from './trash.js'
import { isWrongContent, sentenceOf, unpackLayer } from './unpack-layer.js'

export interface BringerOptions {
  readonly paths: StorePaths
  readonly shelf: LayerShelf
  readonly trash: Trash
  readonly archives: Archives
  readonly space: Space
  readonly places: Places
}

/** What came of a layer: it has its place (`record`), or it waits to be made fit to the layers below it (`staged`). */
export interface Brought {
  readonly record?: LayerRecord | undefined
  readonly staged?: Staged | undefined
  /** Somebody has made it fit to what is below in his image; others must bring it again. */
  claimed: boolean
}

export interface BringFlight extends Flight<Brought, LayerProgress> {
  /** For whoever makes it fit; false when somebody else does. */
  claim(brought: Brought): boolean
}

/** Layers on their way here; the same one for many images comes once. */
export class Bringer {
  readonly #options: BringerOptions
  readonly #flights: Flights<Brought, LayerProgress>
  #anonymous = 0

  constructor(options: BringerOptions) {
    this.#options = options
    this.#flights = new Flights(async ({ record, staged, claimed }) => {
      if (record) options.shelf.unpin(record.key)
      else if (staged && !claimed) await options.trash.put(staged.directory).catch(() => undefined) // the next start removes it
    })
  }

  /** For as long as the flight is not left what came of it stays. */
  join(source: LayerSource, name: string): BringFlight {
    const key = this.#keyOf(source)
    const flight = this.#flights.join(
      key,
      () => new LayerProgress(name, { phase: 'waiting', bytes: 0, total: source.size }),
      (abort, progress) => this.#bring(source, progress, abort),
    )
    const claim = (brought: Brought): boolean => {
      if (brought.claimed) return false
      brought.claimed = true
      this.#flights.forget(key)
      return true
    }
    return { ...flight, claim }
  }

  settled(): Promise<void> {
    return this.#flights.settled()
  }

  async #bring(source: LayerSource, progress: LayerProgress, abort: AbortSignal): Promise<Brought> {
    const { places, shelf, trash } = this.#options
    const leave = await places.take(abort)
    const directory = this.#options.paths.staged()
    try {
      progress.tell({ phase: 'running' })
      await mkdir(directory, { mode: 0o700 })
      const unpacked = await this.#unpack(source, rootOfLayer(directory), progress, abort)
      fault('image.layer-unpacked')
      progress.tell({ phase: 'done', bytes: Number(unpacked.size), total: Number(unpacked.size) })
      const staged = { directory, unpacked }
      if ((unpacked.impliedDirectories ?? []).length > 0) return { staged, claimed: false }
      return { record: await shelf.add(staged, source), claimed: true }
    } catch (error) {
      progress.tell({ phase: 'failed' })
      await trash.put(directory).catch(() => undefined) // the first error says more, and the next start removes it
      throw error
    } finally {
      leave()
    }
  }

  /** A wrong byte is the unpacker's to find, and then somebody else may have the right ones. */
  async #unpack(source: LayerSource, directory: string, progress: LayerProgress, abort: AbortSignal): Promise<Unpacked> {
    for (;;) {
      try {
        return await unpackLayer(source, directory, { ...this.#options, progress }, abort)
      } catch (error) {
        abort.throwIfAborted()
        if (!isWrongContent(error) || !source.distrust?.()) throw error
        progress.tell({
          phase: 'running',
          bytes: 0,
          note: `comes from elsewhere, since a mirror sent something else: ${sentenceOf(error)}`,
        })
      }
    }
  }

  /** What nobody has named is nobody else's. */
  #keyOf(source: LayerSource): string {
    const digest = source.diffId ?? source.digest
    if (digest === undefined) return `anonymous ${this.#anonymous++}`
    return `${source.diffId === undefined} ${sha256(contentId(digest, source))}`
  }
}
