import { toJson } from '#wire/json.js'
import { doubleText } from '#wire/json-writer.js'
import type { MessageType } from '#wire/message.js'

/** A number that keeps its point where it is whole, as Mesos writes doubles: `16.0`. */
export class Double {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

/** JSON text that is ready. */
export class Raw {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Json = string | number | boolean | Double | Raw | readonly Json[] | { readonly [key: string]: Json | undefined }

/** What is undefined is left out. */
export function jsonText(value: Json): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value instanceof Double) return doubleText(value.value)
  if (value instanceof Raw) return value.text
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  let text = ''
  for (const [key, member] of Object.entries(value as { readonly [key: string]: Json | undefined }))
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${jsonText(member)}`
  return `{${text}}`
}

export function messageJson<T extends object>(type: MessageType<T>, value: T): Raw {
  return new Raw(toJson(type, value))
}

export function optionalMessage<T extends object>(type: MessageType<T>, value: T | undefined): Raw | undefined {
  return value === undefined ? undefined : messageJson(type, value)
}

/** Seconds since the epoch (row 3-103). */
export function seconds(at: number): Double {
  return new Double(at / 1000)
}
