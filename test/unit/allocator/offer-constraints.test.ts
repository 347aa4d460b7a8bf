import { describe, expect, test } from 'vitest'
import { constraintsFault, wantsOf } from '#master/core/offer-constraints.js'
import type { MasterSettings } from '#master/core/settings.js'
import { parseAttributes } from '#model/attributes.js'
import type { AttributeConstraint, OfferConstraints } from '#wire/scheduler.js'

const settings = { offerConstraintsMaxProgramSize: 100 } as MasterSettings
type Predicate = AttributeConstraint['predicate']
const rack = { attributeName: 'rack' }
const groups = (...all: AttributeConstraint[][]): OfferConstraints => ({
  roleConstraints: { web: { groups: all.map((attributeConstraints) => ({ attributeConstraints })) } },
})
const one = (predicate: Predicate, selector: AttributeConstraint['selector'] = rack): OfferConstraints =>
  groups([{ selector, predicate }])
const agent = (attributes: string) => ({ hostname: 'host-1', region: 'eu', zone: 'z1', attributes: parseAttributes(attributes) })
const wants = (constraints: OfferConstraints, attributes: string): boolean => wantsOf(constraints).get('web')!(agent(attributes))

describe('predicates (1-074)', () => {
  test.each<[string, Predicate, boolean, boolean, boolean]>([
    // With rack r1, without a rack, with a rack that is a number.
    ['exists', { exists: {} }, true, false, true],
    ['not exists', { notExists: {} }, false, true, false],
    ['equals', { textEquals: { value: 'r1' } }, true, false, true],
    ['equals another', { textEquals: { value: 'r2' } }, false, false, true],
    ['not equals', { textNotEquals: { value: 'r1' } }, false, true, true],
    ['matches', { textMatches: { regex: 'r[0-9]' } }, true, false, true],
    ['matches only a part', { textMatches: { regex: 'r' } }, false, false, true],
    ['not matches', { textNotMatches: { regex: 'r.*' } }, false, true, true],
  ])('%s', (_, predicate, text, absent, number) => {
    expect(constraintsFault(one(predicate), ['web'], settings)).toBeUndefined()
    expect([wants(one(predicate), 'rack:r1'), wants(one(predicate), 'x:y'), wants(one(predicate), 'rack:5')]).toEqual([
      text,
      absent,
      number,
    ])
  })

  test('the first attribute of a name counts; host, region and zone are attributes too (1-073)', () => {
    expect(wants(one({ textEquals: { value: 'r1' } }), 'rack:r2;rack:r1')).toBe(false)
    for (const [pseudoattributeType, value] of [
      [1, 'host-1'],
      [2, 'eu'],
      [3, 'z1'],
    ] as const)
      expect(wants(one({ textEquals: { value } }, { pseudoattributeType }), '')).toBe(true)
  })

  test('groups are alternatives, the constraints of one hold together', () => {
    const both: AttributeConstraint[] = [
      { selector: rack, predicate: { exists: {} } },
      { selector: { attributeName: 'ssd' }, predicate: { exists: {} } },
    ]
    expect(wants(groups(both), 'rack:r1')).toBe(false)
    expect(wants(groups(both, [both[0]!]), 'rack:r1')).toBe(true)
  })
})

test.each<[string, OfferConstraints]>([
  ['refers back', one({ textMatches: { regex: '(a)\\1' } })],
  ['looks around', one({ textNotMatches: { regex: '(?=a)' } })],
  ['more than the 100', one({ textMatches: { regex: 'a{1000}' } })],
  ['exactly one predicate', one({})],
  ['exactly one predicate', one({ exists: {}, notExists: {} })],
  ['selector', one({ exists: {} }, {})],
  ['no groups', groups()],
  ['no constraints', groups([])],
])('constraints are refused, saying "%s" (1-075)', (why, constraints) => {
  expect(constraintsFault(constraints, ['web'], settings)).toContain(why)
})
