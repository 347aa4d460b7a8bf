import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ACCEPTED_MANIFESTS } from '#containerizer/images/media-types.js'
import { TransferGroup } from '#containerizer/transfers.js'
import { cut, digestOf, FaultyRegistry, flip } from '../../support/faulty-registry.js'
import { missingPrograms, RealRegistry } from '../../support/real-registry.js'
import { tarOf } from '../../support/tar.js'
import { ImagePlace } from './place.js'

const missing = missingPrograms('docker-registry', 'skopeo', 'umoci')

describe.skipIf(missing.length > 0)(
  `containers from Debian’s docker-registry, as skopeo fills it (missing: ${missing.join(', ') || 'nothing'})`,
  () => {
    let directory: string
    let place: ImagePlace
    let registry: RealRegistry
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'meseta-registry-real-'))
      place = await ImagePlace.open()
      registry = await RealRegistry.start(directory)
    })
    afterAll(async () => {
      await place.close()
      await registry.stop()
      await rm(directory, { recursive: true })
    })

    const manifestOf = async (name: string): Promise<string> => {
      const url = `http://${name.replace('/', '/v2/').replace(/:([^:]*)$/, '/manifests/$1')}`
      return (await fetch(url, { headers: { accept: ACCEPTED_MANIFESTS } })).text()
    }

    test.each([
      ['oci', [], 'application/vnd.oci.image.config'],
      ['schema2', ['--format=v2s2'], 'application/vnd.docker.container.image'],
      ['zstd', ['--dest-compress-format=zstd'], 'tar+zstd'],
    ])('an image as %s; it starts again with the registry down', async (form, options, mark) => {
      const layout = await place.layout(`web-${form}`, { Env: ['FROM=image'] })
      const name = registry.push(layout, 'latest', `web/${form}:1`, ...options)
      expect(await manifestOf(name)).toContain(mark)
      expect((await place.run(name, 'echo $FROM; cat /etc/from')).stdout).toBe(`image\nweb-${form}\n`)
      await registry.stop()
      try {
        expect((await place.run(name, 'echo $FROM')).stdout).toBe('image\n')
      } finally {
        await registry.begin()
      }
    })

    test('what is not there is told to whoever wants it', async () => {
      await expect(place.run(`${registry.address}/web/none:1`, 'true')).rejects.toThrow(/has no web\/none:1 \(404\)/)
    })
  },
)

describe('layers of a registry that does not do right', () => {
  let place: ImagePlace
  let registry: FaultyRegistry
  beforeEach(async () => {
    place = await ImagePlace.open()
    registry = await FaultyRegistry.start()
  })
  afterEach(async () => {
    await place.close()
    await registry.stop()
  })
  const DATA = randomBytes(300_000)
  const tar = tarOf([{ name: 'data', content: DATA }])
  const get = () => {
    const image = { kind: 'docker', name: `${registry.address}/a/web:1`, cached: true } as const
    return place.workplace.containerizer!.images!.get(image, { abort: new AbortController().signal })
  }
  const inStore = async (): Promise<string[]> => {
    const parts = await Promise.all(['layers', 'images', 'staging'].map((part) => readdir(place.path('store', part))))
    return parts.flat()
  }

  test.each([
    ['a wrong byte where the compressed bytes begin', 3],
    ['one in the middle', 150_000],
    ['one in the last', -1],
  ])('S55: %s is refused, and nothing stays', async (_, at) => {
    const layer = gzipSync(tar)
    const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...registry.addBlob(layer) }]
    registry.addImage('a/web', '1', [tar], {}, { layers })
    registry.always(new RegExp(`blobs/${digestOf(layer)}`), flip(at < 0 ? layer.length + at : at))
    await expect(get()).rejects.toThrow(/digest|gzip|corrupt|not/i)
    await expect.poll(inStore).toEqual([])
  })

  test('S55: another archive than the config says is refused, and nothing stays', async () => {
    const other = tarOf([{ name: 'other', content: 'x' }])
    const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...registry.addBlob(other) }]
    registry.addImage('a/web', '1', [tar], {}, { layers })
    await expect(get()).rejects.toThrow(/digest|diff/i)
    await expect.poll(inStore).toEqual([])
  })

  test('S63: one that breaks off again and again is whole in the end', async () => {
    registry.addImage('a/web', '1', [tar])
    registry.next(new RegExp(`blobs/${digestOf(tar)}`), cut(1000), cut(100_000), cut(0))
    const { layers } = await get()
    expect(digestOf(await readFile(join(layers[0]!, 'data')))).toBe(digestOf(DATA))
  })
})

describe('a wrong byte of a mirror', () => {
  const DATA = randomBytes(300_000)
  const layers = [tarOf([{ name: 'data', content: DATA }]), tarOf([{ name: 'more', content: 'x'.repeat(100_000) }])]
  let mirrors: FaultyRegistry[]
  let registry: FaultyRegistry
  let place: ImagePlace
  beforeEach(async () => {
    ;[registry, ...mirrors] = (await Promise.all([1, 2, 3].map(() => FaultyRegistry.start()))) as [FaultyRegistry, FaultyRegistry]
    for (const each of [registry, ...mirrors]) each.addImage('a/web', '1', layers)
    const settings = { [registry.address]: { insecure: true, mirrors: mirrors.map(({ url }) => url) } }
    place = await ImagePlace.open(`--docker_registries=${JSON.stringify(settings)}`)
  })
  afterEach(async () => {
    await place.close()
    for (const each of [registry, ...mirrors]) await each.stop()
  })
  const lie = (...who: FaultyRegistry[]): void => {
    for (const each of who) for (const layer of layers) each.always(new RegExp(`blobs/${digestOf(layer)}`), flip(50_000))
  }
  const transfers = new TransferGroup('web')
  const get = () => {
    const image = { kind: 'docker', name: `${registry.address}/a/web:1`, cached: true } as const
    return place.workplace.containerizer!.images!.get(image, { abort: new AbortController().signal, transfers })
  }

  test.each([
    [1, 'the next mirror'],
    [2, 'the registry itself'],
  ])('of %i of two leaves the layer to %s, which is told', async (liars) => {
    lie(...mirrors.slice(0, liars))
    const image = await get()
    expect(digestOf(await readFile(join(image.layers.at(-1)!, 'data')))).toBe(digestOf(DATA))
    const asked = [...mirrors, registry].map((each) => each.paths().some((path) => path.includes(digestOf(layers[0]!))))
    expect(asked).toEqual([true, true, liars === 2])
    expect(transfers.list()[0]).toMatchObject({ phase: 'done', note: expect.stringMatching(/^comes from elsewhere.* digest .*/) })
  })

  test('and of the registry too is refused, and nothing stays', async () => {
    lie(...mirrors, registry)
    await expect(get()).rejects.toThrow(/digest/)
    await expect.poll(() => readdir(place.path('store', 'staging'))).toEqual([])
  })
})
