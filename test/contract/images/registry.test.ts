import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MediaType } from '#containerizer/images/media-types.js'
import { cut, digestOf, FaultyRegistry, flip, headers, hold, redirect, status } from '../../support/faulty-registry.js'
import { pull, refused, testProvider } from '../../support/registry-pull.js'

const LAYERS = [Buffer.from('first layer'), randomBytes(300_000)]
const DIGESTS = LAYERS.map((layer) => digestOf(layer))
let registry: FaultyRegistry
let image: string

beforeEach(async () => {
  registry = await FaultyRegistry.start()
  registry.addImage('a/web', '1', LAYERS, { Cmd: ['/run'] })
  image = `${registry.address}/a/web:1`
})
afterEach(() => registry.stop())

describe('an image of a registry (9-062)', () => {
  test('its layers come as they are, and its name is whole', async () => {
    const { digest } = registry.addImage('a/web', '1', LAYERS)
    expect(await pull(image)).toEqual({ name: image, digest, layers: DIGESTS })
  })

  test('by digest, sha256 and sha512 (S64)', async () => {
    const { bytes } = registry.manifests.get('a/web/manifests/1')!
    for (const algorithm of ['sha256', 'sha512']) {
      const digest = digestOf(bytes, algorithm)
      expect(await pull(`${registry.address}/a/web@${digest}`)).toMatchObject({ digest, layers: DIGESTS })
    }
  })

  test('of an index in an index, for this platform (9-063)', async () => {
    const other = registry.addImage('a/web', 'other', [Buffer.from('other')])
    const ours = registry.addImage('a/web', 'ours', LAYERS)
    const index = (...manifests: object[]) => ({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests })
    const inner = registry.addManifest(
      'a/web',
      'inner',
      index(
        { ...other, manifest: undefined, platform: { os: 'linux', architecture: 's390x' } },
        { ...ours, manifest: undefined, platform: { os: 'linux', architecture: 'arm', variant: 'v6' } },
      ),
      MediaType.ociIndex,
    )
    registry.addManifest('a/web', '2', index(inner), MediaType.ociIndex)
    const changes = { platform: { os: 'linux', architecture: 'arm', variant: 'v7' } }
    expect(await pull(`${registry.address}/a/web:2`, { changes })).toMatchObject({ digest: ours.digest, layers: DIGESTS })
    expect(
      await refused(`${registry.address}/a/web:2`, { changes: { platform: { os: 'linux', architecture: 'amd64' } } }),
    ).toMatch('there is none for linux/amd64; there are: linux/s390x, linux/arm/v6')
    const outer = registry.addManifest(
      'a/web',
      '3',
      index(registry.addManifest('a/web', '2', index(inner), MediaType.ociIndex)),
      MediaType.ociIndex,
    )
    expect(outer.size).toBeGreaterThan(0)
    expect(await refused(`${registry.address}/a/web:3`, { changes })).toMatch('more than 2 deep')
  })

  test('of schema 1, whose digest is that without signatures (9-065)', async () => {
    const said = (value: object) => ({ v1Compatibility: JSON.stringify(value) })
    const layers = [...LAYERS].reverse().map((layer) => ({ blobSum: registry.addBlob(layer).digest }))
    const history = [said({ id: 'b', parent: 'a', config: { Cmd: ['/x'] } }), said({ id: 'a' })]
    const payload = JSON.stringify({
      schemaVersion: 1,
      name: 'a/old',
      tag: '1',
      architecture: 'amd64',
      fsLayers: layers,
      history,
    })
    const signed = { formatLength: payload.length - 1, formatTail: Buffer.from('}').toString('base64url') }
    const signatures = [{ header: {}, signature: 'x', protected: Buffer.from(JSON.stringify(signed)).toString('base64url') }]
    const bytes = Buffer.from(`${payload.slice(0, -1)},"signatures":${JSON.stringify(signatures)}}`)
    const digest = digestOf(Buffer.from(payload))
    for (const reference of ['1', digest]) {
      registry.manifests.set(`a/old/manifests/${reference}`, { bytes, type: MediaType.schema1Signed })
      registry.next(/a\/old\/manifests/, headers({ 'docker-content-digest': digest }))
    }
    expect(await pull(`${registry.address}/a/old:1`)).toMatchObject({ digest, layers: DIGESTS })
    expect(await pull(`${registry.address}/a/old@${digest}`)).toMatchObject({ digest, layers: DIGESTS })
  })

  test('what is missing, forbidden or no image is told with what to do', async () => {
    expect(await refused(`${registry.address}/a/web:none`)).toBe(
      `image ${registry.address}/a/web:none cannot be pulled: registry ${registry.address} has no a/web:none (404); check its name and tag`,
    )
    registry.next(/manifests/, status(403))
    expect(await refused(image)).toMatch(/to nobody without a login.*\(403\).*put a login for .* into --docker_config/)
    registry.next(/manifests/, status(418, {}, '<html>'))
    expect(await refused(image)).toMatch(`registry ${registry.address} answers 418 for a/web:1`)
    registry.addImage('a/sbom', '1', LAYERS, {}, { artifactType: 'application/x.sbom' })
    expect(await refused(`${registry.address}/a/sbom:1`)).toMatch(
      'it is no image that can be run, but an artifact (application/x.sbom)',
    )
  })

  test('a registry that does not run is told', async () => {
    await registry.stop()
    expect(await refused(image)).toMatch('nobody listens there (connection refused)')
    await registry.stop().catch(() => undefined)
  })

  test('who gives up is let go at once, in the middle of anything', async () => {
    registry.always(/manifests/, hold(10))
    const provider = testProvider({})
    const abort = new AbortController()
    const pulling = provider.resolve({ kind: 'docker', name: image, cached: true }, abort.signal)
    await expect.poll(() => registry.paths().length).toBe(1)
    abort.abort(new Error('no more'))
    await expect(pulling).rejects.toThrow('no more')
    await provider.close()
  })
})

