import { describe, expect, test } from 'vitest'
import { parseChallenges } from '#containerizer/images/registry/challenge.js'

describe('WWW-Authenticate (S60)', () => {
  test.each([
    [
      'Bearer realm="https://a/t",service="s",scope="x:y:pull,push"',
      [['bearer', { realm: 'https://a/t', service: 's', scope: 'x:y:pull,push' }]],
    ],
    ['bearer  realm = "r" , SERVICE=plain', [['bearer', { realm: 'r', service: 'plain' }]]],
    ['Basic', [['basic', {}]]],
    [
      'Negotiate, Basic realm="a, b=\\"c\\""',
      [
        ['negotiate', {}],
        ['basic', { realm: 'a, b="c"' }],
      ],
    ],
    [
      'Basic realm="x", Bearer realm="y",realm="z"',
      [
        ['basic', { realm: 'x' }],
        ['bearer', { realm: 'y' }],
      ],
    ],
    ['', []],
    [undefined, []],
    ['"', []],
    ['Bearer realm="never ended', [['bearer', { realm: '' }]]],
    [
      ['Basic realm="x"', 'Bearer realm="y"'],
      [
        ['basic', { realm: 'x' }],
        ['bearer', { realm: 'y' }],
      ],
    ],
  ] as const)('%j', (header, expected) => {
    const challenges = parseChallenges(header as string | string[] | undefined)
    expect(challenges.map(({ scheme, parameters }) => [scheme, parameters])).toEqual(expected)
  })

  test('what is endless ends', () => expect(parseChallenges('Bearer a=b,'.repeat(1_000_000)).length).toBeLessThan(2000))
})
