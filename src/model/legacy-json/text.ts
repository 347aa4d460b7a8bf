import { doubleText } from '#wire/json-writer.js'

/**
 * A piece of JSON text that is whole in itself. `/state` is put together from such pieces (T13): an object tree of 200,000 tasks would be
 * built for every poll, while a piece can be kept for as long as what it shows does not change.
 */
export type JsonText = string & { readonly json: unique symbol }

export const string = (value: string): JsonText => JSON.stringify(value) as JsonText

export const boolean = (value: boolean): JsonText => (value ? 'true' : 'false') as JsonText

/** Always with a point: `16.0`. */
export const double = (value: number): JsonText => doubleText(value) as JsonText

export const integer = (value: number | bigint): JsonText => `${value}` as JsonText

export const array = (items: Iterable<JsonText>): JsonText => `[${[...items].join(',')}]` as JsonText

/** Members in the order given; those that are undefined are left out. */
export function object(members: Readonly<Record<string, JsonText | undefined>>): JsonText {
  return entries(Object.entries(members))
}

/** As `object`, for names that come from outside: their order holds even where they look like numbers. */
export function entries(members: Iterable<readonly [name: string, value: JsonText | undefined]>): JsonText {
  let text = ''
  for (const [name, value] of members) {
    if (value !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${value}`
  }
  return `{${text}}` as JsonText
}
