import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TransferGroup } from '#containerizer/transfers.js'
import { deferred } from '../../../support/fake-archives.js'
import { StorePlace, wanted } from '../../../support/store-place.js'

vi.setConfig({ testTimeout: 60_000 })
const soon = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 30_000 })

let place: StorePlace
beforeEach(async () => {
  place = await StorePlace.prepare()
})
afterEach(() => place.dispose())

const layer = (name: string, content = name) => place.provider.layer({ files: { [name]: content } })

test('an image is its layers, topmost first, with what they hold', async () => {
  place.provider.add('web:latest', [layer('low'), layer('high')])
  await place.open()
  const image = await place.get('web')
  expect(image).toMatchObject({ name: 'web:latest', config: { command: ['run'] }, bytes: 7 })
  expect(await Promise.all(image.layers.map((path, i) => readFile(join(path, ['high', 'low'][i]!), 'utf8')))).toEqual([
    'high',
    'low',
  ])
})

test('the same image wanted fifty times at once is brought once', async () => {
  place.provider.add('web:latest', [layer('a'), layer('b'), layer('c')])
  const store = await place.open()
  const images = await Promise.all(Array.from({ length: 50 }, (_, i) => place.get('web', { container: `c${i}` })))
  expect([place.provider.resolved, place.provider.opened]).toEqual([1, 3])
  expect(new Set(images.map(({ layers }) => layers.join())).size).toBe(1)
  expect((await store.list())[0]!.containers).toHaveLength(50)
})

test('layers that images share come once, also when all come together', async () => {
  place.provider.add('a:1', [layer('base'), layer('a')])
  place.provider.add('b:1', [layer('base'), layer('b')])
  await place.open()
  const [a, b] = await Promise.all([place.get('a:1'), place.get('b:1')])
  expect(place.provider.opened).toBe(3)
  expect(a.layers.at(-1)).toBe(b.layers.at(-1))
})

test('no more layers come at a time than are allowed, over all images', async () => {
  for (const name of ['a:1', 'b:1'])
    place.provider.add(
      name,
      [1, 2, 3, 4].map((i) => layer(`${name}${i}`)),
    )
  await place.open({ maximum: 3 })
  await Promise.all([place.get('a:1'), place.get('b:1')])
  expect(place.archives.mostOpen).toBe(3)
  expect(place.archives.unpacked).toHaveLength(8)
})

test('a cached image needs no registry, by any of its names', async () => {
  place.provider.add('web:latest', [layer('a')])
  await place.open()
  await place.get('web')
  place.provider.down = true
  expect((await place.get('web:latest')).name).toBe('web:latest')
  await place.open()
  expect((await place.get('web')).name).toBe('web:latest')
})

test('who wants it fresh gets what is new, brings only that, and is told when nobody answers that an older one is here', async () => {
  place.provider.add('web:latest', [layer('a'), layer('old')])
  await place.open()
  await place.get('web')
  place.provider.add('web:latest', [layer('a'), layer('new')])
  const image = await place.get(wanted('web', { cached: false }))
  expect(await readFile(join(image.layers[0]!, 'new'), 'utf8')).toBe('new')
  expect(place.provider.opened).toBe(3)
  place.provider.down = true
  await expect(place.get(wanted('web', { cached: false }))).rejects.toThrow(
    'registry does not answer for web; an older web:latest is on this agent',
  )
})

test('of a layer that an image has twice the upper one counts; empty ones are no directories', async () => {
  const empty = place.provider.layer({ files: {} })
  place.provider.add('web:latest', [layer('a'), empty, layer('b'), layer('a')])
  place.provider.add('void:latest', [empty])
  await place.open()
  const image = await place.get('web')
  expect(
    await Promise.all(
      image.layers.map(
        async (path) =>
          await readFile(join(path, 'a')).then(
            () => 'a',
            () => 'b',
          ),
      ),
    ),
  ).toEqual(['a', 'b'])
  expect((await place.get('void')).layers).toHaveLength(1)
})

