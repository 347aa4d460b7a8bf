import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FetcherCache, type Fill } from '#containerizer/fetcher/cache.js'

describe('the cache (row 5-039)', () => {
  let directory: string
  let cache: FetcherCache
  const never = new AbortController().signal
  const filling =
    (text: string): Fill =>
    async (file, reserve) => {
      if (!(await reserve(text.length))) return false
      await writeFile(file, text)
      return true
    }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'meseta-fetcher-cache-'))
    cache = new FetcherCache(directory, 10)
    await cache.empty()
  })
  afterEach(() => rm(directory, { recursive: true }))

  test('what one fetched, others have', async () => {
    const first = await cache.hold('a', filling('12345'), never)
    first?.release()
    const second = await cache.hold('a', () => Promise.reject(new Error('asked again')), never)
    expect(await readFile(second!.file, 'utf8')).toBe('12345')
    expect(cache.used).toBe(5)
  })

  test('many who want one at once cause one fetch, and share its failure', async () => {
    let fetches = 0
    const counted: Fill = (...all) => {
      fetches++
      return filling('123')(...all)
    }
    const held = await Promise.all([1, 2, 3].map(() => cache.hold('a', counted, never)))
    expect(new Set(held.map((each) => each?.file)).size).toBe(1)
    expect(fetches).toBe(1)
    const failing: Fill = () => Promise.reject(new Error('no such thing'))
    const failed = await Promise.allSettled([1, 2].map(() => cache.hold('b', failing, never)))
    expect(failed.map((each) => each.status)).toEqual(['rejected', 'rejected'])
    expect(await cache.hold('b', filling('1'), never)).toBeDefined()
  })

  test('room is made of what nobody uses; where there is none it is had past the cache', async () => {
    const kept = await cache.hold('kept', filling('12345'), never)
    expect(await cache.hold('large', filling('123456'), never)).toBeUndefined()
    kept?.release()
    const large = await cache.hold('large', filling('123456'), never)
    expect(await readdir(directory)).toEqual([large!.file.split('/').at(-1)])
    expect(cache.used).toBe(6)
  })

  test('who gives up leaves the others alone; when all have, the fetch ends and nothing is left', async () => {
    let ended = false
    const slow: Fill = (file, reserve, abort) =>
      new Promise((_, reject) => {
        reserve(3).then(() => writeFile(file, 'ha'))
        abort.addEventListener('abort', () => {
          ended = true
          reject(abort.reason)
        })
      })
    const [one, other] = [new AbortController(), new AbortController()]
    const first = cache.hold('a', slow, one.signal)
    const second = cache.hold('a', slow, other.signal)
    one.abort(new Error('first'))
    await expect(first).rejects.toThrow('first')
    expect(ended).toBe(false)
    other.abort(new Error('second'))
    await expect(second).rejects.toThrow('second')
    expect(ended).toBe(true)
    // Who comes now has nothing to do with them.
    const third = await cache.hold('a', filling('new'), never)
    expect(await readFile(third!.file, 'utf8')).toBe('new')
    await expect.poll(() => readdir(directory)).toHaveLength(1)
    expect(cache.used).toBe(3)
  })

  test('what an earlier agent left goes, and nothing else', async () => {
    await writeFile(join(directory, 'fetched-7'), 'old')
    await writeFile(join(directory, 'mine'), 'of somebody')
    await new FetcherCache(directory, 10).empty()
    expect(await readdir(directory)).toEqual(['mine'])
  })

  test('a directory that others could change is refused', async () => {
    await symlink('/tmp', join(directory, 'link'))
    await expect(new FetcherCache(join(directory, 'link'), 1).empty()).rejects.toThrow(/cannot be in .*not a directory/)
    await expect(new FetcherCache('/tmp', 1).empty()).rejects.toThrow(/cannot be in \/tmp: others may write/)
  })
})
