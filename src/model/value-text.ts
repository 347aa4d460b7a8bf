import { type Value, ValueType } from '#wire/mesos.js'
import { ModelErrors } from './errors.js'

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const interval = /^(\d{1,20})\s*-\s*(\d{1,20})$/
const highest = 2n ** 64n - 1n

/** A value as flags write it (row 4-041): `3.5`, `[1-5, 8-9]`, `{a, b}`, anything else is text. */
export function parseValue(text: string): Value {
  if (text.startsWith('[')) return parseRanges(text)
  if (text.startsWith('{')) return { type: ValueType.SET, set: { item: itemsBetween(text, '{', '}') } }
  if (decimal.test(text)) return { type: ValueType.SCALAR, scalar: { value: Number(text) } }
  if (text === '') throw ModelErrors.BAD_VALUE({ text, why: 'it is empty' })
  return { type: ValueType.TEXT, text: { value: text } }
}

function parseRanges(text: string): Value {
  const range = itemsBetween(text, '[', ']').map((item) => {
    const match = interval.exec(item)
    if (!match) throw ModelErrors.BAD_VALUE({ text, why: `'${item}' is not a range such as 31000-32000` })
    const [begin, end] = [BigInt(match[1]!), BigInt(match[2]!)]
    if (begin > end) throw ModelErrors.BAD_VALUE({ text, why: `range ${item} ends before it begins` })
    if (end > highest) throw ModelErrors.BAD_VALUE({ text, why: `range ${item} goes beyond 64 bits` })
    return { begin, end }
  })
  return { type: ValueType.RANGES, ranges: { range } }
}

function itemsBetween(text: string, open: string, close: string): string[] {
  if (text.length < 2 || !text.endsWith(close))
    throw ModelErrors.BAD_VALUE({ text, why: `'${open}' is not closed by '${close}'` })
  const inner = text.slice(1, -1).trim()
  return inner === '' ? [] : inner.split(',').map((item) => item.trim())
}
