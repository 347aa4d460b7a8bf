import { expect, test } from 'vitest'
import { IDS_OF_A_CONTAINER, IdRanges, identityOnHost, parseRange } from '#containerizer/id-ranges.js'

test('ranges of two containers never overlap, and one that was given back is used again', () => {
  const ranges = new IdRanges(`1000000:${2 * IDS_OF_A_CONTAINER}`)
  const [first, second] = [ranges.take('a'), ranges.take('b')]
  expect(first?.uid).toEqual([{ inside: 0, outside: 1_000_000, count: 65_536 }])
  expect(second?.gid).toEqual([{ inside: 0, outside: 1_065_536, count: 65_536 }])
  expect(ranges.take('c')).toBeUndefined()
  ranges.release('a')
  expect(ranges.take('c')).toEqual(first)
})

test('what a recovered container has is not given to another', () => {
  const ranges = new IdRanges('1000000:1000000')
  const range = [{ inside: 0, outside: 1_000_000, count: 65_536 }]
  ranges.keep('recovered', { uid: range, gid: range })
  expect(ranges.take('new')?.uid?.[0]?.outside).toBe(1_065_536)
})

test('a range must be plain numbers, hold one container, and stay positive for everyone', () => {
  expect(parseRange('1879048192:268435456')).toEqual({ first: 1_879_048_192, count: 268_435_456 })
  for (const text of ['', '0:65536', '1000:65535', '1000', '-1:65536', '2147483000:65536', '1e6:65536', '1000:65536:2']) {
    expect(parseRange(text), text).toBeUndefined()
  }
})

test('a user is somebody else on the host; without mappings the same, outside of them nobody', () => {
  const range = [{ inside: 0, outside: 5_000, count: 100 }]
  const mappings = { uid: range, gid: range }
  expect(identityOnHost({ uid: 7, gid: 8, groups: [9] }, mappings)).toEqual({ uid: 5_007, gid: 5_008, groups: [5_009] })
  expect(identityOnHost(undefined, mappings)).toEqual({ uid: 5_000, gid: 5_000, groups: [] })
  expect(identityOnHost({ uid: 1_000, gid: 0 }, mappings)).toMatchObject({ uid: 65_534 })
  expect(identityOnHost({ uid: 7, gid: 8 }, undefined)).toEqual({ uid: 7, gid: 8 })
})
