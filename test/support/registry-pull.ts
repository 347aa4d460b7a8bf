/** Pulls as the store does, and what became of them. */

import { Random } from '#base/random.js'
import type { LayerSource, WantedImage } from '#containerizer/images/image.js'
import { createRegistryProvider, type RegistryFlags } from '#containerizer/images/registry/create.js'
import type { RegistryOptions, RegistryProvider } from '#containerizer/images/registry/registry-provider.js'
import type { Proxies } from '#http/proxy.js'
import { digestOf } from './faulty-registry.js'

export interface PullOptions {
  readonly flags?: Partial<RegistryFlags>
  readonly proxies?: Proxies
  readonly changes?: Partial<RegistryOptions>
  readonly image?: Partial<WantedImage>
}

/** Waits are short here; a try counts as much as elsewhere. */
export function testProvider({ flags = {}, proxies = {}, changes = {} }: PullOptions): RegistryProvider {
  const given = { dockerRegistry: 'https://registry-1.docker.io', dockerRegistries: undefined, dockerConfig: undefined, ...flags }
  const patience = { tries: 3, first: 1, most: 5, longest: 1000, random: new Random(1) }
  return createRegistryProvider(given, proxies, { patience, certificates: '/nonexistent', ...changes })
}

export interface Pulled {
  readonly name: string
  readonly digest: string
  /** The digest of what came of each. */
  readonly layers: readonly string[]
}

/** All layers, taken up again where they break off. */
export async function pull(name: string, options: PullOptions = {}): Promise<Pulled> {
  const provider = testProvider(options)
  const abort = new AbortController().signal
  try {
    const image = await provider.resolve({ kind: 'docker', name, cached: true, ...options.image }, abort)
    const layers = await Promise.all(image.layers.map((layer) => download(layer, abort)))
    return { name: image.name, digest: image.digest, layers }
  } finally {
    await provider.close()
  }
}

const FRUITLESS = 5

async function download(layer: LayerSource, abort: AbortSignal): Promise<string> {
  const chunks: Buffer[] = []
  let received = 0
  for (let fruitless = 0; fruitless < FRUITLESS; ) {
    const before = received
    const bytes = await layer.open!(received, abort)
    try {
      for await (const chunk of bytes) {
        chunks.push(Buffer.from(chunk))
        received += chunk.length
      }
      if (layer.size === undefined || received === layer.size) return digestOf(Buffer.concat(chunks))
    } catch (error) {
      if (fruitless === FRUITLESS - 1) throw error
    }
    fruitless = received > before ? 0 : fruitless + 1
  }
  throw new Error('it broke off again and again')
}

/** The sentence that a pull ends with. */
export const refused = (name: string, options: PullOptions = {}): Promise<string> =>
  pull(name, options).then(
    () => 'it was pulled',
    (error: Error) => error.message,
  )
