import { WireErrors } from './errors.js'

/** What a JSON text says. Whole numbers that a double may not hold are bigint. */
export type Json = null | boolean | number | bigint | string | Json[] | JsonObject
export interface JsonObject {
  [name: string]: Json
}

/** The text may not nest deeper than this (Mesos: CVE-2018-11793). */
export const MAX_DEPTH = 200

/** A double may not hold more digits than these; 64 bits do not hold more than those. */
const SAFE_DIGITS = 15
const MAX_DIGITS = 20

/**
 * Reads RFC 8259 text, every digit kept. Slower than `JSON.parse`: for the few texts with long numbers, and to say where a malformed one goes
 * wrong. A name that occurs twice has its last value.
 */
export function parseExactly(text: string): Json {
  const parser = new Parser(text)
  const value = parser.value(0)
  parser.end()
  return value
}

class Parser {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  value(depth: number): Json {
    this.space()
    if (depth > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH}`)
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth)
      case '[':
        return this.array(depth)
      case '"':
        return this.string()
      case 't':
        return this.word('true', true)
      case 'f':
        return this.word('false', false)
      case 'n':
        return this.word('null', null)
      default:
        return this.number()
    }
  }

  end(): void {
    this.space()
    if (this.at < this.text.length) this.fail()
  }

  private object(depth: number): JsonObject {
    const object: JsonObject = {}
    this.at++
    if (this.closes('}')) return object
    do {
      this.space()
      if (this.text[this.at] !== '"') this.fail()
      const name = this.string()
      if (!this.closes(':')) this.fail()
      define(object, name, this.value(depth + 1))
    } while (this.closes(','))
    if (!this.closes('}')) this.fail()
    return object
  }

  private array(depth: number): Json[] {
    const array: Json[] = []
    this.at++
    if (this.closes(']')) return array
    do array.push(this.value(depth + 1))
    while (this.closes(','))
    if (!this.closes(']')) this.fail()
    return array
  }

  private string(): string {
    const start = this.at
    let end = start + 1
    for (; this.text[end] !== '"'; end++) {
      if (end >= this.text.length) this.fail()
      if (this.text[end] === '\\') end++
    }
    try {
      // Looks at the escapes, and refuses control characters.
      const value = JSON.parse(this.text.slice(start, end + 1)) as string
      this.at = end + 1
      return value
    } catch {
      return this.fail()
    }
  }

  private number(): number | bigint {
    NUMBER.lastIndex = this.at
    const found = NUMBER.exec(this.text)
    if (!found) return this.fail()
    this.at = NUMBER.lastIndex
    const [digits, fraction] = found
    const exact = fraction === '' && digits.length > SAFE_DIGITS && digits.length <= MAX_DIGITS
    return exact ? BigInt(digits) : Number(digits)
  }

  private word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) this.fail()
    this.at += word.length
    return value
  }

  /** Whether the next character is `sign`, which is then taken. */
  private closes(sign: string): boolean {
    this.space()
    if (this.text[this.at] !== sign) return false
    this.at++
    return true
  }

  private space(): void {
    for (;;) {
      const c = this.text.charCodeAt(this.at)
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return
      this.at++
    }
  }

  private fail(why?: string): never {
    const line = this.text.slice(0, this.at).split('\n').length
    const near = this.text
      .slice(this.at, this.at + 120)
      .split('\n', 1)
      .join()
    throw WireErrors.JSON_SYNTAX({ line, near, ...(why && { why }) })
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)((?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)/y

/** Like an assignment, but `__proto__` is a name as any other. */
function define(object: JsonObject, name: string, value: Json): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  else object[name] = value
}
