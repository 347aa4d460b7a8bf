import { shownUri } from '../../fetcher/shown-uri.js'
import { type Digest, parseDigest, sha256Of } from '../digest.js'
import type { LayerSource, WantedImage } from '../image.js'
import { hostPlatform } from '../platform.js'
import type { ImageProvider, ProviderOptions } from '../provider.js'
import { type AppcManifest, parseAppcManifest, refuseOther } from './appc-manifest.js'
import { openArchive, type Tools } from './archive-file.js'
import { Downloads } from './download.js'
import { SourceErrors } from './errors.js'
import { read } from './image-files.js'
import { Staging } from './staging.js'

/** Images that one image may stand on, directly or not. */
const MOST_IMAGES = 100

/**
 * Appc images by simple discovery (row 6-084): `<prefix><name>-<version>-<os>-<arch>.aci`, with all that they depend on. Signatures are not looked at, as in
 * Mesos; an id, where one is named, is.
 */
export function appcImages(options: ProviderOptions): ImageProvider {
  const { flags, archives, staging: parent } = options
  const downloads = new Downloads(options)
  return {
    name: 'appc',
    takes: ({ kind }) => kind === 'appc',
    close: () => downloads.close(),
    async resolve(wanted, abort, tell) {
      const staging = new Staging(parent)
      const download = (url: string, path: string) => downloads.get(url, path, abort, tell)
      try {
        const chain = new Chain(flags.appcSimpleDiscoveryUriPrefix, { archives, staging, abort, download })
        const top = await chain.add(wanted, [])
        const digest = sha256Of(chain.digests.join('\n'))
        const name = addressOf('', wanted).replace(/\.aci$/, '')
        return {
          name,
          digest,
          config: top.config,
          layers: chain.layers,
          rawConfig: chain.manifest,
          close: () => staging.remove(),
        }
      } catch (error) {
        await staging.remove()
        throw error
      }
    },
  }
}

type Wanted = Pick<WantedImage, 'name' | 'id' | 'labels'>

class Chain {
  /** Lowest first. */
  readonly layers: LayerSource[] = []
  readonly digests: Digest[] = []
  /** Of the image that was added last: the one on top. */
  manifest: Buffer = Buffer.alloc(0)
  readonly #prefix: string
  readonly #tools: Tools

  constructor(prefix: string, tools: Tools) {
    this.#prefix = prefix
    this.#tools = tools
  }

  /** With all that it depends on below it. `above` are those that depend on it. */
  async add(wanted: Wanted, above: readonly string[]): Promise<AppcManifest> {
    const address = addressOf(this.#prefix, wanted)
    if (above.includes(address) || this.layers.length >= MOST_IMAGES || above.length >= MOST_IMAGES) {
      throw SourceErrors.APPC_CHAIN({ name: wanted.name })
    }
    const path = await this.#fetch(wanted.name, address)
    const archive = await openArchive(path, ['manifest'], this.#tools)
    if (!archive.marks.has('manifest')) throw SourceErrors.FILE_MISSING({ where: address, file: 'manifest' })
    const bytes = archive.marks.get('manifest') ?? (await read(await archive.files(), 'manifest'))
    const manifest = parseAppcManifest(bytes, address)
    refuseOther(address, manifest, wanted)
    for (const dependency of manifest.dependencies) await this.add(dependency, [...above, address])
    const { digest, diffId } = await archive.digests()
    const layer = { digest, diffId: wanted.id === undefined ? diffId : idOf(wanted.id), size: archive.size, file: { path } }
    this.layers.push({ ...layer, strip: 'rootfs', whiteouts: false })
    this.digests.push(diffId)
    this.manifest = bytes
    return manifest
  }

  async #fetch(name: string, address: string): Promise<string> {
    if (!/^https?:/i.test(address)) return address
    const path = await this.#tools.staging.path()
    await this.#tools.download(address, path).catch((error) => {
      this.#tools.abort.throwIfAborted()
      throw SourceErrors.APPC_NOT_FOUND({ name, tried: shownUri(address) }, error)
    })
    return path
  }
}

/** `sha512-<hex>`: of the archive without compression. */
const idOf = (id: string): Digest => parseDigest(id.replace('-', ':'))

function addressOf(prefix: string, { name, labels = {} }: Wanted): string {
  if (!/^[a-z0-9]+([-._~/][a-z0-9]+)*$/.test(name)) throw SourceErrors.NAME_INVALID({ name })
  const { version = 'latest', os = 'linux', arch = hostPlatform().architecture } = labels
  for (const value of [version, os, arch])
    if (!/^[\w.+-]+$/.test(value)) throw SourceErrors.NAME_INVALID({ name: `${name} ${value}` })
  const file = `${name}-${version}-${os}-${arch}.aci`
  const path = prefix.replace(/^file:\/\//i, '')
  return path.startsWith('/') && !path.endsWith('/') ? `${path}/${file}` : `${path}${file}`
}