test('a layer that implies directories is made like those below it, once for each image in which others are', async () => {
  const shared = place.provider.layer({ files: { shared: 's' }, implied: ['usr'] })
  place.provider.add('a:1', [layer('a'), shared])
  place.provider.add('b:1', [layer('b'), shared])
  place.provider.add('c:1', [layer('b'), shared, layer('c')])
  await place.open()
  const images = await Promise.all(['a:1', 'b:1', 'c:1'].map((name) => place.get(name)))
  const bottoms = images.map(({ layers }) => layers.at(-1))
  expect(images.map(({ layers }) => layers.at(-2))).toHaveLength(3)
  const adopted = await Promise.all(images.map(({ layers }) => readFile(join(layers.at(-2)!, '.adopted'), 'utf8')))
  expect(adopted).toEqual(bottoms)
  expect(images[1]?.layers.at(-2)).toBe(images[2]?.layers.at(-2))
  expect(place.archives.adopted.map(({ implied }) => implied)).toEqual([['usr'], ['usr']])
  expect(await place.names('staging')).toEqual([])
  const opened = place.provider.opened
  place.provider.add('d:1', [layer('a'), shared, layer('d')])
  await place.get('d:1')
  expect(place.provider.opened - opened).toBe(1)
})

test('of an image in which one layer hides all below it only what is above counts', async () => {
  const hiding = place.provider.layer({ files: { b: 'b' }, hidesBelow: true })
  place.provider.add('web:latest', [layer('a'), hiding, layer('c')])
  await place.open()
  const has = async () => Promise.all((await place.get('web')).layers.map((path) => readdir(path)))
  expect(await has()).toEqual([['c'], ['b']])
  place.provider.down = true
  await place.open()
  expect(await has()).toEqual([['c'], ['b']])
})

test('one who gives up does not end it for the others; when the last one does, nothing is left', async () => {
  place.provider.add('web:latest', [layer('a')])
  await place.open()
  const gate = deferred()
  place.archives.gate = gate.promise
  const [one, other] = [new AbortController(), new AbortController()]
  const first = place.get('web', { abort: one.signal })
  const second = place.get('web', { abort: other.signal })
  await soon(() => expect(place.archives.open).toBe(1))
  one.abort(new Error('the task was killed'))
  await expect(first).rejects.toThrow('the task was killed')
  expect(place.archives.open).toBe(1)
  other.abort(new Error('the task was killed'))
  await expect(second).rejects.toThrow('the task was killed')
  await soon(() => expect(place.archives.open).toBe(0))
  await soon(async () => expect([await place.names('staging'), await place.names('layers')]).toEqual([[], []]))
  gate.resolve()
  expect((await place.get('web')).layers).toHaveLength(1)
})

test('one who waits for the layer of another image goes on when that image is given up', async () => {
  place.provider.add('a:1', [layer('base'), layer('a')])
  place.provider.add('b:1', [layer('base')])
  await place.open()
  const gate = deferred()
  place.archives.gate = gate.promise
  const control = new AbortController()
  const a = place.get('a:1', { abort: control.signal })
  await soon(() => expect(place.archives.open).toBe(2))
  const b = place.get('b:1')
  await soon(() => expect(place.provider.resolved).toBe(2))
  control.abort(new Error('enough'))
  await expect(a).rejects.toThrow('enough')
  gate.resolve()
  expect((await b).layers).toHaveLength(1)
})

test('who had to wait for an attempt that failed makes his own: it may have had other rights', async () => {
  const gate = deferred()
  const denied = async () => {
    await gate.promise
    throw new Error('401')
  }
  place.provider.add('a:1', [{ ...layer('base'), open: denied }])
  place.provider.add('b:1', [layer('base')])
  await place.open()
  const a = place.get('a:1')
  await soon(() => expect(place.archives.open).toBe(1))
  const b = place.get('b:1')
  await soon(() => expect(place.provider.resolved).toBe(2))
  gate.resolve()
  await expect(a).rejects.toThrow(/^layer \w{12} of image a:1 could not be had: 401$/)
  expect((await b).layers).toHaveLength(1)
})

