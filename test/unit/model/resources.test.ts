import { describe, expect, test } from 'vitest'
import { resourcesText } from '#model/resource-text.js'
import { Resources } from '#model/resources.js'
import { type Resource, ResourceReservationInfoType, ValueType } from '#wire/mesos.js'

const scalar = (name: string, value: number, extra: Partial<Resource> = {}): Resource => ({
  name,
  type: ValueType.SCALAR,
  scalar: { value },
  ...extra,
})
const ports = (...pairs: [number, number][]): Resource => ({
  name: 'ports',
  type: ValueType.RANGES,
  ranges: { range: pairs.map(([begin, end]) => ({ begin: BigInt(begin), end: BigInt(end) })) },
})
const bag = (...list: Resource[]): Resources => Resources.from(list)
const dynamic = { type: ResourceReservationInfoType.DYNAMIC, role: 'web' } as const
const volume = (id: string, value: number, containerPath = 'data'): Resource =>
  scalar('disk', value, { reservations: [dynamic], disk: { persistence: { id }, volume: { containerPath, mode: 1 } } })

describe('arithmetic', () => {
  test('a scalar is exact to three decimals however often it is split', () => {
    let left = bag(scalar('cpus', 1))
    for (let i = 0; i < 10; i++) left = left.subtract(bag(scalar('cpus', 0.1)))
    expect(left.isEmpty).toBe(true)
  })

  test('taking more than there is leaves nothing, never a debt', () => {
    expect(bag(scalar('cpus', 1), scalar('mem', 5)).subtract(bag(scalar('cpus', 2)))).toEqual(bag(scalar('mem', 5)))
  })

  test('ports split and join', () => {
    const left = bag(ports([31000, 32000])).subtract(bag(ports([31010, 31010], [31990, 32000])))
    expect(resourcesText(left)).toBe('ports:[31000-31009, 31011-31989]')
    expect(resourcesText(left.add(bag(ports([31010, 31010]))))).toBe('ports:[31000-31989]')
  })

  test('reserved, allocated, revocable and plain resources of one name are different things', () => {
    const all = bag(
      scalar('cpus', 1),
      scalar('cpus', 2, { reservations: [dynamic] }),
      scalar('cpus', 4, { revocable: {} }),
      scalar('cpus', 8, { allocationInfo: { role: 'web' } }),
    )
    expect(all.entries).toHaveLength(4)
    expect(all.contains(bag(scalar('cpus', 2)))).toBe(false)
    expect(all.quantity('cpus')).toBe(15)
  })

  test('volumes are wholes: part of one is not contained, and two of one identity do not merge', () => {
    const all = bag(volume('v1', 64), volume('v2', 64))
    expect(all.contains(bag(volume('v1', 32)))).toBe(false)
    expect(all.contains(bag(volume('v1', 64, 'elsewhere')))).toBe(true)
    expect(all.subtract(bag(volume('v1', 64))).toProto()).toEqual([volume('v2', 64)])
  })

  test('a shared volume counts its uses, but its size once', () => {
    const one = bag({ ...volume('v1', 64), shared: {} })
    const two = one.add(one)
    expect(two.toProto()).toHaveLength(2)
    expect(two.quantity('disk')).toBe(64)
    expect(two.subtract(one).equals(one)).toBe(true)
    expect(one.contains(two)).toBe(false)
  })
})

describe('reservations on the wire (1-060)', () => {
  test('the old form and the stack mean the same', () => {
    const old = scalar('cpus', 1, { role: 'web', reservation: { principal: 'p' } })
    const stack = scalar('cpus', 1, { reservations: [{ ...dynamic, principal: 'p' }] })
    expect(bag(old).equals(bag(stack))).toBe(true)
    expect(bag(stack).toProto('role')).toEqual([old])
    expect(bag(old).toProto()).toEqual([stack])
  })

  test('a static role becomes a stack of one', () => {
    expect(bag(scalar('cpus', 1, { role: 'web' })).toProto()).toEqual([
      scalar('cpus', 1, { reservations: [{ type: ResourceReservationInfoType.STATIC, role: 'web' }] }),
    ])
  })

  test("operators see both, and '*' on what is unreserved", () => {
    expect(bag(scalar('cpus', 1)).toProto('both')).toEqual([scalar('cpus', 1, { role: '*' })])
    expect(bag(scalar('cpus', 1)).toProto()).toEqual([scalar('cpus', 1)])
  })

  test('what is reserved for a role is offered to it and below it, not above or beside it (4-047)', () => {
    const all = bag(scalar('cpus', 1), scalar('mem', 1, { role: 'a/b' }))
    expect(all.allocatableTo('a/b/c').quantity('mem')).toBe(1)
    expect(all.allocatableTo('a/b').quantity('mem')).toBe(1)
    expect(all.allocatableTo('a').quantity('mem')).toBe(0)
    expect(all.allocatableTo('a/bc').quantity('mem')).toBe(0)
  })
})

test('resources read as Mesos prints them', () => {
  const all = bag(
    scalar('cpus', 0.1, { allocationInfo: { role: 'probe' } }),
    { ...volume('v1', 16), allocationInfo: { role: 'web' } },
    scalar('disk', 100, { disk: { source: { type: 2, mount: { root: '/mnt1' } } } }),
  )
  expect(resourcesText(all)).toBe(
    'cpus(allocated: probe):0.1; disk(allocated: web)(reservations: [(DYNAMIC,web)])[v1:data]:16; disk[MOUNT:/mnt1]:100',
  )
})
