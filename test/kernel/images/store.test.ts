import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LayerSource, StoredImage } from '#containerizer/images/image.js'
import { packagedAssets } from '#host/addon.js'
import type { Archives } from '#host/archives.js'
import { openRealArchives } from '#host/real-archives.js'
import { type Bundle, bundle } from '../../support/bundle.js'
import { deferred } from '../../support/fake-archives.js'
import { StorePlace } from '../../support/store-place.js'
import type { StoreOrders } from './store-process.js'
import { webLayers } from './web-image.js'

let program: Bundle
let place: StorePlace
let archives: Archives

beforeAll(async () => {
  program = await bundle(new URL('./store-process.ts', import.meta.url))
})
afterAll(() => program.dispose())
beforeEach(async () => {
  place = await StorePlace.prepare()
  archives = openRealArchives()
  place.provider.add('web:latest', webLayers(place.provider))
})
afterEach(async () => {
  await place.dispose()
  await archives.close()
})

/** What a container would see: through an overlay of the kernel's own. */
function inOverlay<T>(image: StoredImage, look: (root: string) => T): T {
  const root = join(place.directory, 'merged')
  spawnSync('mkdir', ['-p', root])
  const mounted = spawnSync('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${image.layers.join(':')}`, root])
  if (mounted.status !== 0) throw new Error(mounted.stderr.toString())
  try {
    return look(root)
  } finally {
    spawnSync('umount', [root])
  }
}

function expectWeb(image: StoredImage): void {
  inOverlay(image, (root) => {
    expect(existsSync(join(root, 'etc/hosts'))).toBe(false)
    expect(statSync(join(root, 'etc/name'))).toMatchObject({ uid: 7, gid: 8 })
    expect(readFileSync(join(root, 'usr/share/199'), 'utf8')).toHaveLength(2000)
    expect(readFileSync(join(root, 'usr/share/last'), 'utf8')).toBe('last\n')
    // Of a directory that the last layer only implies it must not change anything.
    expect(statSync(join(root, 'usr/share')).mode & 0o777).toBe(0o711)
  })
}

test('fifty containers that want one image at once bring each of its layers once, and see it as one tree', async () => {
  await place.open({ archives })
  const images = await Promise.all(Array.from({ length: 50 }, (_, i) => place.get('web', { container: `c${i}` })))
  expect(place.provider.opened).toBe(4)
  expect(new Set(images.map(({ layers }) => layers.join())).size).toBe(1)
  expectWeb(images[0]!)
})

const POINTS = [
  'layer-unpacked',
  'layer-recorded',
  'layer-recorded:kill:4',
  'layer-shelved',
  'layer-shelved:kill:3',
  'layer-adopted',
  'pulled',
  'recorded',
  'leased',
  'flushed',
  'durable',
  'forgotten',
  'layer-removed',
  'layer-removed:kill:4',
  'trash',
].map((point) => `image.${point}`)

describe('an agent that is killed', () => {
  const run = async (orders: Partial<StoreOrders>, fault: string): Promise<void> => {
    const all: StoreOrders = { directory: place.root, addon: packagedAssets().addon, bootId: place.bootId, ...orders }
    const child = spawn(process.execPath, [program.file, JSON.stringify(all)], {
      env: { ...program.env, MESETA_FAULT: fault },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines: string[] = []
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line)
      if (line !== 'pruned') child.kill('SIGKILL')
    })
    const [, signal] = await once(child, 'close')
    expect([signal, ...lines.filter((line) => line !== 'stalled' && line !== 'pruned')]).toEqual(['SIGKILL'])
  }

  const clean = async (): Promise<void> => {
    expect(await place.names('staging')).toEqual([])
    await vi.waitFor(async () => expect(await place.names('trash')).toEqual([]), { timeout: 20_000 })
  }

  test.each(POINTS)('at %s leaves nothing half, and the next one has the image', async (point) => {
    await run({}, point.includes(':') ? point : `${point}:kill`)
    await place.open({ archives })
    await clean()
    expectWeb(await place.get('web'))
    expect(await place.names('layers')).toHaveLength(4)
  })

  test.each(POINTS)('at %s with all the host leaves nothing half either', async (point) => {
    await run({}, point.includes(':') ? point : `${point}:kill`)
    place.bootId = 'boot-2'
    const store = await place.open({ archives })
    await clean()
    const known = (await store.list()).length
    expect(await place.names('layers')).toHaveLength(known * 4)
    expectWeb(await place.get('web'))
    expect(place.provider.resolved).toBe(1 - known)
  })

  test('in the middle of a layer loses that layer only', async () => {
    await run({ stall: true }, '')
    await place.open({ archives })
    await clean()
    const here = (await place.names('layers')).length
    expectWeb(await place.get('web'))
    expect(place.provider.opened).toBe(4 - here)
  })
})

