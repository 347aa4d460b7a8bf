import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CodedError } from '#base/errors.js'
import { type Json, parseExactly } from '#wire/json-parser.js'

/** Long numbers rounded, as JSON.parse does. */
const rounded = (value: Json): unknown => {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value).map(([name, item]) => [name, rounded(item)])
}

function attempt(parse: (text: string) => unknown, text: string): unknown {
  try {
    return { value: rounded(parse(text) as Json) }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof CodedError) return 'refused'
    throw error
  }
}

const pieces = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\',
  '\\u12',
  '\n',
  '\u0000',
  ' ',
  '\u00a0',
  '-',
  '+',
  '0',
  '.',
  'e',
  'E5',
  '9'.repeat(20),
  'null',
  'tru',
]

test('takes and refuses what JSON.parse does, with the same meaning', { timeout: 60_000 }, () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...pieces)), { maxLength: 3 })
  const space = fc.constantFrom(undefined, 1, '\t')
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }), space, changes, (value, indent, broken) => {
      const text = broken.reduce(
        (so, [at, cut, piece]) => {
          const from = at % (so.length + 1)
          return so.slice(0, from) + piece + so.slice(from + cut)
        },
        JSON.stringify(value, null, indent),
      )
      expect(attempt(parseExactly, text), text).toEqual(attempt(JSON.parse, text))
    }),
    { numRuns: 2_000 },
  )
})

test('keeps what a double would round', () => {
  expect(parseExactly('[9007199254740993, -9223372036854775808, 18446744073709551615, 123456789012345]')).toEqual([
    9007199254740993n,
    -9223372036854775808n,
    18446744073709551615n,
    123456789012345,
  ])
  expect(parseExactly('[1.0000000000000001, 1e400, -0, 1234567890123456e1]')).toEqual([1, Infinity, -0, 12345678901234560])
})

test('digits beyond 64 bits are no bigint: it would cost the square of their number', () => {
  expect(parseExactly('9'.repeat(1_000_000))).toBe(Infinity)
})
