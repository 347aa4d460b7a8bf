import { fault } from '#base/fault.js'
import type { Archives } from '#host/archives.js'
import { parseDigest } from '../digest.js'
import type { LayerSource, ResolvedImage } from '../image.js'
import type { Bringer, BringFlight, Brought } from './bringer.js'
import { chainId, contentId, layerName, withoutRepetitions } from './content.js'
import { StoreErrors } from './errors.js'
import { Flights, unlessAborted } from './flights.js'
import type { LayerShelf, Staged } from './layer-shelf.js'
import { rootOfLayer } from './paths.js'
import { type Audience, LayerProgress } from './progress.js'
import type { LayerRecord } from './records.js'
import type { Space } from './space.js'
import type { Trash } from './trash.js'
import { sentenceOf } from './unpack-layer.js'

export interface PullOptions {
  readonly shelf: LayerShelf
  readonly bringer: Bringer
  readonly archives: Archives
  readonly space: Space
  readonly trash: Trash
  /** Gives so many bytes back to the disk, if images may be removed for that. */
  readonly makeRoom: ((bytes: number) => Promise<unknown>) | undefined
}

/** All layers of one image, pinned until `release`. */
export interface PulledLayers {
  /** Lowest first. */
  readonly records: readonly LayerRecord[]
  release(): void
}

interface Part {
  readonly source: LayerSource
  readonly name: string
}

/** Brings the layers of images: what is not here in parallel, and then, lowest first, what must look like the layers below it. */
export class Puller {
  readonly #options: PullOptions
  readonly #fitting: Flights<LayerRecord>

  constructor(options: PullOptions) {
    this.#options = options
    this.#fitting = new Flights((record) => options.shelf.unpin(record.key))
  }

  async pull(image: ResolvedImage, audience: Audience, abort: AbortSignal): Promise<PulledLayers> {
    const parts = withoutRepetitions(image.layers).map((source, i) => ({ source, name: layerName(source, i) }))
    const pull = new Pull(this.#options, this.#fitting, image.name, audience, abort)
    try {
      return { records: await pull.all(parts), release: () => pull.release() }
    } catch (error) {
      pull.release()
      throw error
    }
  }

  settled(): Promise<void> {
    return this.#fitting.settled()
  }
}

class Pull {
  readonly #options: PullOptions
  readonly #fitting: Flights<LayerRecord>
  readonly #image: string
  readonly #audience: Audience
  readonly #abort: AbortSignal
  readonly #failed = new AbortController()
  readonly #releases: (() => void)[] = []

  constructor(options: PullOptions, fitting: Flights<LayerRecord>, image: string, audience: Audience, abort: AbortSignal) {
    this.#options = options
    this.#fitting = fitting
    this.#image = image
    this.#audience = audience
    this.#abort = AbortSignal.any([abort, this.#failed.signal])
  }

  async all(parts: readonly Part[]): Promise<readonly LayerRecord[]> {
    const found = this.#found(parts)
    const missing = parts.filter((_, i) => !found[i])
    if (missing.length > 0) await this.#needRoom(missing.reduce((sum, { source }) => sum + (source.size ?? 0), 0))
    // Together they are here soonest when the largest ones begin.
    const bringing = new Map(
      missing.toSorted((a, b) => (b.source.size ?? 0) - (a.source.size ?? 0)).map((part) => [part, this.#bringOrFail(part)]),
    )
    // One that fails is told when its turn comes; the others end with it.
    for (const one of bringing.values()) one.catch(() => undefined)
    const records: LayerRecord[] = []
    let chain: string | undefined
    for (const [i, part] of parts.entries()) {
      const one = found[i] ?? (await bringing.get(part)!)
      const record = 'key' in one ? one : await this.#fit(one, part, chain, records).catch((error) => this.#fail(error, part))
      records.push(record)
      chain = chainId(chain, record.content)
    }
    return withoutHidden(withoutSame(records))
  }

  #needRoom(bytes: number): Promise<void> {
    return this.#options.space.refuseLack(bytes, this.#options.makeRoom)
  }

  release(): void {
    for (const release of this.#releases.splice(0)) release()
  }

  /** What is here already, and pinned. */
  #found(parts: readonly Part[]): (LayerRecord | undefined)[] {
    const { shelf } = this.#options
    let chain: string | undefined
    let known = true
    return parts.map(({ source, name }) => {
      const diffId = shelf.diffIdOf(source)
      known &&= diffId !== undefined
      if (known && diffId) chain = chainId(chain, contentId(diffId, source))
      const record = shelf.find(source, known ? chain : undefined)
      if (record) this.#hold(record, source, name)
      return record
    })
  }

  #hold(record: LayerRecord, source: LayerSource, name: string): void {
    const { shelf } = this.#options
    shelf.pin(record.key)
    this.#releases.push(() => shelf.unpin(record.key))
    this.#watch(
      new LayerProgress(name, { phase: 'here', bytes: source.size ?? record.bytes, total: source.size ?? record.bytes }),
    )
  }

