import { describe, expect, test } from 'vitest'
import { idFault } from '#model/ids.js'
import { duplicateVolumeFault, mixedRevocableNames, resourceFault } from '#model/resource-validation.js'
import { ancestorsOf, isStrictAncestor, roleFault, rolesFault } from '#model/roles.js'
import { type Resource, ResourceReservationInfoType, ValueType, VolumeMode } from '#wire/mesos.js'

const cpus: Resource = { name: 'cpus', type: ValueType.SCALAR, scalar: { value: 1 } }
const disk: Resource = { ...cpus, name: 'disk' }
const { STATIC, DYNAMIC } = ResourceReservationInfoType
const range = (...pairs: [bigint, bigint][]): Resource => ({
  name: 'ports',
  type: ValueType.RANGES,
  ranges: { range: pairs.map(([begin, end]) => ({ begin, end })) },
})
const volume = { containerPath: 'data', mode: VolumeMode.RW }
const reservations = [{ type: DYNAMIC, role: 'web' }]

describe('resources (1-092)', () => {
  test.each<[string, Resource]>([
    ['a plain scalar', cpus],
    ['zero, which asks for nothing', { ...cpus, scalar: { value: 0 } }],
    ['a custom name', { ...cpus, name: 'gold' }],
    ['unsorted ranges', range([5n, 9n], [1n, 2n])],
    ['no ranges at all', range()],
    ['a role', { ...cpus, role: 'web' }],
    ['a refined reservation', { ...cpus, reservations: [...reservations, { type: DYNAMIC, role: 'web/a' }] }],
    ['both forms saying the same', { ...cpus, role: 'web', reservation: {}, reservations }],
    ['a volume', { ...disk, reservations, disk: { persistence: { id: 'v' }, volume } }],
  ])('takes %s', (_, resource) => {
    expect(resourceFault(resource)).toBeUndefined()
  })

  test.each<[string, Resource]>([
    ['name is empty', { ...cpus, name: '' }],
    ['SCALAR must have', { name: 'cpus', type: ValueType.SCALAR }],
    ['negative', { ...cpus, scalar: { value: -1 } }],
    ['not a number', { ...cpus, scalar: { value: Number.NaN } }],
    ['above', { ...cpus, scalar: { value: Number.POSITIVE_INFINITY } }],
    ['as a whole', { ...cpus, name: 'gpus', scalar: { value: 0.5 } }],
    ['begins after', range([31005n, 31001n])],
    ['overlap', range([31001n, 31005n], [31003n, 31007n])],
    ['overlap', range([31000n, 31000n], [31000n, 31000n])],
    ['SCALAR, RANGES or SET', { name: 'x', type: ValueType.TEXT }],
    ['an item twice', { name: 'x', type: ValueType.SET, set: { item: ['a', 'a'] } }],
    ["role '*' cannot", { ...cpus, reservations: [{ type: DYNAMIC, role: '*' }] }],
    ["role '*' cannot", { ...cpus, role: '*', reservation: {} }],
    ['slash', { ...cpus, reservations: [{ type: DYNAMIC, role: 'bad/' }] }],
    ['not below', { ...cpus, reservations: [...reservations, ...reservations] }],
    ['not below', { ...cpus, reservations: [...reservations, { type: DYNAMIC, role: 'webb' }] }],
    ['static reservation cannot refine', { ...cpus, reservations: [...reservations, { type: STATIC, role: 'web/a' }] }],
    ['both be set', { ...cpus, role: 'web', reservations }],
    ['differ', { ...cpus, role: 'x', reservation: {}, reservations }],
    ['revocable', { ...cpus, reservations, revocable: {} }],
    ["only 'disk'", { ...cpus, reservations, disk: { persistence: { id: 'v' }, volume } }],
    ['reserved disk', { ...disk, disk: { persistence: { id: 'v' }, volume } }],
    ['must not be empty', { ...disk, reservations, disk: { persistence: { id: '' }, volume } }],
    ['characters', { ...disk, reservations, disk: { persistence: { id: 'a/b' }, volume } }],
    ['where it is mounted', { ...disk, reservations, disk: { persistence: { id: 'v' } } }],
    ['read-only', { ...disk, reservations, disk: { persistence: { id: 'v' }, volume: { ...volume, mode: VolumeMode.RO } } }],
    ['path on the host', { ...disk, reservations, disk: { persistence: { id: 'v' }, volume: { ...volume, hostPath: '/x' } } }],
    ['only persistent volumes', { ...disk, reservations, shared: {} }],
  ])('refuses, saying "%s"', (why, resource) => {
    expect(resourceFault(resource)).toContain(why)
  })

  test('one persistence id may be used once a role', () => {
    const v = (role: string): Resource => ({
      ...disk,
      reservations: [{ type: DYNAMIC, role }],
      disk: { persistence: { id: 'v' }, volume },
    })
    expect(duplicateVolumeFault([v('a'), v('b')])).toBeUndefined()
    expect(duplicateVolumeFault([v('a'), v('a')])).toContain("'v' is used twice")
  })

  test('a name must not be half revocable', () => {
    expect(mixedRevocableNames([cpus, disk, { ...cpus, revocable: {} }])).toEqual(['cpus'])
  })
})

describe('roles (1-062)', () => {
  test.each(['*', 'a', 'a/b-c/d.e', 'ä', '...', 'a*'])('%s is a role', (role) => expect(roleFault(role)).toBeUndefined())
  test.each(['', '/x', 'x/', 'a//b', '.', 'a/..', '*/a', 'a/*', '-a', 'a/-b', 'a b', 'a\tb', 'a\x7f', 'a\x08', 'a\n'])(
    '%j is not',
    (role) => expect(roleFault(role)).toBeDefined(),
  )
  test('no role comes twice in a list', () => {
    expect(rolesFault(['a', 'b', 'a'])).toContain('twice: a')
    expect(rolesFault(['a', '/b'])).toContain('slash')
  })
  test('the hierarchy follows components, not characters', () => {
    expect(isStrictAncestor('a', 'a/b')).toBe(true)
    expect(isStrictAncestor('a', 'ab')).toBe(false)
    expect(ancestorsOf('a/b/c')).toEqual(['a', 'a/b'])
  })
})

describe('ids (1-090)', () => {
  test.each(['a', 'a b', 'täsk', '...', 'x'.repeat(255)])('%s is an id', (id) => expect(idFault(id)).toBeUndefined())
  test.each(['', '.', '..', 'a/b', '../x', 'a\\b', 'a\0', 'a\n', '\x7f', 'x'.repeat(256), 'ä'.repeat(128)])('%j is not', (id) =>
    expect(idFault(id)).toBeDefined(),
  )
})
