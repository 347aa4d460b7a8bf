import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { systemClock } from '#base/clock.js'
import { silentLog } from '#base/log.js'
import { Metrics } from '#base/metrics.js'
import type { Digest } from '#containerizer/images/digest.js'
import type { LayerSource, ResolvedImage, StoredImage, WantedImage } from '#containerizer/images/image.js'
import type { GetOptions, ImageStore } from '#containerizer/images/image-store.js'
import type { ImageProvider } from '#containerizer/images/provider.js'
import { type LayerStoreOptions, openLayerStore } from '#containerizer/images/store/layer-store.js'
import { type FakeArchive, FakeArchives, fakeBytes, sha256Digest } from './fake-archives.js'
import { type TarEntry, tarOf } from './tar.js'

/** Where images come from in these tests: what it was told of. `down`: nobody answers. */
export class TestProvider implements ImageProvider {
  readonly name = 'test'
  readonly images = new Map<string, ResolvedImage>()
  down = false
  resolved = 0
  opened = 0

  takes(image: WantedImage): boolean {
    return image.kind === 'docker'
  }

  canonical(image: WantedImage): string {
    return image.name.includes(':') ? image.name : `${image.name}:latest`
  }

  async resolve(image: WantedImage): Promise<ResolvedImage> {
    this.resolved++
    const found = this.images.get(this.canonical(image))
    if (this.down || !found) throw new Error(`registry does not answer for ${image.name}`)
    return found
  }

  add(name: string, layers: readonly LayerSource[], more: Partial<ResolvedImage> = {}): ResolvedImage {
    const digest = sha256Digest(Buffer.from(JSON.stringify([name, layers]))) as Digest
    const image = { name, digest, config: { command: ['run'] }, layers, ...more }
    this.images.set(name, image)
    return image
  }

  layer(archive: FakeArchive): LayerSource {
    return this.bytes(fakeBytes(archive))
  }

  /** A layer of a tar archive, compressed. */
  tar(entries: readonly TarEntry[]): LayerSource {
    const archive = tarOf(entries)
    return this.bytes(gzipSync(archive, { level: 1 }), sha256Digest(archive) as Digest)
  }

  /** Its bytes come in pieces, at least two. */
  bytes(bytes: Buffer, diffId?: Digest): LayerSource {
    const digest = sha256Digest(bytes) as Digest
    const open = async (from: number) => {
      this.opened++
      return pieces(bytes.subarray(from))
    }
    return { digest, diffId: diffId ?? digest, size: bytes.length, whiteouts: true, open }
  }
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  const length = Math.min(64 * 1024, Math.ceil(bytes.length / 2))
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

export const wanted = (name: string, more: Partial<WantedImage> = {}): WantedImage => ({
  kind: 'docker',
  name,
  cached: true,
  ...more,
})

/** A store in a directory of its own, which may be opened many times. */
export class StorePlace {
  readonly directory: string
  readonly provider = new TestProvider()
  archives = new FakeArchives()
  metrics = new Metrics()
  bootId = 'boot-1'
  #store: ImageStore | undefined

  private constructor(directory: string) {
    this.directory = directory
  }

  static async prepare(parent = tmpdir()): Promise<StorePlace> {
    return new StorePlace(await mkdtemp(join(parent, 'meseta-images-')))
  }

  get root(): string {
    return join(this.directory, 'store')
  }

  /** What was opened before is closed. */
  async open(options: Partial<LayerStoreOptions> = {}, containers: readonly string[] = []): Promise<ImageStore> {
    await this.#store?.close()
    const store = await openLayerStore({
      directory: this.root,
      providers: async () => [this.provider],
      archives: this.archives,
      removeTree: (path) => rm(path, { recursive: true }),
      bootId: this.bootId,
      noteOf: (container) => join(this.directory, `${container}-images`),
      clock: systemClock,
      log: silentLog,
      metrics: this.metrics,
      flushDelay: 0,
      ...options,
    })
    await store.recover(new Set(containers))
    this.#store = store
    return store
  }

  /** For a container also noted, so that the next store knows of it. */
  async get(image: string | WantedImage, options: Partial<GetOptions> = {}): Promise<StoredImage> {
    if (!this.#store) throw new Error('no store was opened yet')
    const what = typeof image === 'string' ? wanted(image) : image
    const brought = await this.#store.get(what, { abort: new AbortController().signal, ...options })
    if (options.container !== undefined) this.#store.note(options.container)
    return brought
  }

  /** Names in one of its directories. */
  async names(of: 'layers' | 'staging' | 'images' | 'trash'): Promise<string[]> {
    return (await readdir(join(this.root, of))).sort()
  }

  async dispose(): Promise<void> {
    await this.#store?.close()
    await rm(this.directory, { recursive: true })
  }
}
