import { isWord, PatternFault } from './syntax.js'

export type Test = (code: number) => boolean

const between =
  (...pairs: [string, string][]): Test =>
  (code) =>
    pairs.some(([from, to]) => code >= from.codePointAt(0)! && code <= to.codePointAt(0)!)

export const not =
  (test: Test): Test =>
  (code) =>
    !test(code)

const digit = between(['0', '9'])
const space = between(['\t', '\n'], ['\f', '\r'], [' ', ' '])

/** `\d` and its like: ASCII only, as RE2 has them. */
const perl: Readonly<Record<string, Test>> = { d: digit, D: not(digit), s: space, S: not(space), w: isWord, W: not(isWord) }

export const posix: Readonly<Record<string, Test>> = {
  alnum: between(['0', '9'], ['A', 'Z'], ['a', 'z']),
  alpha: between(['A', 'Z'], ['a', 'z']),
  ascii: between(['\0', '\x7f']),
  blank: between(['\t', '\t'], [' ', ' ']),
  cntrl: between(['\0', '\x1f'], ['\x7f', '\x7f']),
  digit,
  graph: between(['!', '~']),
  lower: between(['a', 'z']),
  print: between([' ', '~']),
  punct: between(['!', '/'], [':', '@'], ['[', '`'], ['{', '~']),
  space: between(['\t', '\r'], [' ', ' ']),
  upper: between(['A', 'Z']),
  word: isWord,
  xdigit: between(['0', '9'], ['A', 'F'], ['a', 'f']),
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }

/** Reads what follows a backslash where it stands for one character or a class of them. `rest` begins after the backslash. */
export function readEscape(rest: string): { length: number; code?: number; test?: Test } {
  const first = rest[0]
  if (first === undefined) throw new PatternFault('it ends with a backslash')
  if (perl[first]) return { length: 1, test: perl[first] }
  if (first === 'p' || first === 'P') return readProperty(rest)
  if (controls[first] !== undefined) return { length: 1, code: controls[first] }
  const hex = /^x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/.exec(rest)
  if (hex) return { length: hex[0].length, code: inUnicode(Number.parseInt(hex[1] ?? hex[2]!, 16)) }
  const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{2})/.exec(rest)
  if (octal) return { length: octal[0].length, code: Number.parseInt(octal[0], 8) }
  if (/[1-9]/.test(first)) throw new PatternFault(`it refers back with \\${first}, which cannot be matched in linear time`)
  const code = rest.codePointAt(0)!
  if (isWord(code)) throw new PatternFault(`\\${first} is no escape that is known here`)
  return { length: code > 0xffff ? 2 : 1, code }
}

/** `\pL`, `\p{Greek}`, `\P{^Lu}`. */
function readProperty(rest: string): { length: number; test: Test } {
  const match = /^[pP](?:([A-Z])|\{(\^?)([A-Za-z_]+)\})/.exec(rest)
  if (!match) throw new PatternFault('\\p must be followed by the name of a class of characters')
  const name = match[1] ?? match[3]!
  const test = property(name)
  const inverted = (rest[0] === 'P') !== (match[2] === '^')
  return { length: match[0].length, test: inverted ? not(test) : test }
}

function property(name: string): Test {
  for (const wanted of [`\\p{${name}}`, `\\p{Script=${name}}`]) {
    try {
      // One class and nothing that repeats: there is nothing to backtrack.
      const expression = new RegExp(`^${wanted}$`, 'u')
      return (code) => expression.test(String.fromCodePoint(code))
    } catch {}
  }
  throw new PatternFault(`there is no class of characters called ${name}`)
}

function inUnicode(code: number): number {
  if (code > 0x10ffff) throw new PatternFault('it names a character beyond Unicode')
  return code
}

/** A character without regard to case. */
export function folded(test: Test): Test {
  return (code) => {
    const text = String.fromCodePoint(code)
    return test(code) || test(text.toLowerCase().codePointAt(0)!) || test(text.toUpperCase().codePointAt(0)!)
  }
}