describe('S55: what is not what it is called is refused', () => {
  test('a wrong byte anywhere in a manifest that is asked by digest', async () => {
    const { digest, size } = registry.addImage('a/web', '1', LAYERS)
    for (const at of [0, 20, size >> 1, size - 1]) {
      registry.next(/manifests/, flip(at))
      expect(await refused(`${registry.address}/a/web@${digest}`)).toMatch(/the manifest is not what it should be/)
    }
  })

  test('a wrong byte in one that is asked by tag, by what the registry says of it', async () => {
    registry.next(/manifests/, flip(registry.manifests.get('a/web/manifests/1')!.bytes.indexOf('layers') + 30))
    expect(await refused(image)).toMatch(/the manifest is not what it should be/)
    registry.next(/manifests/, headers({ 'docker-content-digest': `sha256:${'0'.repeat(64)}` }))
    expect(await refused(image)).toMatch(
      `its digest is ${digestOf(registry.manifests.get('a/web/manifests/1')!.bytes)}, not sha256:0000`,
    )
  })

  test('a wrong byte, one too few or one too many in the config', async () => {
    registry.next(/blobs/, flip(3))
    expect(await refused(image)).toMatch(/the config is not what it should be/)
    registry.next(/blobs/, (reply) => ({ ...reply, body: reply.body.subarray(1) }))
    expect(await refused(image)).toMatch(/the config has \d+ bytes, not \d+/)
    registry.next(/blobs/, (reply) => ({ ...reply, body: Buffer.concat([reply.body, Buffer.from(' ')]) }))
    expect(await refused(image)).toMatch(/the config has \d+ bytes, not \d+/)
  })

  test('a manifest of an index with another size than it says', async () => {
    const ours = registry.addImage('a/web', 'ours', LAYERS)
    const manifests = [{ mediaType: ours.mediaType, digest: ours.digest, size: ours.size + 1 }]
    registry.addManifest('a/web', '2', { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests }, MediaType.ociIndex)
    expect(await refused(`${registry.address}/a/web:2`)).toMatch(/the manifest has \d+ bytes/)
  })
})

