import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '#base/clock.js'
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
const names = async (store: Awaited<ReturnType<StorePlace['open']>>) => (await store.list()).map(({ name }) => name)

/** The host dies now, and all that was not on its disk is as good as lost. */
async function crashedHost(): Promise<void> {
  place.bootId += '+'
}

test('what is listed and inspected is what was brought', async () => {
  const [a, b] = [layer('a'), layer('b')]
  const image = place.provider.add('web:latest', [a, b], { manifest: Buffer.from('{}'), rawConfig: Buffer.from('{"a":1}') })
  const store = await place.open()
  await place.get('web', { container: 'c1' })
  const summary = { name: 'web:latest', digest: image.digest, bytes: 2, layers: 2, containers: ['c1'] }
  expect(await store.list()).toMatchObject([summary])
  for (const name of ['web', 'web:latest', image.digest, image.digest.slice(7, 19)]) {
    const details = await store.inspect(name)
    expect(details).toMatchObject({ ...summary, layerDigests: [a.digest, b.digest] })
    expect([details.manifest, details.rawConfig].map(String)).toEqual(['{}', '{"a":1}'])
  }
  await expect(store.inspect('other')).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND', http: 404 })
})

test('pruning leaves what containers use, what is excluded, and layers of those', async () => {
  for (const name of ['used:1', 'kept:1', 'old:1']) place.provider.add(name, [layer('base'), layer(name)])
  const store = await place.open()
  const used = await place.get('used:1', { container: 'c1' })
  const old = await place.get('old:1')
  await place.get('kept:1')
  expect(await store.prune(['kept:1'])).toEqual({ images: ['old:1'], layers: 1, bytes: 5 })
  expect(await names(store)).toEqual(['kept:1', 'used:1'])
  expect([...used.layers.map((path) => existsSync(path)), existsSync(old.layers[0]!)]).toEqual([true, true, false])
  await soon(async () => expect(await place.names('trash')).toEqual([]))
  store.release('c1')
  store.release('c1')
  expect(await store.prune([])).toMatchObject({ images: ['used:1', 'kept:1'], layers: 3 })
  expect([await place.names('layers'), await place.names('images')]).toEqual([[], []])
})

test('a lease counts before it is noted, also when that cannot be done', async () => {
  place.provider.add('web:latest', [layer('a')])
  const store = await place.open({ noteOf: (container) => join(place.root, 'absent', container) })
  const { layers } = await store.get(wanted('web'), { container: 'c1', abort: new AbortController().signal })
  expect(() => store.note('c1')).toThrow(/ENOENT/)
  await store.prune([])
  expect(existsSync(layers[0]!)).toBe(true)
  store.release('c1')
  expect(() => store.note('c1')).not.toThrow()
})

test('a container keeps the layers that it has when its name stands for something newer', async () => {
  place.provider.add('web:latest', [layer('old')])
  const store = await place.open()
  const old = await place.get('web', { container: 'c1' })
  place.provider.add('web:latest', [layer('new')])
  await place.get(wanted('web', { cached: false }))
  await store.prune([])
  expect(existsSync(old.layers[0]!)).toBe(true)
  store.release('c1')
  await store.prune([])
  expect(existsSync(old.layers[0]!)).toBe(false)
})

test('an agent that comes back learns what a container has, whatever its name stands for by then', async () => {
  place.provider.add('web:latest', [layer('old')], { config: { user: '7' } })
  await place.open()
  const old = await place.get('web', { container: 'c1' })
  place.provider.add('web:latest', [layer('new')])
  await place.get(wanted('web', { cached: false }), { container: 'c2' })
  const store = await place.open({}, ['c1'])
  expect(await store.held('c1', wanted('web:latest', { cached: false }))).toEqual(old)
  expect(await store.held('c1', wanted('other'))).toBeUndefined()
  expect(await store.held('c2', wanted('web'))).toBeUndefined()
})

test('nothing that comes just now is removed, nor what it stands on', async () => {
  place.provider.add('base:1', [layer('base')])
  place.provider.add('web:latest', [layer('base'), layer('web')])
  const store = await place.open()
  await place.get('base:1')
  const gate = deferred()
  place.archives.gate = gate.promise
  const coming = place.get('web')
  await soon(() => expect(place.archives.open).toBe(1))
  await store.prune([])
  gate.resolve()
  const image = await coming
  expect(image.layers.map((path) => existsSync(path))).toEqual([true, true])
  expect(place.provider.opened).toBe(2)
})

test('a full disk loses the images first that were used longest ago, and no more than it must', async () => {
  for (const name of ['a:1', 'b:1', 'c:1', 'held:1']) place.provider.add(name, [layer(name)])
  const interval = 3_600_000
  let now = 1000
  let due: (() => void) | undefined
  const clock = {
    now: () => now,
    at: (at: number, callback: () => void) => {
      if (at - now < interval) return systemClock.at(0, callback)
      due = callback
      return () => {}
    },
  }
  const gc = { headroom: 0, interval, excluded: ['b:1'] }
  const store = await place.open({ clock, gc })
  await place.get('held:1', { container: 'c1' })
  for (const name of ['a:1', 'b:1', 'c:1']) {
    now += 1000
    await place.get(name)
  }
  now += 1000
  await place.get('a:1')
  const next = due
  next?.()
  await soon(() => expect(due).not.toBe(next))
  expect(await names(store)).toHaveLength(4)
  gc.headroom = 1e-9 + 1
  due?.()
  await soon(async () => expect(await names(store)).toEqual(['b:1', 'held:1']))
})

