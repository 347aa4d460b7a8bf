import type { Millis } from '#base/clock.js'
import { MOST_METADATA_BYTES } from '../bounds.js'
import { ImageErrors } from '../errors.js'
import type { LayerSource, ResolvedImage, WantedImage } from '../image.js'
import { parseImageConfig } from '../image-config.js'
import type { Descriptor, ImageManifest } from '../manifest.js'
import { isForeignLayerType } from '../media-types.js'
import type { Platform } from '../platform.js'
import type { ImageProvider } from '../provider.js'
import { type ImageReference, parseReference, referenceText } from '../reference.js'
import { BlobSource } from './blob.js'
import { type ConnectionOptions, Connections } from './connections.js'
import { type Logins, loginsOf } from './docker-config.js'
import { type Endpoint, endpointsOf } from './endpoint.js'
import { RegistryErrors } from './errors.js'
import { readAll } from './http-call.js'
import { fetchImageManifest, verifyDigest } from './manifest-fetch.js'
import type { Patience } from './retry.js'
import { Session } from './session.js'
import { Sessions } from './sessions.js'
import { Tokens } from './tokens.js'

export interface RegistryOptions extends ConnectionOptions {
  /** Where names without a host lie. */
  readonly home: URL
  readonly logins: Logins
  readonly platform: Platform
  readonly patience: Patience
  readonly now: () => Millis
}

/** Images of registries by the distribution protocol: Docker's and OCI's (rows 6-076 to 6-078, 9-062 to 9-068). */
export class RegistryProvider implements ImageProvider {
  readonly name = 'docker-registry'
  readonly #options: RegistryOptions
  readonly #connections: Connections
  readonly #tokens: Tokens

  constructor(options: RegistryOptions) {
    this.#options = options
    this.#connections = new Connections(options)
    this.#tokens = new Tokens(this.#connections, options.now)
  }

  takes({ kind, name }: WantedImage): boolean {
    return kind === 'docker' && !name.startsWith('/')
  }

  canonical(image: WantedImage): string {
    return referenceText(this.#reference(image))
  }

  async resolve(image: WantedImage, abort: AbortSignal): Promise<ResolvedImage> {
    try {
      return await this.#resolve(image, abort)
    } catch (error) {
      abort.throwIfAborted()
      throw RegistryErrors.PULL_FAILED({ image: image.name, why: (error as Error).message }, error)
    }
  }

  close(): Promise<void> {
    return this.#connections.close()
  }

  #reference({ name }: WantedImage): ImageReference {
    return parseReference(name, this.#options.home.host)
  }

  async #resolve(image: WantedImage, abort: AbortSignal): Promise<ResolvedImage> {
    const reference = this.#reference(image)
    const sessions = this.#sessions(reference, image)
    const { manifest, bytes, digest } = await fetchImageManifest(sessions, reference, this.#options.platform, abort)
    const known = { name: referenceText(reference), digest, manifest: bytes }
    if (manifest.kind === 'schema1') {
      return {
        ...known,
        config: manifest.config,
        layers: manifest.layers.map((layer) => this.#source(sessions, { digest: layer })),
      }
    }
    refuseForeign(manifest.layers)
    const rawConfig = await fetchConfig(sessions, manifest, abort)
    const { config, diffIds } = parseImageConfig(rawConfig, manifest.layers.length)
    const layers = manifest.layers.map((layer, i) => ({ ...this.#source(sessions, layer), diffId: diffIds[i] }))
    return { ...known, rawConfig, config, layers }
  }

  #sessions(reference: ImageReference, { dockerConfig, name }: WantedImage): Sessions {
    const { registries, home, logins } = this.#options
    const used = dockerConfig ? loginsOf(dockerConfig, `the config of image ${name}`, false) : logins
    const sessions = endpointsOf(reference, registries, home).map((endpoint) => this.#session(endpoint, used))
    return new Sessions(sessions as [Session, ...Session[]])
  }

  #session(endpoint: Endpoint, logins: Logins): Session {
    const { patience, now } = this.#options
    const login = logins.find(endpoint.host, endpoint.repository)
    login.catch(() => undefined) // who needs it is told
    // Behind a mirror there is somebody else to ask.
    const tries = endpoint.mirror ? { ...patience, tries: Math.min(2, patience.tries), longest: 0 } : patience
    return new Session(endpoint, login, { connections: this.#connections, tokens: this.#tokens, patience: tries, now })
  }

  #source(sessions: Sessions, { digest, size }: Pick<Descriptor, 'digest'> & Partial<Descriptor>): LayerSource {
    const blob = new BlobSource(sessions, digest, size, this.#options.patience)
    return { digest, size, whiteouts: true, open: (from, abort) => blob.open(from, abort), distrust: () => blob.distrust() }
  }
}

/** What an image says of other places is not followed: nobody has checked where they lead (S57). */
function refuseForeign(layers: readonly Descriptor[]): void {
  const foreign = layers.find(({ mediaType, urls }) => isForeignLayerType(mediaType) && urls.length > 0)
  if (!foreign) return
  const hosts = foreign.urls.slice(0, 3).map((url) => (URL.canParse(url) ? new URL(url).host : 'what is no address'))
  throw ImageErrors.LAYER_FOREIGN({ digest: foreign.digest, hosts: hosts.join(', ') })
}

function fetchConfig(sessions: Sessions, { config: { digest, size } }: ImageManifest, abort: AbortSignal): Promise<Buffer> {
  const wish = { path: `blobs/${digest}`, what: `config ${digest}`, headers: {} }
  return sessions.first(
    (session) =>
      session.get(
        wish,
        async (answer) => {
          const bytes = await readAll(answer, MOST_METADATA_BYTES)
          if (bytes.length !== size) throw ImageErrors.SIZE_MISMATCH({ what: 'the config', wanted: size, got: bytes.length })
          verifyDigest('the config', bytes, digest)
          return bytes
        },
        abort,
      ),
    abort,
  )
}
