import { describe, expect, test } from 'vitest'
import { CacheLedger } from '#containerizer/fetcher/cache-ledger.js'

describe('the ledger of the cache (row 5-039)', () => {
  const filled = (capacity: number, ...sizes: number[]) => {
    const ledger = new CacheLedger(capacity)
    sizes.forEach((size, index) => {
      ledger.reserve(ledger.add(`key ${index}`, `file ${index}`), size)
    })
    return ledger
  }

  test('the one that was used longest ago makes room', () => {
    const ledger = filled(100, 40, 40)
    ledger.find('key 0')
    expect(ledger.reserve(ledger.add('new', 'new'), 50)).toEqual(['file 1'])
    expect(ledger.find('key 1')).toBeUndefined()
    expect(ledger.find('key 0')).toBeDefined()
    expect(ledger.used).toBe(90)
  })

  test('who is used stays, and nobody goes in vain', () => {
    const ledger = filled(100, 40, 40)
    ledger.find('key 0')!.users++
    expect(ledger.reserve(ledger.add('new', 'new'), 70)).toBeUndefined()
    expect(ledger.find('key 1')).toBeDefined()
    expect(ledger.used).toBe(80)
    expect(ledger.reserve(ledger.find('new')!, 60)).toEqual(['file 1'])
    expect(ledger.used).toBe(100)
  })

  test('what is larger than all has no place', () => {
    const ledger = filled(100, 10)
    expect(ledger.reserve(ledger.add('new', 'new'), 101)).toBeUndefined()
    expect(ledger.used).toBe(10)
  })

  test('what is removed twice counts once', () => {
    const ledger = filled(100, 40)
    const entry = ledger.find('key 0')!
    ledger.remove(entry)
    ledger.remove(entry)
    expect(ledger.used).toBe(0)
  })
})
