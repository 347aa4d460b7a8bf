import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { differenceOf, type Interval, rangesContain, rangesOf, rangesSize, unionOf } from '#model/ranges.js'
import { Resources } from '#model/resources.js'
import { fromJson, toJson } from '#wire/json.js'
import { Resource, ResourceReservationInfoType, ValueType } from '#wire/mesos.js'
import { decode, encode } from '#wire/protobuf.js'

/** What resources are, said as plainly as possible: big numbers of thousandths, sets of single ports, counted volumes. */
class Model {
  readonly scalars = new Map<string, bigint>()
  readonly ports = new Map<string, Set<bigint>>()
  readonly volumes = new Map<string, number>()

  constructor(list: readonly Resource[] = []) {
    for (const it of list) this.put(it)
  }

  private put(it: Resource): void {
    const kind = JSON.stringify([it.name, it.role, it.reservations, it.revocable, it.disk, it.allocationInfo])
    if (it.disk) this.volumes.set(kind + it.scalar!.value, (this.volumes.get(kind + it.scalar!.value) ?? 0) + 1)
    else if (it.scalar) this.scalars.set(kind, (this.scalars.get(kind) ?? 0n) + BigInt(Math.round(it.scalar.value * 1000)))
    else this.ports.set(kind, new Set([...(this.ports.get(kind) ?? []), ...it.ranges!.range!.flatMap(single)]))
  }

  minus(other: Model): Model {
    const rest = new Model()
    for (const [kind, milli] of this.scalars) rest.scalars.set(kind, max0(milli - (other.scalars.get(kind) ?? 0n)))
    for (const [kind, own] of this.ports) rest.ports.set(kind, new Set([...own].filter((it) => !other.ports.get(kind)?.has(it))))
    for (const [kind, count] of this.volumes) rest.volumes.set(kind, Math.max(0, count - (other.volumes.get(kind) ?? 0)))
    return rest
  }

  contains(other: Model): boolean {
    return (
      [...other.scalars].every(([kind, milli]) => milli === 0n || (this.scalars.get(kind) ?? 0n) >= milli) &&
      [...other.ports].every(([kind, its]) => [...its].every((it) => this.ports.get(kind)?.has(it))) &&
      [...other.volumes].every(([kind, count]) => (this.volumes.get(kind) ?? 0) >= count)
    )
  }

  equals(other: Model): boolean {
    return this.contains(other) && other.contains(this)
  }
}

const max0 = (it: bigint): bigint => (it < 0n ? 0n : it)
const single = ({ begin, end }: Interval): bigint[] =>
  Array.from({ length: Number(end - begin) + 1 }, (_, i) => begin + BigInt(i))

const reservations = fc.constantFrom<Partial<Resource>>(
  {},
  { reservations: [{ type: ResourceReservationInfoType.STATIC, role: 'a' }] },
  { reservations: [{ type: ResourceReservationInfoType.DYNAMIC, role: 'a', principal: 'p' }] },
  {
    reservations: [
      { type: ResourceReservationInfoType.DYNAMIC, role: 'a' },
      { type: ResourceReservationInfoType.DYNAMIC, role: 'a/b' },
    ],
  },
)
const allocation = fc.constantFrom<Partial<Resource>>({}, { allocationInfo: { role: 'a/b' } })
const scalar = fc
  .tuple(fc.constantFrom('cpus', 'mem'), fc.integer({ min: 0, max: 4000 }), reservations, allocation, fc.boolean())
  .map(([name, milli, reserved, allocated, revocable]): Resource => {
    const free = revocable && !reserved.reservations ? { revocable: {} } : {}
    return { name, type: ValueType.SCALAR, scalar: { value: milli / 1000 }, ...reserved, ...allocated, ...free }
  })
const interval = fc
  .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 5 }))
  .map(([begin, more]) => ({ begin: BigInt(begin), end: BigInt(begin + more) }))
const ports = fc
  .tuple(fc.array(interval, { minLength: 1, maxLength: 4 }), allocation)
  .map(([range, allocated]): Resource => ({ name: 'ports', type: ValueType.RANGES, ranges: { range }, ...allocated }))
