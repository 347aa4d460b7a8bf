import { describe, expect, test } from 'vitest'
import { parseManifest } from '#containerizer/images/manifest.js'
import { MediaType } from '#containerizer/images/media-types.js'

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
const CONFIG = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digest('c'), size: 2 }
const LAYER = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digest('1'), size: 3 }
const IMAGE = { schemaVersion: 2, mediaType: MediaType.ociManifest, config: CONFIG, layers: [LAYER] }
const INDEX = { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: [{ ...LAYER, mediaType: MediaType.ociManifest }] }
const SCHEMA1 = {
  schemaVersion: 1,
  fsLayers: [{ blobSum: digest('3') }, { blobSum: digest('2') }, { blobSum: digest('1') }],
  history: [
    { v1Compatibility: JSON.stringify({ id: 'c', parent: 'b', config: { Cmd: ['/run'] }, throwaway: true }) },
    { v1Compatibility: JSON.stringify({ id: 'b', parent: 'a' }) },
    { v1Compatibility: JSON.stringify({ id: 'a' }) },
  ],
}

describe('manifests', () => {
  test.each([
    MediaType.ociManifest,
    MediaType.dockerManifest,
    undefined,
    'application/json',
    `${MediaType.ociManifest}; charset=utf-8`,
  ])('an image that is called %s', (type) => {
    const { mediaType: _, ...silent } = IMAGE
    expect(parseManifest(bytes(silent), type)).toMatchObject({ kind: 'image', layers: [LAYER], config: CONFIG })
  })

  test.each([
    'application/vnd.oci.image.layer.v1.tar',
    'application/vnd.oci.image.layer.v1.tar+zstd',
    'application/vnd.docker.image.rootfs.diff.tar.gzip',
  ])('layers may be %s', (mediaType) =>
    expect(parseManifest(bytes({ ...IMAGE, layers: [{ ...LAYER, mediaType }] })).kind).toBe('image'),
  )

  test('an index', () => expect(parseManifest(bytes(INDEX)).kind).toBe('index'))

  test('schema 1: the newest is the first, what holds nothing is left out, the config is that of the newest (9-065)', () => {
    const manifest = parseManifest(bytes(SCHEMA1), MediaType.schema1)
    expect(manifest).toMatchObject({ kind: 'schema1', layers: [digest('1'), digest('2')], config: { command: ['/run'] } })
  })

  test('schema 1: the digest is taken over what was signed', () => {
    const payload = JSON.stringify(SCHEMA1, null, 3)
    const cut = payload.lastIndexOf('\n}')
    const protect = { formatLength: cut, formatTail: Buffer.from('\n}').toString('base64url') }
    const signature = { header: {}, signature: 'x', protected: Buffer.from(JSON.stringify(protect)).toString('base64url') }
    const signed = `${payload.slice(0, cut)},\n   "signatures": ${JSON.stringify([signature])}\n}`
    const manifest = parseManifest(Buffer.from(signed), MediaType.schema1Signed)
    expect(manifest.kind === 'schema1' && Buffer.from(manifest.payload).toString()).toBe(payload)

    const other = signed.replace(digest('2'), digest('4')).replace('"signatures"', '"name": "x", "signatures"')
    expect(() => parseManifest(Buffer.from(other), MediaType.schema1Signed)).toThrow(/of another content/)
  })

  test.each([
    ['fewer histories than layers', { ...SCHEMA1, history: SCHEMA1.history.slice(1) }],
    ['a broken chain', { ...SCHEMA1, history: [SCHEMA1.history[0], SCHEMA1.history[2], SCHEMA1.history[1]] }],
    ['no layers', { ...SCHEMA1, fsLayers: [], history: [] }],
    ['a history that is no JSON', { ...SCHEMA1, history: [{ v1Compatibility: '{' }, ...SCHEMA1.history.slice(1)] }],
  ])('schema 1 with %s is refused', (_, value) => expect(() => parseManifest(bytes(value))).toThrow(/history|fsLayers|parent/))
})

