import { type Attribute, ValueType } from '#wire/mesos.js'
import { ModelErrors } from './errors.js'
import { rangesText } from './ranges.js'
import { amountText, type Items, milliOf, unitsOf } from './resource-value.js'
import { parseValue } from './value-text.js'

/** `rack:r1;zone:z-1;level:3` (row 4-042). Order is kept and a name may come more than once. */
export function parseAttributes(text: string): Attribute[] {
  return text
    .split(/[;\n]/)
    .filter((it) => it.trim() !== '')
    .map((pair) => {
      const colon = pair.indexOf(':')
      const name = pair.slice(0, colon).trim()
      if (colon < 0 || name === '') throw ModelErrors.BAD_ATTRIBUTE({ text: pair.trim(), why: 'it must read name:value' })
      return { name, ...parseValue(pair.slice(colon + 1).trim()) }
    })
}

/** The value alone: `r1`, `3`, `[1000-1500]`, `{a, b}`. */
export function attributeText(it: Attribute): string {
  switch (it.type) {
    case ValueType.SCALAR:
      return String(unitsOf(milliOf(it.scalar?.value ?? 0)))
    case ValueType.RANGES:
      return rangesText(it.ranges?.range ?? [])
    case ValueType.SET:
      return amountText((it.set?.item ?? []) as Items, it.type)
    default:
      return it.text?.value ?? ''
  }
}
