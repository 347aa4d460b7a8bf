import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { chunksOf } from '#http/large-body.js'

const CHUNK = 64 * 1024

/** So many chunks, each with a memory of its own, as they come from a socket. */
function body(count: number, seen?: (index: number) => void): Readable {
  let index = 0
  return new Readable({
    highWaterMark: CHUNK,
    read() {
      seen?.(index)
      this.push(index < count ? Buffer.alloc(CHUNK, index++ % 251) : null)
    },
  })
}

test('all of a body comes in order, and of what was taken nothing stays in memory', async () => {
  const before = process.memoryUsage().arrayBuffers
  const taken: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunksOf(body(500))) {
    expect(chunk[0]).toBe(taken.length % 251)
    bytes += chunk.length
    taken.push(chunk)
  }
  expect(bytes).toBe(500 * CHUNK)
  expect(taken.every((chunk) => chunk.length === 0)).toBe(true)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * CHUNK)
})

test('a part of a buffer whose rest others have is left as it is', async () => {
  const whole = Buffer.alloc(3 * CHUNK, 7)
  const parts: Uint8Array[] = []
  for await (const part of chunksOf(Readable.from([whole.subarray(0, CHUNK), whole.subarray(CHUNK)], { objectMode: false }))) {
    parts.push(part)
  }
  expect(parts.map((part) => [part.length, part[0]])).toEqual([
    [CHUNK, 7],
    [2 * CHUNK, 7],
  ])
})

test('whoever takes nothing keeps the rest from being read', async () => {
  let read = 0
  const chunks = chunksOf(body(1000, (index) => (read = index)))
  await chunks.next()
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(read).toBeLessThan(10)
  for (let taken = 1; taken < 1000; taken++) expect((await chunks.next()).done).toBe(false)
  expect((await chunks.next()).done).toBe(true)
})

test('what goes wrong is told behind all that came before it', async () => {
  const broken = body(1000, (index) => index === 3 && broken.destroy(new Error('cut')))
  let bytes = 0
  const take = async () => {
    for await (const chunk of chunksOf(broken)) bytes += chunk.length
  }
  await expect(take()).rejects.toThrow('cut')
  expect(bytes).toBe(3 * CHUNK)
})

test('whoever has enough ends it, also before he has begun', async () => {
  const [endless, never] = [body(Number.POSITIVE_INFINITY), body(1)]
  for await (const _ of chunksOf(endless)) break
  await chunksOf(never).return(undefined)
  expect([endless.destroyed, never.destroyed]).toEqual([true, true])
})
