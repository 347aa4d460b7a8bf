import { type Digest, digestLike } from '../digest.js'
import type { LayerSource, ResolvedImage } from '../image.js'
import { parseImageConfig } from '../image-config.js'
import { type Descriptor, type ImageManifest, parseManifest } from '../manifest.js'
import { choosePlatform, hostPlatform } from '../platform.js'
import { familiar } from './choice.js'
import { SourceErrors } from './errors.js'
import { type ImageFiles, locate, read, readIfThere } from './image-files.js'

const REF_NAME = 'org.opencontainers.image.ref.name'
/** Indexes within indexes. */
const DEEPEST = 8

/** An image layout of OCI (row 6-085). Undefined: the files are something else. */
export async function ociLayout(files: ImageFiles, name: string, choice: string | undefined): Promise<ResolvedImage | undefined> {
  if (!(await readIfThere(files, 'oci-layout'))) return undefined
  const index = parseManifest(await read(files, 'index.json'))
  if (index.kind !== 'index') throw SourceErrors.CHOICE_MISSING({ where: files.where, wanted: choice ?? '', names: '' })
  const { bytes, digest, manifest } = await descend(files, entryOf(files.where, index.manifests, choice))
  const rawConfig = await blob(files, manifest.config)
  const { config, diffIds } = parseImageConfig(rawConfig, manifest.layers.length)
  const layers = await Promise.all(manifest.layers.map((layer, at) => layerIn(files, layer, diffIds[at])))
  return { name, digest, config, layers, manifest: bytes, rawConfig }
}

/** By its reference, which is a tag or a whole name; without a choice the one that fits this machine, of those that have no others beside them. */
function entryOf(where: string, manifests: readonly Descriptor[], choice: string | undefined): Descriptor {
  const names = [...new Set(manifests.flatMap(({ annotations }) => annotations[REF_NAME] ?? []))]
  if (choice !== undefined) {
    const matching = manifests.filter(({ annotations, digest }) => digest === choice || matches(annotations[REF_NAME], choice))
    if (matching.length > 0) return choosePlatform(matching, hostPlatform())
    // What has no names has but one image, perhaps for many machines.
    if (names.length > 0 || manifests.length === 0)
      throw SourceErrors.CHOICE_MISSING({ where, wanted: choice, names: names.join(', ') })
  }
  if (names.length > 1) throw SourceErrors.CHOICE_NEEDED({ where, names: names.join(', ') })
  return choosePlatform(manifests, hostPlatform())
}

/** Most tools write the tag alone. */
function matches(name: string | undefined, choice: string): boolean {
  const tag = /:([^:/]*)$/.exec(choice)?.[1]
  return name !== undefined && (name === choice || name === tag || familiar(name) === familiar(choice))
}

async function descend(
  files: ImageFiles,
  descriptor: Descriptor,
  depth = 0,
): Promise<{ bytes: Buffer; digest: Digest; manifest: ImageManifest }> {
  const bytes = await blob(files, descriptor)
  const manifest = parseManifest(bytes, descriptor.mediaType)
  if (manifest.kind === 'image') return { bytes, digest: descriptor.digest, manifest }
  if (manifest.kind !== 'index' || depth > DEEPEST) {
    throw SourceErrors.CHOICE_MISSING({ where: files.where, wanted: descriptor.digest, names: '' })
  }
  return descend(files, choosePlatform(manifest.manifests, hostPlatform()), depth + 1)
}

const pathOf = (digest: Digest): string => `blobs/${digest.replace(':', '/')}`

/** Layers are checked by whoever unpacks them; what is read here is checked here. */
async function blob(files: ImageFiles, { digest }: Descriptor): Promise<Buffer> {
  const path = pathOf(digest)
  const bytes = await read(files, path)
  const found = digestLike(digest, bytes)
  if (found !== digest) throw SourceErrors.CONTENT_DIFFERS({ where: files.where, file: path, digest: found })
  return bytes
}

async function layerIn(files: ImageFiles, { digest, size }: Descriptor, diffId: Digest | undefined): Promise<LayerSource> {
  return { digest, diffId, size, file: await locate(files, pathOf(digest)), whiteouts: true }
}
