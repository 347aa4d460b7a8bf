import type { Json } from './json-parser.js'

type Complain = (why: string) => never

// What a client may write for a number. `undefined`: the value is of another kind. Numbers may come as strings (1-002).

const WHOLE = /^[+-]?[0-9]+$/
const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/

export function doubleOf(value: Json, complain: Complain): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string') return undefined
  if (value === 'Infinity' || value === '-Infinity') return Number(value)
  return DECIMAL.test(value) ? Number(value) : complain(`Failed to convert '${value}' to number`)
}

export function int64Of(value: Json, unsigned: boolean, complain: Complain): bigint | undefined {
  const whole = wholeOf(value, complain)
  if (whole === undefined) return undefined
  const fits = unsigned ? BigInt.asUintN(64, whole) === whole : BigInt.asIntN(64, whole) === whole
  return fits ? whole : complain(`The number ${whole} is out of range`)
}

export function int32Of(value: Json, unsigned: boolean, complain: Complain): number | undefined {
  const whole = typeof value === 'number' ? Math.trunc(value) : Number(wholeOf(value, complain) ?? Number.NaN)
  if (Number.isNaN(whole)) return undefined
  const fits = unsigned ? whole >>> 0 === whole : (whole | 0) === whole
  return fits || whole === 0 ? whole + 0 : complain(`The number ${whole} is out of range`)
}

/** A fraction is cut off, as Mesos does: clients compute nanoseconds in doubles. */
function wholeOf(value: Json, complain: Complain): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number')
    return Number.isFinite(value) ? BigInt(Math.trunc(value)) : complain('The number is out of range')
  if (typeof value !== 'string') return undefined
  if (WHOLE.test(value)) return BigInt(value.replace(/^\+/, ''))
  return DECIMAL.test(value) ? wholeOf(Number(value), complain) : complain(`Failed to convert '${value}' to number`)
}
