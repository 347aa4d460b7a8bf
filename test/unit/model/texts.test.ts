import { describe, expect, test } from 'vitest'
import { attributeText, parseAttributes } from '#model/attributes.js'
import { parseResources } from '#model/resource-flags.js'
import { resourcesText } from '#model/resource-text.js'
import { ValueType } from '#wire/mesos.js'

describe('resources by flag (4-041, 4-048)', () => {
  const reads = (text: string, role?: string): string => resourcesText(parseResources(text, role))

  test('scalars, ranges and sets', () => {
    expect(reads('cpus:16;mem:16384;ports:[31000-32000, 80-80];colours:{red,blue}')).toBe(
      'cpus:16; mem:16384; ports:[80-80, 31000-32000]; colours:{blue, red}',
    )
  })
  test('static reservations', () => {
    expect(reads('cpus(web):8; cpus:2')).toBe('cpus(reservations: [(STATIC,web)]):8; cpus:2')
    expect(reads('cpus(*):8; mem:2', 'web')).toBe('cpus:8; mem(reservations: [(STATIC,web)]):2')
  })
  test('JSON keeps every digit of a range', () => {
    const json =
      '[{"name":"ids","type":"RANGES","ranges":{"range":[{"begin":9007199254740993,"end":18446744073709551615}]},"role":"web"}]'
    expect(reads(json)).toBe('ids(reservations: [(STATIC,web)]):[9007199254740993-18446744073709551615]')
  })
  test('more than three decimals are rounded, nothing is dropped', () => {
    expect(reads('cpus:0.12345;cpus:1;mem:0')).toBe('cpus:1.123')
  })
  test.each([
    ['cpus', 'name:value'],
    ['cpus:', 'empty'],
    ['cpus:many', 'number'],
    ['cpus:-1', 'negative'],
    [':1', 'name:value'],
    ['ports:[5-1]', 'ends before'],
    ['ports:[1-5,3-7]', 'overlap'],
    ['ports:[1-5', 'not closed'],
    ['ports:[1-99999999999999999999]', '64 bits'],
    ['cpus(bad/):1', 'slash'],
    ['[{"name":"cpus"}]', 'type'],
    ['[not json', 'syntax'],
  ])('%s is refused and says why', (text, why) => {
    expect(() => parseResources(text)).toThrow(why)
  })
})

describe('attributes by flag (4-042)', () => {
  test('are typed by how they look, and keep order and repeats', () => {
    const attributes = parseAttributes('rack:r1;zone:z-1;level:3;keys:[1000-1500];rack:r2;url:http://x')
    expect(attributes.map((it) => [it.name, it.type, attributeText(it)])).toEqual([
      ['rack', ValueType.TEXT, 'r1'],
      ['zone', ValueType.TEXT, 'z-1'],
      ['level', ValueType.SCALAR, '3'],
      ['keys', ValueType.RANGES, '[1000-1500]'],
      ['rack', ValueType.TEXT, 'r2'],
      ['url', ValueType.TEXT, 'http://x'],
    ])
  })
  test.each(['rack', ':r1', 'rack:'])('%s is refused', (text) => {
    expect(() => parseAttributes(text)).toThrow('cannot be read')
  })
})
