/** JSON values of recordings and of answers; numbers that JavaScript can't hold keep every digit. */

/** A number as it was written. */
export class ExactNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  valueOf(): number {
    return Number(this.text)
  }
}

export type Json = null | boolean | number | string | ExactNumber | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)

/** Marks a number inside a text that `JSON.parse` reads; no recording has this character. */
const MARK = '\u0001'
const TOKEN = /"(?:[^"\\]|\\.)*"|-?(?:\d[\d.eE+-]*|Infinity)|NaN/g

const needsCare = (token: string): boolean => !token.startsWith('"') && (/\d{16}/.test(token) || !Number.isFinite(Number(token)))

export function parseJson(text: string): Json {
  const marked = text.replace(TOKEN, (token) => (needsCare(token) ? JSON.stringify(MARK + token) : token))
  if (marked === text) return JSON.parse(text) as Json
  return JSON.parse(marked, (_, value) =>
    typeof value === 'string' && value.startsWith(MARK) ? new ExactNumber(value.slice(1)) : value,
  ) as Json
}

export function writeJson(value: unknown): string {
  const text = JSON.stringify(value, (_, item) => (item instanceof ExactNumber ? MARK + item.text : item))
  return text.replace(/"\\u0001([^"]*)"/g, '$1')
}

/** The value at a path of keys, undefined where there is none. */
export function at(value: Json | undefined, ...keys: string[]): Json | undefined {
  return keys.reduce<Json | undefined>((found, key) => (isObject(found) ? found[key] : undefined), value)
}

export function textAt(value: Json | undefined, ...keys: string[]): string | undefined {
  const found = at(value, ...keys)
  return typeof found === 'string' ? found : undefined
}

export function listAt(value: Json | undefined, ...keys: string[]): Json[] {
  const found = at(value, ...keys)
  return Array.isArray(found) ? found : []
}

/** For messages: a value that is not too long to read. */
export function short(value: unknown): string {
  const text = writeJson(value) ?? 'nothing'
  return text.length < 160 ? text : `${text.slice(0, 157)}...`
}
