import { excerpt } from './errors.js'
import type { Json } from './json-parser.js'

type Complain = (why: string) => never

// What a client may write for a number; numbers may come as strings (1-002). `undefined`: the value is of another kind.

const WHOLE = /^[+-]?[0-9]+$/
const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/

/** A sign and the digits of 2^64. */
const MAX_DIGITS = 21

export function doubleOf(value: Json, complain: Complain): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : complain('The number is out of range')
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string') return undefined
  if (value === 'Infinity' || value === '-Infinity') return Number(value)
  return doubleOf(numberOf(value, complain), complain)
}

export function int64Of(value: Json, unsigned: boolean, complain: Complain): bigint | undefined {
  const whole = wholeOf(value, complain)
  if (whole === undefined) return undefined
  // A small negative number wraps around, as Mesos lets it: READ_FILE with offset -1 reads at the end of all files.
  if (unsigned && BigInt.asIntN(64, whole) === whole) return BigInt.asUintN(64, whole)
  const fits = unsigned ? BigInt.asUintN(64, whole) === whole : BigInt.asIntN(64, whole) === whole
  return fits ? whole : complain(`The number ${whole} is out of range`)
}

export function int32Of(value: Json, unsigned: boolean, complain: Complain): number | undefined {
  // The usual ones without bigint; minus zero is zero.
  if (typeof value === 'number' && (unsigned ? value >>> 0 : value | 0) === value) return value + 0
  const whole = wholeOf(value, complain)
  if (whole === undefined) return undefined
  const fits = unsigned ? BigInt.asUintN(32, whole) === whole : BigInt.asIntN(32, whole) === whole
  return fits ? Number(whole) : complain(`The number ${whole} is out of range`)
}

/** A fraction is cut off, as Mesos does: clients compute nanoseconds in doubles. */
function wholeOf(value: Json, complain: Complain): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number')
    return Number.isFinite(value) ? BigInt(Math.trunc(value)) : complain('The number is out of range')
  if (typeof value !== 'string') return undefined
  if (WHOLE.test(value) && value.length <= MAX_DIGITS) return BigInt(value.replace('+', ''))
  return wholeOf(numberOf(value, complain), complain)
}

const numberOf = (text: string, complain: Complain): number =>
  DECIMAL.test(text) ? Number(text) : complain(`Failed to parse '${excerpt(text)}' as a JSON number`)
