import type { Digest } from '#containerizer/images/digest.js'
import { ImageErrors } from '#containerizer/images/errors.js'
import type { StoredImage, WantedImage } from '#containerizer/images/image.js'
import type { GetOptions, ImageDetails, ImageStore, ImageSummary, Pruned } from '#containerizer/images/image-store.js'

/** Images that come as the test tells them to, for what stands above a store. */
export class SampleImages implements ImageStore {
  readonly wanted: WantedImage[] = []
  readonly prunedWith: (readonly string[])[] = []
  readonly gaveUp: string[] = []
  /** By container: what it holds. */
  readonly leases = new Map<string, StoredImage[]>()
  images: ImageDetails[] = []
  /** Why nothing can be noted. */
  unwritable: Error | undefined
  /** What a pull does before it is done. */
  coming: (image: WantedImage, options: GetOptions) => Promise<void> = async () => {}

  async get(image: WantedImage, options: GetOptions): Promise<StoredImage> {
    this.wanted.push(image)
    options.abort.addEventListener('abort', () => this.gaveUp.push(image.name))
    await this.coming(image, options)
    const details = sampleImage(image.name)
    this.images = [...this.images.filter(({ name }) => name !== image.name), details]
    const { container } = options
    if (container !== undefined) this.leases.set(container, [...(this.leases.get(container) ?? []), details.image])
    return details.image
  }

  note(): void {
    if (this.unwritable) throw this.unwritable
  }

  async held(container: string, { name }: WantedImage): Promise<StoredImage | undefined> {
    return this.leases.get(container)?.find((image) => image.name === name)
  }

  release(container: string): void {
    this.leases.delete(container)
  }

  async list(): Promise<ImageSummary[]> {
    return this.images
  }

  async inspect(name: string): Promise<ImageDetails> {
    const found = this.images.find((image) => image.name === name)
    if (!found) throw ImageErrors.DIGEST_INVALID({ digest: name })
    return found
  }

  async prune(excluded: readonly string[]): Promise<Pruned> {
    this.prunedWith.push(excluded)
    const gone = this.images.filter(({ name, containers }) => containers.length === 0 && !excluded.includes(name))
    this.images = this.images.filter((image) => !gone.includes(image))
    return { images: gone.map(({ name }) => name), layers: gone.length, bytes: gone.length * 1000 }
  }

  async recover(): Promise<void> {}
  async close(): Promise<void> {}
}

export function sampleImage(name: string, containers: readonly string[] = []): ImageDetails {
  const digest = `sha256:${'ab'.repeat(32)}` as Digest
  const layerDigests = ['11', '22'].map((byte) => `sha256:${byte.repeat(32)}` as Digest)
  const image = { name, digest, config: { command: ['/bin/true'] }, layers: ['/layers/2', '/layers/1'], bytes: 1000 }
  const dates = { broughtAt: 1_700_000_000_000, usedAt: 1_700_000_100_000 }
  const bytes = { manifest: Buffer.from('{"schemaVersion":2}'), rawConfig: Buffer.from('{"config":{}}') }
  return { ...dates, ...bytes, name, digest, bytes: 1000, layers: 2, containers, image, layerDigests }
}
