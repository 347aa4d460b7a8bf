import { MOST_PARTS } from './bounds.js'
import { type Digest, parseDigest } from './digest.js'
import { ImageErrors } from './errors.js'
import { type ParsedImageConfig, runtimeConfigOf } from './image-config.js'
import { JsonFields } from './json-fields.js'

/** Docker's first manifest, which old registries still have (rows 6-076, 9-065): layers and what was said of each; no sizes, no config of its own. */
export interface Schema1Manifest {
  readonly kind: 'schema1'
  /** Lowest first, without those that hold nothing. */
  readonly layers: readonly Digest[]
  readonly config: ParsedImageConfig['config']
  /** What its digest is taken over: the bytes without the signatures. These are not looked at: each carries the key that it is checked with. */
  readonly payload: Uint8Array
}

interface Layer {
  readonly blob: Digest
  readonly said: JsonFields
}

export function parseSchema1(bytes: Uint8Array, fields: JsonFields): Schema1Manifest {
  if (fields.count('schemaVersion') !== 1) throw fields.invalid('schemaVersion', 'is not 1')
  const blobs = fields.list('fsLayers') ?? []
  const history = fields.list('history') ?? []
  if (blobs.length === 0) throw fields.invalid('fsLayers', 'is empty')
  if (blobs.length > MOST_PARTS) throw fields.invalid('fsLayers', `are more than ${MOST_PARTS}`)
  if (blobs.length !== history.length) throw fields.invalid('history', `has ${history.length} entries for ${blobs.length} layers`)

  // The newest comes first.
  const layers = blobs.map((blob, i): Layer => {
    const said = Buffer.from(history[i]!.text('v1Compatibility') ?? '')
    return { blob: parseDigest(blob.text('blobSum') ?? ''), said: JsonFields.parse(said, `history[${i}].v1Compatibility`) }
  })
  return {
    kind: 'schema1',
    layers: chained(layers)
      .filter(({ said }) => said.object.throwaway !== true)
      .map(({ blob }) => blob)
      .reverse(),
    config: runtimeConfigOf(layers[0]!.said),
    payload: payloadOf(bytes, fields),
  }
}

/** Each names the one below as its parent; one that is told twice counts once, as in Docker. */
function chained(layers: readonly Layer[]): Layer[] {
  const id = (layer: Layer | undefined): string | undefined => layer?.said.text('id')
  const distinct = layers.filter((layer, i) => i === 0 || id(layer) === undefined || id(layer) !== id(layers[i - 1]))
  distinct.forEach((layer, i) => {
    const parent = layer.said.text('parent') || undefined
    if (parent !== id(distinct[i + 1])) throw layer.said.invalid('parent', 'is not the layer below')
  })
  return distinct
}

/** The signature says how many of the bytes were signed, and what stood after them. */
function payloadOf(bytes: Uint8Array, fields: JsonFields): Uint8Array {
  const signature = fields.list('signatures')?.[0]
  if (!signature) return bytes
  const signed = JsonFields.parse(Buffer.from(signature.text('protected') ?? '', 'base64url'), 'the signature of the manifest')
  const length = signed.count('formatLength') ?? 0
  const tail = Buffer.from(signed.text('formatTail') ?? '', 'base64url')
  const payload = Buffer.concat([bytes.subarray(0, length), tail])
  // What was read must be what the digest stands for.
  if (length === 0 || length > bytes.length || !sameContent(payload, fields)) {
    throw ImageErrors.MANIFEST_AMBIGUOUS({ why: 'its signature is of another content' })
  }
  return payload
}

function sameContent(payload: Uint8Array, fields: JsonFields): boolean {
  const { signatures: _, ...rest } = fields.object
  return JSON.stringify(JsonFields.parse(payload, 'the signed manifest').object) === JSON.stringify(rest)
}