  /** Who waits for somebody else's attempt makes one of his own when that fails: it may have had other rights. */
  async #bring({ source, name }: Part): Promise<BroughtOne> {
    for (;;) {
      const flight = this.#options.bringer.join(source, name)
      this.#releases.push(flight.leave)
      this.#watch(flight.about)
      try {
        return { flight, brought: await unlessAborted(flight.result, this.#abort) }
      } catch (error) {
        flight.leave()
        if (this.#abort.aborted || flight.first) throw error
      }
    }
  }

  #bringOrFail(part: Part): Promise<BroughtOne> {
    return this.#bring(part).catch((error) => this.#fail(error, part))
  }

  async #fit(one: BroughtOne, part: Part, chain: string | undefined, below: readonly LayerRecord[]): Promise<LayerRecord> {
    const { record, staged } = one.brought
    if (record || !staged) return record!
    const whole = chainId(chain, contentId(parseDigest(staged.unpacked.diffId), part.source))
    for (;;) {
      const flight = this.#fitting.join(whole, nothing, () => this.#fitOne(one, part, whole, below))
      this.#releases.push(flight.leave)
      try {
        return await unlessAborted(flight.result, this.#abort)
      } catch (error) {
        flight.leave()
        if (this.#abort.aborted || flight.first) throw error
      }
    }
  }

  async #fitOne(one: BroughtOne, part: Part, whole: string, below: readonly LayerRecord[]): Promise<LayerRecord> {
    const staged = await this.#claim(one, part)
    const { shelf, archives, trash } = this.#options
    try {
      const directories = below.map(({ key }) => shelf.directory(key))
      await archives.adopt(rootOfLayer(staged.directory), staged.unpacked.impliedDirectories ?? [], directories)
      fault('image.layer-adopted')
      return await shelf.add(staged, part.source, whole)
    } catch (error) {
      await trash.put(staged.directory).catch(() => undefined) // the first error says more, and the next start removes it
      throw error
    }
  }

  /** What another image has made like its own parts is brought once more. */
  async #claim(one: BroughtOne, part: Part): Promise<Staged> {
    let { flight, brought } = one
    while (!brought.staged || !flight.claim(brought)) ({ flight, brought } = await this.#bring(part))
    return brought.staged
  }

  #watch(progress: LayerProgress): void {
    this.#audience.watch(progress)
    this.#releases.push(() => this.#audience.unwatch(progress))
  }

  /** The other layers need not come any more. */
  #fail(error: unknown, { name }: Part): never {
    this.#abort.throwIfAborted()
    const failure = StoreErrors.LAYER_FAILED({ image: this.#image, layer: name, why: sentenceOf(error) }, error)
    this.#failed.abort(failure)
    throw failure
  }
}

const nothing = (): undefined => undefined

interface BroughtOne {
  readonly flight: BringFlight
  readonly brought: Brought
}

/** An overlay does not look for the mark of a whole layer, so what that hides is not given to it. */
const withoutHidden = (records: readonly LayerRecord[]): readonly LayerRecord[] =>
  records.slice(
    Math.max(
      0,
      records.findLastIndex(({ hidesBelow }) => hidesBelow),
    ),
  )

/** Their archives had no names that told. */
const withoutSame = (records: readonly LayerRecord[]): LayerRecord[] =>
  records.filter(({ key }, i) => records.findLastIndex((other) => other.key === key) === i)