test('the next agent of this boot finds all, and who uses it', async () => {
  place.provider.add('web:latest', [layer('a'), layer('b')])
  await place.open()
  const before = await place.get('web', { container: 'c1' })
  await place.get('web', { container: 'gone' })
  const store = await place.open({}, ['c1'])
  expect(await store.list()).toMatchObject([{ name: 'web:latest', containers: ['c1'] }])
  expect(await place.get('web')).toEqual(before)
  expect(place.provider.resolved).toBe(1)
})

test('half-brought layers, unreadable records and rubbish of earlier agents are removed', async () => {
  place.provider.add('web:latest', [layer('a')])
  place.provider.add('bad:1', [layer('bad')])
  let store = await place.open()
  await place.get('web')
  const bad = await place.get('bad:1')
  await store.close()
  await mkdir(join(place.root, 'staging/half/root'), { recursive: true })
  await mkdir(join(place.root, 'layers/strange/root'), { recursive: true })
  await writeFile(join(place.root, 'images/strange.json'), '{"version":1')
  await writeFile(join(bad.layers[0]!, '../layer.json'), '')
  store = await place.open()
  expect(await names(store)).toEqual(['web:latest'])
  expect([(await place.names('layers')).length, (await place.names('images')).length, await place.names('staging')]).toEqual([
    1,
    1,
    [],
  ])
  await soon(async () => expect(await place.names('trash')).toEqual([]))
})

test('after a crash of the host only images count that were on the disk, and layers of those', async () => {
  place.provider.add('safe:1', [layer('base'), layer('safe')])
  place.provider.add('lost:1', [layer('base'), layer('lost')])
  await place.open()
  await place.get('safe:1')
  await soon(async () => expect(await recordOf('safe:1')).toMatchObject({ durable: true }))
  place.archives.flushGate = new Promise(() => {})
  await place.get('lost:1')
  await soon(() => expect(place.archives.flushes).toBe(2))
  await crashedHost()
  const store = await place.open()
  expect(await names(store)).toEqual(['safe:1'])
  expect(await place.names('layers')).toHaveLength(2)
  place.archives.flushGate = Promise.resolve()
  await place.get('lost:1')
  expect(place.provider.opened).toBe(4)
})

async function recordOf(name: string): Promise<unknown> {
  const files = await place.names('images')
  const records = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(place.root, 'images', file), 'utf8'))),
  )
  return records.find((record) => record.name === name)
}

test('what was not on the disk when an agent ended is brought there by the next one', async () => {
  place.provider.add('web:latest', [layer('a')])
  place.archives.flushGate = new Promise(() => {})
  await place.open()
  await place.get('web')
  place.archives.flushGate = Promise.resolve()
  await place.open()
  await soon(async () => expect(await recordOf('web:latest')).toMatchObject({ durable: true }))
})

test('a store that was closed writes nothing any more: what was being written is whole by then', async () => {
  place.provider.add('web:latest', [layer('a')])
  const gate = deferred()
  place.archives.flushGate = gate.promise
  const store = await place.open()
  await place.get('web')
  await soon(() => expect(place.archives.flushes).toBe(1))
  gate.resolve()
  // The image's mark begins to be written.
  await setImmediate()
  await store.close()
  expect(await place.names('images')).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.json$/)])
  expect(await recordOf('web:latest')).toMatchObject({ durable: true })
})

test('a layer that somebody removed by hand is brought again', async () => {
  place.provider.add('web:latest', [layer('a')])
  await place.open()
  const image = await place.get('web')
  await rm(join(image.layers[0]!, '..'), { recursive: true })
  expect(existsSync((await place.get('web')).layers[0]!)).toBe(true)
  await rm(image.layers[0]!, { recursive: true })
  expect(await readFile(join((await place.get('web')).layers[0]!, 'a'), 'utf8')).toBe('a')
})

test('an agent that ends lets go of what comes, and leaves nothing half done', async () => {
  place.provider.add('web:latest', [layer('a')])
  const store = await place.open()
  place.archives.gate = new Promise(() => {})
  const coming = place.get('web')
  await soon(() => expect(place.archives.open).toBe(1))
  const ended = expect(coming).rejects.toThrow('the agent ends')
  await store.close()
  await ended
  expect([await place.names('staging'), place.archives.open]).toEqual([[], 0])
  await expect(place.get('web')).rejects.toThrow('the agent ends')
})

test('other users get nowhere near the files, whatever the umask and the mode before (S75)', async () => {
  const before = process.umask(0)
  try {
    await mkdir(place.root, { mode: 0o777 })
    await chmod(place.root, 0o777)
    place.provider.add('web:latest', [layer('a')])
    await place.open()
    const image = await place.get('web', { container: 'c1' })
    const parts = ['', 'layers', 'staging', 'images', 'trash'].map((name) => join(place.root, name))
    const modes = await Promise.all([...parts, join(image.layers[0]!, '..')].map(async (path) => (await stat(path)).mode & 0o777))
    expect(modes).toEqual(modes.map(() => 0o700))
  } finally {
    process.umask(before)
  }
})

test('two agents do not share a store', async () => {
  await place.open()
  const other = await StorePlace.prepare()
  await expect(other.open({ directory: place.root })).rejects.toThrow('another agent keeps its images there')
  await rm(other.directory, { recursive: true })
})
