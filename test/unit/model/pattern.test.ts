import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePattern } from '#model/pattern/pattern.js'

const matches = (pattern: string, text: string): boolean => compilePattern(pattern, 100_000)(text)

describe('whole texts', () => {
  test.each([
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['a|bc|', '', true],
    ['a|bc|', 'bc', true],
    ['z-?[0-9]{2,3}', 'z-12', true],
    ['z-?[0-9]{2,3}', 'z1', false],
    ['z-?[0-9]{2,3}', 'z1234', false],
    ['a{0}', '', true],
    ['a{2}', 'aa', true],
    ['a{,2}', 'a{,2}', true],
    ['(a*)*', 'aaa', true],
    ['(|a)+b', 'aab', true],
    ['.', '\n', false],
    ['(?s).', '\n', true],
    ['.', '🙂', true],
    ['[^a-c]', 'd', true],
    ['[]a]+', 'a]', true],
    ['[a-]+', 'a-', true],
    ['[\\]\\d]+', ']7', true],
    ['[[:alpha:]_]+', 'Ab_', true],
    ['[[:^digit:]]', '7', false],
    ['\\pL+', 'Äb', true],
    ['\\p{Greek}', 'α', true],
    ['\\P{Lu}', 'A', false],
    ['(?i)rack-A', 'RACK-a', true],
    ['a(?i)b|c', 'aB', true],
    ['a(?i:b)c', 'aBC', false],
    ['(?P<name>x)(?<n>y)', 'xy', true],
    ['^a$', 'a', true],
    ['(?m)a$\\n^b', 'a\nb', true],
    ['a$b', 'ab', false],
    ['\\ba\\b.\\B', 'a-', true],
    ['\\Qa.b*\\E+', 'a.b*', true],
    ['\\x41\\x{1F642}\\101\\n', 'A🙂A\n', true],
    ['a+?b*?', 'aab', true],
    ['\\.', 'x', false],
  ] as const)('%s on %j: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected)
  })
})

test.each([
  '(',
  ')',
  '[',
  '[b-a]',
  'a**',
  '*a',
  'a{1001}',
  'a{3,2}',
  '\\1',
  '(?=a)',
  '(?!a)',
  '(?<=a)b',
  '(?<!a)b',
  '\\',
  '\\y',
  '(?x)a',
  '[[:nope:]]',
  '\\p{Nope}',
  '\\x{110000}',
])('%s is no pattern', (pattern) => {
  expect(() => matches(pattern, '')).toThrow()
})

test('what kills a backtracking matcher is answered at once', () => {
  const text = `${'a'.repeat(20_000)}!`
  for (const pattern of ['(a+)+', '(a|a)*', '(a|aa)+', '(.*)(.*)(.*)x']) expect(matches(pattern, text)).toBe(false)
})

test('a pattern that would grow beyond what is allowed is refused before it grows', () => {
  expect(() => compilePattern('((a{1000}){1000}){1000}', 100)).toThrow('1000')
  expect(() => compilePattern('a'.repeat(100), 100)).toThrow('101')
  expect(() => compilePattern('('.repeat(5000) + ')'.repeat(5000), 100)).toThrow('nested')
})

test('agrees with the expressions of JavaScript where both know the syntax', () => {
  const atom = fc.constantFrom('a', 'b', '[ab]', '[^a]', '.', '(a|b)', '(?:ab)', '\\w', '\\b', '^', '$', '(a|)')
  const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,2}', '*?')).map(([it, times]) => `(?:${it})${times}`)
  const pattern = fc
    .array(
      fc.array(piece, { maxLength: 4 }).map((it) => it.join('')),
      { minLength: 1, maxLength: 3 },
    )
    .map((it) => it.join('|'))
  fc.assert(
    fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 6 }), (source, text) => {
      expect(matches(source, text)).toBe(new RegExp(`^(?:${source})$`, 'u').test(text))
    }),
    { numRuns: 3000 },
  )
})
