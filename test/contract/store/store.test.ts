import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { EmbeddedStore } from '#store/embedded.js'
import { MemoryStore } from '#store/memory.js'
import { MAX_KEY_SIZE, type Store } from '#store/store.js'

/** A driver: how to open a store, and the same one again after it was closed. */
interface Driver {
  open(): Promise<Store>
  dispose(): Promise<void>
}

const drivers: Record<string, () => Promise<Driver>> = {
  memory: async () => {
    const disk = new Map<string, Buffer>()
    return { open: async () => new MemoryStore(disk), dispose: async () => {} }
  },
  embedded: async () => {
    const path = await mkdtemp(join(tmpdir(), 'meseta-store-'))
    return {
      open: async () => new EmbeddedStore({ path: join(path, 'deep', 'store') }),
      dispose: () => rm(path, { recursive: true }),
    }
  },
}

const put = (key: string, value: string) => ({ put: key, value: Buffer.from(value) })
const text = (value: Buffer | undefined) => value?.toString()

describe.each(Object.entries(drivers))('%s', (_name, make) => {
  const cleanups: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })

  async function driver(): Promise<{ open(): Promise<Store> }> {
    const made = await make()
    cleanups.push(() => made.dispose())
    return {
      async open() {
        const store = await made.open()
        cleanups.push(() => store.close())
        return store
      },
    }
  }
  const opened = async () => (await driver()).open()

  test('a key that was never written is undefined, one that was is its bytes', async () => {
    const store = await opened()
    expect(await store.get('a')).toBeUndefined()
    const bytes = Buffer.from([0, 255, 10, 0])
    await store.write([{ put: 'a', value: bytes }])
    expect(await store.get('a')).toEqual(bytes)
  })

  test('a value may be empty, and is then not absent', async () => {
    const store = await opened()
    await store.write([put('a', '')])
    expect(await store.get('a')).toEqual(Buffer.alloc(0))
    expect(await store.range('a')).toHaveLength(1)
  })

  test('a range has exactly the keys with the prefix, in byte order', async () => {
    const store = await opened()
    const keys = ['agents/2', 'agents/10', 'agents/é', 'agents/\u{1f600}', 'agents/\uffee', 'agents', 'agents0', 'agent/1', 'b']
    await store.write(keys.map((key) => put(key, key)))
    const under = await store.range('agents/')
    expect(under.map((entry) => entry.key)).toEqual(['agents/10', 'agents/2', 'agents/é', 'agents/\uffee', 'agents/\u{1f600}'])
    expect(under.every((entry) => text(entry.value) === entry.key)).toBe(true)
    expect((await store.range('')).map((entry) => entry.key)).toHaveLength(keys.length)
    expect(await store.range('none')).toEqual([])
  })

  test('a key that ends with the highest byte is in the range of its prefix', async () => {
    const store = await opened()
    await store.write([put('a\u{10ffff}\u{10ffff}', '1'), put('b', '2')])
    expect((await store.range('a')).map((entry) => text(entry.value))).toEqual(['1'])
    expect((await store.range('a\u{10ffff}')).map((entry) => text(entry.value))).toEqual(['1'])
  })

  test('changes happen in their order, writes in the order of the calls', async () => {
    const store = await opened()
    await store.write([put('a', '1'), { delete: 'a' }, put('a', '2'), { delete: 'none' }])
    expect(text(await store.get('a'))).toBe('2')
    const writes = Array.from({ length: 200 }, (_, i) =>
      store.write([put('last', String(i)), i % 2 ? put('odd', String(i)) : { delete: 'odd' }]),
    )
    await Promise.all(writes)
    expect([text(await store.get('last')), text(await store.get('odd'))]).toEqual(['199', '199'])
  })

  test('a write of nothing resolves', async () => {
    const store = await opened()
    await store.write([])
    expect(await store.range('')).toEqual([])
  })

  test('a write with a key that cannot be changes nothing and says why', async () => {
    const store = await opened()
    for (const bad of ['', `${'é'.repeat(MAX_KEY_SIZE / 2)}x`]) {
      await expect(store.write([put('good', '1'), put(bad, '2')])).rejects.toMatchObject({ code: 'STORE_BAD_KEY' })
      await expect(store.get(bad)).rejects.toMatchObject({ code: 'STORE_BAD_KEY' })
    }
    expect(await store.get('good')).toBeUndefined()
    const longest = 'é'.repeat(MAX_KEY_SIZE / 2)
    await store.write([put(longest, 'fits')])
    expect(text(await store.get(longest))).toBe('fits')
  })

  test('values of 8 MiB and 5,000 keys in one write are taken', async () => {
    const store = await opened()
    const large = Buffer.alloc(8 << 20, 'x')
    await store.write([{ put: 'large', value: large }, ...Array.from({ length: 5_000 }, (_, i) => put(`many/${i}`, String(i)))])
    expect((await store.get('large'))?.equals(large)).toBe(true)
    expect(await store.range('many/')).toHaveLength(5_000)
  })

  test('neither the caller nor the store sees what the other does to its bytes afterwards', async () => {
    const store = await opened()
    const value = Buffer.from('before')
    const written = store.write([{ put: 'a', value }])
    value.fill('x')
    await written
    const read = await store.get('a')
    read?.fill('y')
    const [entry] = await store.range('a')
    entry?.value.fill('z')
    await store.write([put('b', 'other')])
    expect(text(await store.get('a'))).toBe('before')
  })

  test('what was written is there when the store is opened again', async () => {
    const { open } = await driver()
    const first = await open()
    await first.write([put('a', '1'), put('b', '2')])
    await first.write([{ delete: 'b' }])
    await first.close()
    const second = await open()
    expect((await second.range('')).map((entry) => [entry.key, text(entry.value)])).toEqual([['a', '1']])
  })

  test('close waits for the writes under way, can be repeated, and ends all calls', async () => {
    const { open } = await driver()
    const store = await open()
    const written = store.write([put('a', '1')])
    await Promise.all([store.close(), store.close()])
    await written
    for (const call of [store.get('a'), store.range(''), store.write([put('b', '1')])])
      await expect(call).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    expect(text(await (await open()).get('a'))).toBe('1')
  })
})