const volume = fc.tuple(fc.constantFrom('v1', 'v2'), fc.constantFrom(10, 20)).map(
  ([id, value]): Resource => ({
    name: 'disk',
    type: ValueType.SCALAR,
    scalar: { value },
    reservations: [{ type: ResourceReservationInfoType.DYNAMIC, role: 'a' }],
    disk: { persistence: { id }, volume: { containerPath: 'data', mode: 1 } },
  }),
)
const list = fc.array(fc.oneof(scalar, scalar, ports, volume), { maxLength: 8 })
const modelOf = (it: Resources): Model => new Model(it.toProto())

describe('resources against the model', () => {
  test('sum, rest and containment', () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const [left, right] = [Resources.from(a), Resources.from(b)]
        expect(modelOf(left.add(right)).equals(new Model([...a, ...b]))).toBe(true)
        expect(modelOf(left.subtract(right)).equals(new Model(a).minus(new Model(b)))).toBe(true)
        expect(left.contains(right)).toBe(new Model(a).contains(new Model(b)))
        expect(left.equals(right)).toBe(new Model(a).equals(new Model(b)))
      }),
      { numRuns: 2000 },
    )
  })

  test('nothing is ever empty, negative or unmerged', () => {
    fc.assert(
      fc.property(list, list, list, (a, b, c) => {
        const result = Resources.from(a).add(Resources.from(b)).subtract(Resources.from(c))
        const kinds = result.entries.map(({ identity, amount }) => identity.key + (identity.indivisible ? amount : ''))
        expect(new Set(kinds).size).toBe(kinds.length)
        for (const { amount, copies } of result.entries) {
          expect(typeof amount === 'number' ? amount > 0 && Number.isInteger(amount) : amount.length > 0).toBe(true)
          expect(copies).toBeGreaterThan(0)
        }
      }),
    )
  })
})

describe('laws', () => {
  const any = list.map((it) => Resources.from(it))

  test('the order of a sum does not matter', () => {
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        expect(a.add(b).equals(b.add(a))).toBe(true)
        expect(
          a
            .add(b)
            .add(c)
            .equals(a.add(b.add(c))),
        ).toBe(true)
        expect(Resources.sum([a, b, c]).equals(a.add(b).add(c))).toBe(true)
      }),
    )
  })

  test('what is contained can be taken and given back', () => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        const part = a.subtract(b)
        expect(a.contains(part)).toBe(true)
        expect(a.subtract(part).add(part).equals(a)).toBe(true)
        expect(a.add(b).contains(a)).toBe(true)
      }),
    )
  })

  test('operations leave their arguments as they were', () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const [left, right] = [Resources.from(a), Resources.from(b)]
        left.add(right)
        left.subtract(right)
        left.allocate('x')
        expect(left.equals(Resources.from(a)) && right.equals(Resources.from(b))).toBe(true)
      }),
    )
  })

  test('quantities of a sum are the sum of quantities, but for ports that both have', () => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        for (const name of ['cpus', 'mem', 'disk'])
          expect(a.add(b).quantity(name)).toBeCloseTo(a.quantity(name) + b.quantity(name), 9)
      }),
    )
  })

  test('allocating and back changes nothing where nothing was allocated', () => {
    fc.assert(
      fc.property(any, (a) => {
        const free = a.unallocate()
        expect(free.allocate('r').unallocate().equals(free)).toBe(true)
        expect(free.isEmpty || !free.equals(free.allocate('r'))).toBe(true)
      }),
    )
  })
})

test('every form on the wire reads back as the same (1-060)', () => {
  fc.assert(
    fc.property(list, (all) => {
      const resources = Resources.from(all)
      for (const form of ['stack', 'both'] as const) {
        const sent = resources.toProto(form)
        expect(Resources.from(sent.map((it) => decode(Resource, encode(Resource, it)))).equals(resources)).toBe(true)
        expect(Resources.from(sent.map((it) => fromJson(Resource, toJson(Resource, it)))).equals(resources)).toBe(true)
      }
      const sayable = resources.filter((it) => it.reservations.length < 2)
      expect(Resources.from(sayable.toProto('role')).equals(sayable)).toBe(true)
    }),
  )
})

test('ranges are exact up to the last number of 64 bits', () => {
  const all = rangesOf([{ begin: 0n, end: 2n ** 64n - 1n }])
  const hole = rangesOf([{ begin: 2n ** 63n, end: 2n ** 63n }])
  const rest = differenceOf(all, hole)
  expect(rangesSize(rest)).toBe(2n ** 64n - 1n)
  expect(rangesContain(rest, hole)).toBe(false)
  expect(unionOf(rest, hole)).toEqual(all)
})