describe('S56 and S61 on the wire', () => {
  test('an image that comes as an index is refused', async () => {
    registry.always(/manifests/, headers({ 'content-type': MediaType.ociIndex }))
    expect(await refused(image)).toMatch(/can be read in two ways/)
  })

  test('more than 4 MiB of a manifest are not taken, also when nobody says how many come', async () => {
    const bomb: Parameters<typeof registry.next>[1] = () => ({ status: 200, headers: {}, body: Buffer.alloc(5 << 20, 32) })
    registry.next(/manifests/, bomb)
    expect(await refused(image)).toMatch(/sends more than 4194304 bytes/)
    registry.next(/manifests/, (reply, seen) => ({
      ...bomb(reply, seen),
      headers: { 'content-length': [], 'transfer-encoding': 'chunked' },
    }))
    expect(await refused(image)).toMatch(/sends more than 4194304 bytes/)
  })
})

describe('S57: foreign layers', () => {
  const foreign = (urls: string[]) => ({
    layers: [{ mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', urls, ...registry.addBlob(LAYERS[0]!) }],
  })

  test('are refused when they lie elsewhere, and nobody is asked there', async () => {
    const elsewhere = await FaultyRegistry.start()
    registry.addImage('a/foreign', '1', [LAYERS[0]!], {}, foreign([`${elsewhere.url}/layer`]))
    expect(await refused(`${registry.address}/a/foreign:1`)).toMatch(
      new RegExp(`does not lie in the registry but at ${elsewhere.address}`),
    )
    expect(elsewhere.seen).toEqual([])
    await elsewhere.stop()
  })

  test('come from the registry like others when they lie there', async () => {
    registry.addImage('a/foreign', '1', [LAYERS[0]!], {}, foreign([]))
    expect((await pull(`${registry.address}/a/foreign:1`)).layers).toEqual([DIGESTS[0]])
  })

  test('urls of other layers are not looked at', async () => {
    const layer = {
      mediaType: 'application/vnd.oci.image.layer.v1.tar',
      urls: ['http://127.0.0.1:1/x'],
      ...registry.addBlob(LAYERS[0]!),
    }
    registry.addImage('a/urls', '1', [LAYERS[0]!], {}, { layers: [layer] })
    expect((await pull(`${registry.address}/a/urls:1`)).layers).toEqual([DIGESTS[0]])
  })
})

describe('S58: redirects', () => {
  let elsewhere: FaultyRegistry
  beforeEach(async () => {
    elsewhere = await FaultyRegistry.start()
    for (const layer of LAYERS) elsewhere.addBlob(layer)
    registry.login = { basic: true, username: 'me', password: 'secret' }
  })
  afterEach(() => elsewhere.stop())
  const flags = () => ({
    dockerConfig: JSON.stringify({ auths: { [registry.address]: { username: 'me', password: 'secret' } } }),
  })

  test.each([301, 302, 303, 307, 308])('%i to another host: blobs come from there, and it is not told who asks', async (code) => {
    registry.always(new RegExp(`blobs/${DIGESTS[1]}`), redirect(`${elsewhere.url}/v2/x/blobs/${DIGESTS[1]}`, code))
    expect((await pull(image, { flags: flags() })).layers).toEqual(DIGESTS)
    expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([undefined])
    expect(registry.seen.some(({ authorization }) => authorization !== undefined)).toBe(true)
  })

  test('on the same host who asks is still told', async () => {
    const to = `/v2/a/web/blobs/${DIGESTS[1]}`
    registry.next(new RegExp(DIGESTS[0]!), redirect(`/v2/a/web/blobs/${DIGESTS[0]}`))
    expect((await pull(image, { flags: flags() })).layers).toEqual(DIGESTS)
    expect(registry.seen.filter(({ path }) => path === to).at(-1)?.authorization).toMatch(/^Basic /)
  })

  test('five are followed, six are not', async () => {
    registry.login = undefined
    const again = redirect(`/v2/a/web/manifests/1`)
    registry.next(/manifests/, again, again, again, again, again)
    expect((await pull(image)).layers).toEqual(DIGESTS)
    registry.next(/manifests/, again, again, again, again, again, again)
    expect(await refused(image)).toMatch(/redirects more than 5 times/)
  })

  test.each(['ftp://127.0.0.1/x', 'file:///etc/passwd', '', 'http://user:password@127.0.0.1/'])(
    'to %j they are not followed',
    async (to) => {
      registry.login = undefined
      registry.always(/manifests/, redirect(to))
      const sentence = await refused(image)
      expect(sentence).toMatch(/which is not followed|redirects more than/)
      expect(sentence).not.toMatch('password@')
    },
  )
})

describe('S63: what breaks off, stalls or lies about its length', () => {
  const layer = new RegExp(`blobs/${DIGESTS[1]}`)
  const ranges = () => registry.seen.filter(({ path }) => layer.test(path)).map(({ range }) => range)

  test('is taken up where it broke off', async () => {
    registry.next(layer, cut(70_000), cut(50_000), cut(0))
    expect((await pull(image)).layers).toEqual(DIGESTS)
    const [first, second, third, ...rest] = ranges()
    expect(first).toBeUndefined()
    // What the kernel still held when the connection ended may be lost.
    const from = (range: string | undefined): number => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
    expect(from(second)).toBeLessThanOrEqual(70_000)
    expect(from(third)).toBeGreaterThanOrEqual(from(second))
    expect(rest.length).toBeGreaterThan(0)
  })

  test('is sent again from its start by who knows no ranges, and what is here already is left out', async () => {
    registry.ranges = false
    registry.next(layer, cut(70_000))
    expect((await pull(image)).layers).toEqual(DIGESTS)
  })

  test('counts as broken when nothing comes for the stall timeout', async () => {
    registry.next(layer, hold(1000))
    registry.next(/manifests/, hold(5))
    expect((await pull(image, { changes: { stallTimeout: 1000 } })).layers).toEqual(DIGESTS)
  })

  test('is given up when it never gets on', async () => {
    registry.always(layer, cut(0))
    expect(await refused(image)).toMatch(/broke off|cannot be reached/)
  })

  test.each([
    ['a longer Content-Length', (body: Buffer) => ({ 'content-length': String(body.length + 5) })],
    ['a shorter one', (body: Buffer) => ({ 'content-length': String(body.length - 5) })],
  ])('%s than the manifest says is refused', async (_, lie) => {
    registry.always(layer, (reply) => ({ ...reply, headers: lie(reply.body), cut: 100 }))
    expect(await refused(image)).toMatch(/sends \d+ bytes where 300000 are missing/)
  })

  test('more bytes than there are, by who says nothing of their count, are not taken', async () => {
    const headers = { 'content-length': [], 'transfer-encoding': 'chunked' }
    registry.always(layer, () => ({ status: 200, headers, body: Buffer.concat([LAYERS[1]!, LAYERS[1]!]) }))
    expect(await refused(image)).toMatch(/sends more than \d+ bytes/)
  })

  test.each(['bytes 1-299999/300000', 'bytes 60000-60001/300000', 'bytes 0-299999/7', 'x'])(
    'Content-Range %j in answer to another is refused',
    async (range) => {
      registry.next(layer, cut(70_000))
      registry.always(layer, headers({ 'content-range': range }))
      expect(await refused(image)).toMatch(/was asked for bytes from \d+ on, and sends/)
    },
  )
})

describe('back-off (9-068)', () => {
  test.each([500, 502, 503, 504, 429])('%i is tried again', async (code) => {
    registry.next(/manifests/, status(code), status(code, { 'retry-after': '0' }))
    registry.next(/blobs/, status(code))
    expect((await pull(image)).layers).toEqual(DIGESTS)
  })

  test('too many requests are told with what to do, at once when the wait is long', async () => {
    registry.always(/manifests/, status(429, { 'retry-after': '3600' }, '{"errors":[{"code":"TOOMANYREQUESTS"}]}'))
    expect(await refused(image)).toMatch(
      /too many requests from here \(429, toomanyrequests\); wait, put a login .* or name a mirror/,
    )
    expect(registry.paths()).toHaveLength(1)
  })

  test('it ends', async () => {
    registry.always(/manifests/, status(503, {}, '<html>'))
    expect(await refused(image)).toMatch(`answers 503 for a/web:1`)
    expect(registry.paths()).toHaveLength(3)
  })

  test('what will not get better is asked once', async () => {
    for (const code of [400, 403, 404, 405]) {
      registry.next(/manifests/, status(code))
      await refused(image)
    }
    expect(registry.paths()).toHaveLength(4)
  })
})