describe('on a small disk', () => {
  let disk: string
  beforeEach(async () => {
    disk = join(place.directory, 'disk')
    await mkdir(disk)
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'small', disk]).status).toBe(0)
  })
  afterEach(async () => {
    await (await place.open({ archives })).close()
    spawnSync('umount', [disk])
  })
  const free = () => Number(spawnSync('stat', ['-f', '-c', '%a', disk]).stdout)
  const emptied = () => vi.waitFor(() => expect(free()).toBeGreaterThan(4000), { timeout: 20_000 })

  test('what says that it is too large does not come at all', async () => {
    place.provider.add('large:1', [{ ...webLayers(place.provider)[0]!, size: 20 * 2 ** 20 }])
    await place.open({ archives, directory: join(disk, 'store') })
    await expect(place.get('large:1')).rejects.toThrow(
      /^at least 20971520 bytes are needed in \/.*disk\/store, where \d+ are free/,
    )
    expect(place.provider.opened).toBe(0)
  })

  test('what turns out to be too large is stopped, and leaves nothing', async () => {
    place.provider.add('bomb:1', [place.provider.tar([{ name: 'zero', content: Buffer.alloc(40 * 2 ** 20) }])])
    await place.open({ archives, directory: join(disk, 'store') })
    await expect(place.get('bomb:1')).rejects.toThrow(/^layer \w{12} of image bomb:1 could not be had: /)
    await emptied()
  })

  test('images that nobody uses make room for one that is wanted, if they may', async () => {
    const noise = (name: string, mebibytes: number) =>
      place.provider.add(name, [place.provider.tar([{ name: 'noise', content: randomBytes(mebibytes * 2 ** 20) }])])
    for (const [name, size] of [
      ['old:1', 4],
      ['used:1', 4],
      ['large:1', 9],
    ] as const)
      noise(name, size)
    const gc = { headroom: 0, interval: 3_600_000, excluded: [] }
    const open = { archives, directory: join(disk, 'store') }
    await place.open(open)
    await place.get('old:1')
    await place.get('used:1', { container: 'c1' })
    await expect(place.get('large:1')).rejects.toThrow(/^at least 9\d+ bytes are needed/)
    const store = await place.open({ ...open, gc }, ['c1'])
    await place.get('large:1')
    expect((await store.list()).map(({ name }) => name)).toEqual(['large:1', 'used:1'])
  })

  test('a disk that others fill meanwhile fails the image with that reason, and leaves nothing', async () => {
    const gate = deferred()
    const layer = place.provider.tar([{ name: 'zero', content: Buffer.alloc(8 * 2 ** 20) }])
    place.provider.add('late:1', [
      { ...layer, open: (from, abort) => gate.promise.then(() => layer.open!(from, abort)) } as LayerSource,
    ])
    await place.open({ archives, directory: join(disk, 'store') })
    const coming = place.get('late:1')
    const failed = expect(coming).rejects.toThrow(/no space left on device/i)
    await vi.waitFor(() => expect(place.provider.resolved).toBe(1), { timeout: 20_000 })
    await writeFile(join(disk, 'other'), Buffer.alloc(14 * 2 ** 20))
    gate.resolve()
    await failed
    await rm(join(disk, 'other'))
    await emptied()
    place.provider.add('late:1', [layer])
    expect((await place.get('late:1')).layers).toHaveLength(1)
  })
})
