import { MOST_METADATA_BYTES, MOST_PARTS } from './bounds.js'
import { type Digest, parseDigest } from './digest.js'
import { ImageErrors } from './errors.js'
import { JsonFields } from './json-fields.js'
import { isImageConfigType, isIndexType, isLayerType, isManifestType, isSchema1Type } from './media-types.js'
import type { Platform } from './platform.js'
import { parseSchema1, type Schema1Manifest } from './schema1.js'

/** Content by its digest, and what it is. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly urls: readonly string[]
  readonly platform?: Platform | undefined
  readonly annotations: Readonly<Record<string, string>>
}

export interface ImageManifest {
  readonly kind: 'image'
  readonly config: Descriptor
  /** Lowest first. */
  readonly layers: readonly Descriptor[]
}

export interface ImageIndex {
  readonly kind: 'index'
  readonly manifests: readonly Descriptor[]
}

export type Manifest = ImageManifest | ImageIndex | Schema1Manifest

/**
 * A manifest of any kind that images have: Docker's schema 1, schema 2 and list, OCI's manifest and index. What could be read as two of them is refused,
 * because others, who checked it, may have read the other one (S56). `contentType` is what the sender called it, if anybody did.
 */
export function parseManifest(bytes: Uint8Array, contentType?: string): Manifest {
  if (bytes.length > MOST_METADATA_BYTES)
    throw ImageErrors.METADATA_TOO_LARGE({ what: 'the manifest', most: MOST_METADATA_BYTES })
  const fields = JsonFields.parse(bytes, 'the manifest')
  const called = contentType?.split(';')[0]?.trim().toLowerCase()
  const says = fields.text('mediaType')
  if (isManifestType(called) && says !== undefined && says !== called) {
    throw ImageErrors.MANIFEST_AMBIGUOUS({ why: `the registry calls it ${called}, itself ${says}` })
  }
  const kind = kindByKeys(fields)
  const type = isManifestType(called) ? called : says
  if (type !== undefined && isManifestType(type) && kindByType(type) !== kind) {
    throw ImageErrors.MANIFEST_AMBIGUOUS({ why: `it is called ${type}, but has the fields of ${WORDS[kind]}` })
  }
  if (kind === 'schema1') return parseSchema1(bytes, fields)
  if (fields.count('schemaVersion') !== 2) throw fields.invalid('schemaVersion', 'is not 2')
  return kind === 'index' ? parseIndex(fields) : parseImage(fields)
}

const WORDS = { image: 'an image', index: 'an index', schema1: 'a schema 1 manifest' } as const
type Kind = keyof typeof WORDS
const MARKS: Readonly<Record<Kind, readonly string[]>> = {
  image: ['config', 'layers'],
  index: ['manifests'],
  schema1: ['fslayers', 'history', 'signatures'],
}

const kindByType = (type: string): Kind => (isIndexType(type) ? 'index' : isSchema1Type(type) ? 'schema1' : 'image')

/** Names of fields are compared without case, as some readers of JSON do. */
function kindByKeys(fields: JsonFields): Kind {
  const keys = Object.keys(fields.object).map((key) => key.toLowerCase())
  if (new Set(keys).size < keys.length) throw ImageErrors.MANIFEST_AMBIGUOUS({ why: 'two of its fields differ in case only' })
  const kinds = (Object.keys(MARKS) as Kind[]).filter((kind) => MARKS[kind].some((mark) => keys.includes(mark)))
  if (kinds.length > 1) {
    throw ImageErrors.MANIFEST_AMBIGUOUS({ why: `it has the fields of ${kinds.map((kind) => WORDS[kind]).join(' and of ')}` })
  }
  const [kind] = kinds
  if (kind === undefined)
    throw ImageErrors.NO_IMAGE({ what: fields.text('artifactType') ?? fields.text('mediaType') ?? 'something unknown' })
  return kind
}

function parseImage(fields: JsonFields): ImageManifest {
  const config = descriptorOf(fields.fields('config') ?? missing(fields, 'config'))
  const layers = bounded(fields, 'layers').map(descriptorOf)
  const artifact = fields.text('artifactType')
  if (!isImageConfigType(config.mediaType) || (artifact !== undefined && !isImageConfigType(artifact))) {
    throw ImageErrors.NO_IMAGE({ what: artifact ?? config.mediaType })
  }
  const odd = layers.find(({ mediaType }) => !isLayerType(mediaType))
  if (odd) throw ImageErrors.LAYER_TYPE_UNKNOWN({ digest: odd.digest, type: odd.mediaType })
  if (config.size > MOST_METADATA_BYTES) throw ImageErrors.METADATA_TOO_LARGE({ what: 'the config', most: MOST_METADATA_BYTES })
  return { kind: 'image', config, layers }
}

function parseIndex(fields: JsonFields): ImageIndex {
  return { kind: 'index', manifests: bounded(fields, 'manifests').map(descriptorOf) }
}

function bounded(fields: JsonFields, name: string): JsonFields[] {
  const list = fields.object[name]
  if (Array.isArray(list) && list.length > MOST_PARTS) throw fields.invalid(name, `are more than ${MOST_PARTS}`)
  return fields.list(name) ?? missing(fields, name)
}

function missing(fields: JsonFields, name: string): never {
  throw fields.invalid(name, 'is missing')
}

function descriptorOf(fields: JsonFields): Descriptor {
  const platform = fields.fields('platform')
  return {
    mediaType: fields.text('mediaType') ?? missing(fields, 'mediaType'),
    digest: parseDigest(fields.text('digest') ?? missing(fields, 'digest')),
    size: fields.count('size') ?? missing(fields, 'size'),
    urls: fields.texts('urls') ?? [],
    annotations: fields.textMap('annotations') ?? {},
    platform: platform && {
      os: platform.text('os') ?? missing(platform, 'os'),
      architecture: platform.text('architecture') ?? missing(platform, 'architecture'),
      variant: platform.text('variant'),
    },
  }
}