test('a body that breaks off is opened again where it broke; one that only ever breaks off fails', async () => {
  const whole = layer('a', 'x'.repeat(1000))
  const opens: number[] = []
  const flaky = async (from: number, abort: AbortSignal) => {
    opens.push(from)
    const body = await whole.open!(from, abort)
    return (async function* () {
      for await (const chunk of body) {
        yield chunk.subarray(0, 100)
        throw new Error('connection reset')
      }
    })()
  }
  const silent = async () => (async function* () {})()
  place.provider.add('a:1', [{ ...whole, open: flaky }])
  place.provider.add('b:1', [{ ...layer('b'), open: silent }])
  await place.open()
  await place.get('a:1')
  expect(opens.slice(0, 3)).toEqual([0, 100, 200])
  expect(opens.every((from, i) => i === 0 || from > opens[i - 1]!)).toBe(true)
  await expect(place.get('b:1')).rejects.toThrow('it broke off 5 times after 0 bytes: it ended too early')
})

test('wrong bytes leave nothing, and the other layers of the image need not come any more (S55)', async () => {
  const wrong = { ...layer('wrong'), open: layer('other').open! }
  const endless = async (_: number, abort: AbortSignal) =>
    (async function* () {
      await new Promise((_, reject) => abort.addEventListener('abort', () => reject(new Error('told to stop'))))
      yield Buffer.alloc(0)
    })()
  place.provider.add('web:latest', [wrong, { ...layer('endless'), open: endless }])
  await place.open()
  await expect(place.get('web')).rejects.toThrow(
    /^layer \w{12} of image web:latest could not be had: it is sha256:\w+ in place of sha256:/,
  )
  await soon(async () => expect([await place.names('staging'), await place.names('layers')]).toEqual([[], []]))
  expect(await place.names('images')).toEqual([])
})

test('all who wait are told how far it is, and who comes later what was', async () => {
  const here = layer('here')
  place.provider.add('base:1', [here])
  const coming = layer('coming')
  place.provider.add('web:latest', [here, coming])
  await place.open()
  await place.get('base:1')
  const gate = deferred()
  place.archives.gate = gate.promise
  const groups = [new TransferGroup('one'), new TransferGroup('two')]
  const first = place.get('web', { transfers: groups[0] })
  await soon(() => expect(groups[0]?.list().map(({ phase }) => phase)).toEqual(['here', 'unpacking']))
  const second = place.get('web', { transfers: groups[1] })
  expect(groups[1]?.list()).toEqual(groups[0]?.list())
  gate.resolve()
  await Promise.all([first, second])
  const done = { kind: 'layer', phase: 'done', bytes: coming.size, total: coming.size }
  for (const group of groups) expect(group.list()[1]).toMatchObject(done)
  expect(place.metrics.snapshot().map(([name]) => name)).toContain('containerizer/mesos/provisioner/docker_store/image_pull_ms')
})

test('layers without names are told apart, and found to be the same in the end', async () => {
  const open = layer('a').open!
  place.provider.add('web:latest', [
    { open, whiteouts: true },
    { open, whiteouts: true },
  ])
  await place.open()
  const image = await place.get('web')
  expect(image.layers).toHaveLength(1)
  expect(await place.names('layers')).toEqual([basename(dirname(image.layers[0]!))])
})

test('directories that somebody else keeps are used as they are, as long as they are there', async () => {
  place.provider.add('a:1', [], { directories: [place.root] })
  place.provider.add('b:1', [], { directories: ['/nowhere/at/all'] })
  place.provider.add('c:1', [])
  await place.open()
  expect((await place.get('a:1')).layers).toEqual([place.root])
  await expect(place.get('b:1')).rejects.toThrow('directory /nowhere/at/all, of which image b:1 is made, does not exist')
  await expect(place.get('c:1')).rejects.toThrow('image c:1 has no layers and no directories')
  await expect(place.get(wanted('x', { kind: 'appc' }))).rejects.toThrow('nothing brings appc image "x"')
})