describe('S56: what can be read in two ways is refused', () => {
  test.each([
    ['layers and manifests', { ...IMAGE, manifests: INDEX.manifests }, undefined],
    ['config and manifests', { ...INDEX, config: CONFIG }, undefined],
    ['layers and fsLayers', { ...IMAGE, fsLayers: SCHEMA1.fsLayers }, undefined],
    ['an image that the registry calls an index', IMAGE, MediaType.ociIndex],
    ['an index that the registry calls an image', INDEX, MediaType.ociManifest],
    [
      'an index that calls itself nothing, and the registry an image',
      { ...INDEX, mediaType: undefined },
      MediaType.dockerManifest,
    ],
    ['an image that calls itself an index', { ...IMAGE, mediaType: MediaType.ociIndex }, undefined],
    ['schema 1 called schema 2', SCHEMA1, MediaType.dockerManifest],
    ['Manifests beside layers', { ...IMAGE, Manifests: INDEX.manifests }, undefined],
    ['Layers beside layers', { ...IMAGE, Layers: [] }, undefined],
  ])('%s', (_, value, type) => expect(() => parseManifest(bytes(value), type)).toThrow(/two ways/))
})

describe('S61: what is too large or too much is refused', () => {
  test('a manifest of more than 4 MiB', () => {
    expect(() => parseManifest(bytes({ ...IMAGE, annotations: { a: 'x'.repeat(4 << 20) } }))).toThrow(/larger than 4194304/)
  })
  test('10,001 layers, 10,001 manifests', () => {
    const many = (each: unknown): unknown[] => Array.from({ length: 10_001 }, () => each)
    expect(() => parseManifest(bytes({ ...IMAGE, layers: many(LAYER) }))).toThrow(/more than 10000/)
    expect(() => parseManifest(bytes({ ...INDEX, manifests: many(INDEX.manifests[0]) }))).toThrow(/more than 10000/)
  })
  test('a config that says it has more than 4 MiB', () => {
    expect(() => parseManifest(bytes({ ...IMAGE, config: { ...CONFIG, size: (4 << 20) + 1 } }))).toThrow(/config is larger/)
  })
})

describe('what is no image is refused with a sentence', () => {
  test.each([
    ['an artifact', { ...IMAGE, artifactType: 'application/vnd.example.sbom' }, /artifact \(application\/vnd\.example\.sbom\)/],
    [
      'a helm chart',
      { ...IMAGE, config: { ...CONFIG, mediaType: 'application/vnd.cncf.helm.config.v1+json' } },
      /artifact \(.*helm/,
    ],
    ['an artifact manifest', { mediaType: 'application/vnd.oci.artifact.manifest.v1+json', blobs: [] }, /artifact/],
    ['encrypted layers', { ...IMAGE, layers: [{ ...LAYER, mediaType: `${LAYER.mediaType}+encrypted` }] }, /only tar archives/],
    ['a layer of a wrong digest', { ...IMAGE, layers: [{ ...LAYER, digest: 'sha256:1' }] }, /is no digest/],
    ['a layer of a negative size', { ...IMAGE, layers: [{ ...LAYER, size: -1 }] }, /size of layers\[0\]/],
    ['schemaVersion 3', { ...IMAGE, schemaVersion: 3 }, /schemaVersion/],
    ['no config', { ...IMAGE, config: undefined }, /config of the manifest is missing/],
    ['a list', [], /no JSON object/],
    ['null', null, /no JSON object/],
  ])('%s', (_, value, why) => expect(() => parseManifest(bytes(value))).toThrow(why))

  test('bytes that are no JSON, without quoting them', () => {
    expect(() => parseManifest(Buffer.from('<html>secret'))).toThrow(/^the manifest is no JSON$/)
    expect(() => parseManifest(Buffer.from([0xff, 0xfe]))).toThrow(/^the manifest is no JSON$/)
  })
})
