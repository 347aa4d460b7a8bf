import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Metrics } from '#base/metrics.js'
import type { Fetcher } from '#containerizer/fetcher/fetcher.js'
import { FetchPlace, NOBODY } from './place.js'

describe('what is fetched for the cache (row 5-039)', () => {
  let place: FetchPlace
  let directory: string
  let metrics: Metrics
  let asked: string[]
  let url: string

  beforeEach(async () => {
    place = new FetchPlace()
    chmodSync(place.directory, 0o711)
    directory = join(place.directory, 'cache')
    metrics = new Metrics()
    asked = []
    url = await place.serve((request, response) => {
      asked.push(request.url ?? '')
      if (request.url === '/unknown-size') response.write('some', () => response.end())
      else response.end(`content of ${request.url}`.padEnd(40))
    })
  })
  afterEach(() => place.close())

  const cached = (size = 100): Fetcher => place.fetcher({ cache: { directory, size }, metrics })
  const values = (): Record<string, number> =>
    Object.fromEntries(metrics.snapshot().map(([name, value]) => [name.replace('containerizer/fetcher/', ''), value]))
  const into = () => ({ sandbox: place.newSandbox() })

  test('one request serves tasks at the same time and later', async () => {
    const fetcher = cached()
    const sandboxes = [into(), into(), into()]
    await Promise.all(sandboxes.map((it) => place.with(fetcher, { value: `${url}/a`, cache: true }, it)))
    await place.with(fetcher, { value: `${url}/a`, cache: true, outputFile: 'x/run', executable: true })
    expect(asked).toEqual(['/a'])
    for (const { sandbox } of sandboxes) expect(place.tree(sandbox)).toEqual(['f 644 65534 a'])
    expect(place.tree()).toEqual(['d 755 65534 x', 'f 755 65534 x/run'])
    expect(place.read('x/run')).toBe('content of /a'.padEnd(40))
    const [file] = readdirSync(directory)
    expect(statSync(join(directory, file!))).toMatchObject({ uid: 0, mode: 0o100600, size: 40 })
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    expect(values()).toEqual({
      cache_size_total_bytes: 100,
      cache_size_used_bytes: 40,
      task_fetches_succeeded: 4,
      task_fetches_failed: 0,
    })
  })

  test('without the flag, or as somebody else, it is fetched again', async () => {
    const fetcher = cached()
    await place.with(fetcher, { value: `${url}/a`, cache: true })
    await place.with(fetcher, { value: `${url}/a` }, into())
    const owner = { uid: 1, gid: 1, groups: [] }
    await place.with(fetcher, { value: `${url}/a`, cache: true }, { sandbox: place.newSandbox(owner), owner })
    expect(asked).toEqual(['/a', '/a', '/a'])
  })

  test("nobody gets from the cache what only another's rights could read", async () => {
    const fetcher = cached()
    const secret = place.file('secret', 'secret', 0o600)
    await place.with(fetcher, { value: secret, cache: true }, { owner: undefined })
    await expect(place.with(fetcher, { value: secret, cache: true }, { ...into(), owner: NOBODY })).rejects.toThrow(
      'permission denied',
    )
    expect(values().task_fetches_failed).toBe(1)
  })

  test('the oldest makes room, and what does not fit is had past the cache', async () => {
    const fetcher = cached()
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) {
      await place.with(fetcher, { value: `${url}/${name}`, cache: true }, into())
    }
    expect(asked).toEqual(['/a', '/b', '/c', '/b'])
    expect(readdirSync(directory)).toHaveLength(2)
    const large = place.file('large', 'x'.repeat(101))
    await place.with(fetcher, { value: large, cache: true })
    await place.with(fetcher, { value: `${url}/unknown-size`, cache: true })
    expect(place.names()).toEqual(['large', 'unknown-size'])
    expect(values().cache_size_used_bytes).toBe(80)
  })

  test('an archive is unpacked from the cache, and not copied, as in Mesos', async () => {
    const { tarOf } = await import('./hostile-archives.js')
    const value = place.file('a.tar', tarOf([{ name: 'inside', content: 'x' }]))
    const fetcher = cached(10_000)
    for (const it of [into(), into()]) {
      await place.with(fetcher, { value, cache: true }, it)
      expect(place.tree(it.sandbox)).toEqual(['f 644 65534 inside'])
    }
  })

  test('a wrong checksum, and a broken download, leave nothing in it', async () => {
    const fetcher = cached()
    const value = `${url}/a#sha256=${'0'.repeat(64)}`
    await expect(place.with(fetcher, { value, cache: true })).rejects.toThrow(/another than it should be/)
    expect(readdirSync(directory)).toEqual([])
    expect(values().cache_size_used_bytes).toBe(0)
    expect(place.names()).toEqual([])
  })

  test('an agent that starts finds it empty', async () => {
    const first = cached()
    await place.with(first, { value: `${url}/a`, cache: true })
    writeFileSync(join(directory, 'of-somebody'), '')
    await cached().open!()
    expect(readdirSync(directory)).toEqual(['of-somebody'])
  })
})
