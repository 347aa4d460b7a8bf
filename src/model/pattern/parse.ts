import { folded, not, posix, readEscape, type Test } from './characters.js'
import { isWord, lineFeed, type Node, nothing, PatternFault } from './syntax.js'

/** As in RE2. */
const mostRepeats = 1000
const deepest = 200

interface Flags {
  readonly ignoreCase: boolean
  /** `.` matches a line feed too. */
  readonly dotAll: boolean
  /** `^` and `$` hold at lines. */
  readonly lines: boolean
}

/** Reads a pattern in RE2's syntax. Throws `PatternFault` for what RE2 does not take: references back, looking around. */
export function parsePattern(pattern: string): Node {
  const parser = new Parser(pattern)
  const node = parser.choice({ ignoreCase: false, dotAll: false, lines: false })
  if (!parser.atEnd) throw new PatternFault("it has a ')' without '('")
  return node
}

class Parser {
  private readonly text: string
  private at = 0
  private depth = 0
  /** Set by `(?i)` and its like for the rest of the group. */
  private changed: Flags | undefined

  constructor(text: string) {
    this.text = text
  }

  get atEnd(): boolean {
    return this.at >= this.text.length
  }

  /** Up to the end, or the ')' of the group that it is in. */
  choice(flags: Flags): Node {
    const parts: Node[] = []
    let sequence: Node[] = []
    while (!this.atEnd && this.text[this.at] !== ')') {
      if (this.take('|')) {
        parts.push({ kind: 'sequence', parts: sequence })
        sequence = []
        continue
      }
      const part = this.atom(flags)
      if (this.changed) {
        flags = this.changed
        this.changed = undefined
      } else sequence.push(this.repeated(part))
    }
    parts.push({ kind: 'sequence', parts: sequence })
    return parts.length === 1 ? parts[0]! : { kind: 'choice', parts }
  }

  private take(expected: string): boolean {
    if (!this.text.startsWith(expected, this.at)) return false
    this.at += expected.length
    return true
  }

  private match(expression: RegExp): RegExpExecArray | undefined {
    const found = expression.exec(this.text.slice(this.at))
    if (!found) return undefined
    this.at += found[0].length
    return found
  }

  private repeated(part: Node): Node {
    const found = this.match(/^(?:[*+?]|\{(\d{1,5})(?:(,)(\d{0,5}))?\})\??/)
    if (!found) return part
    if (/^[*+?{]/.test(this.text.slice(this.at)) && this.match(/^(?:[*+?]|\{\d+(?:,\d*)?\})/)) {
      throw new PatternFault(`it repeats a repeat with '${found[0]}'; put the inner one in a group`)
    }
    const sign = found[0][0]
    if (sign !== '{')
      return { kind: 'repeat', part, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Number.POSITIVE_INFINITY }
    const least = Number(found[1])
    const most = found[2] === undefined ? least : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3])
    const largest = most === Number.POSITIVE_INFINITY ? least : most
    if (largest > mostRepeats) throw new PatternFault(`it repeats more than ${mostRepeats} times`)
    if (most < least) throw new PatternFault(`${found[0]} repeats at most less often than at least`)
    return { kind: 'repeat', part, least, most }
  }

  private atom(flags: Flags): Node {
    const first = this.text[this.at]!
    switch (first) {
      case '(':
        return this.group(flags)
      case '[':
        return character(this.bracket(), flags)
      case '.':
        this.at++
        return { kind: 'character', test: flags.dotAll ? () => true : (code) => code !== lineFeed }
      case '^':
        this.at++
        return flags.lines
          ? edge((before) => before === undefined || before === lineFeed)
          : edge((before) => before === undefined)
      case '$':
        this.at++
        return flags.lines
          ? edge((_, after) => after === undefined || after === lineFeed)
          : edge((_, after) => after === undefined)
      case '*':
      case '+':
      case '?':
        throw new PatternFault(`'${first}' has nothing before it to repeat`)
      case '\\':
        return this.escape(flags)
      default:
        return character(equals(this.code()), flags)
    }
  }

  private code(): number {
    const code = this.text.codePointAt(this.at)!
    this.at += code > 0xffff ? 2 : 1
    return code
  }

  private group(flags: Flags): Node {
    if (this.match(/^\(\?<?[=!]/))
      throw new PatternFault('it looks around with (?= (?! (?<= or (?<!, which cannot be matched in linear time')
    const named = this.match(/^\((?:\?P?<\w+>)?(?!\?)/)
    const inner = named ? flags : this.groupFlags(flags)
    if (!inner) return nothing
    if (++this.depth > deepest) throw new PatternFault(`its groups are nested more than ${deepest} deep`)
    const node = this.choice(inner)
    if (!this.take(')')) throw new PatternFault("it has a '(' without ')'")
    this.depth--
    return node
  }

  /** `(?i:`, or `(?i)`, which holds from here on and gives no group. */
  private groupFlags(flags: Flags): Flags | undefined {
    const found = this.match(/^\(\?([imsU]*)(?:-([imsU]+))?([:)])/)
    if (!found) throw new PatternFault("it has a '(?' of a kind that is not known here")
    const [, on = '', off = '', end] = found
    const flag = (letter: string, now: boolean): boolean => (off.includes(letter) ? false : now || on.includes(letter))
    const changed = { ignoreCase: flag('i', flags.ignoreCase), dotAll: flag('s', flags.dotAll), lines: flag('m', flags.lines) }
    if (end === ':') return changed
    this.changed = changed
    return undefined
  }

  private escape(flags: Flags): Node {
    if (this.match(/^\\A/)) return edge((before) => before === undefined)
    if (this.match(/^\\z/)) return edge((_, after) => after === undefined)
    if (this.match(/^\\b/)) return edge((before, after) => isWord(before) !== isWord(after))
    if (this.match(/^\\B/)) return edge((before, after) => isWord(before) === isWord(after))
    const quoted = this.match(/^\\Q(.*?)(?:\\E|$)/s)
    if (quoted) return { kind: 'sequence', parts: [...quoted[1]!].map((it) => character(equals(it.codePointAt(0)!), flags)) }
    this.at++
    const { length, code, test } = readEscape(this.text.slice(this.at))
    this.at += length
    return character(test ?? equals(code!), flags)
  }

  private bracket(): Test {
    this.at++
    const inverted = this.take('^')
    const tests: Test[] = []
    // A ']' that comes first stands for itself.
    for (let first = true; first || this.text[this.at] !== ']'; first = false) {
      if (this.atEnd) throw new PatternFault("it has a '[' without ']'")
      tests.push(this.bracketItem())
    }
    this.at++
    const any: Test = (code) => tests.some((test) => test(code))
    return inverted ? not(any) : any
  }

  private bracketItem(): Test {
    const named = this.match(/^\[:(\^?)([a-z]+):\]/)
    if (named) {
      const test = posix[named[2]!]
      if (!test) throw new PatternFault(`there is no class of characters called ${named[2]}`)
      return named[1] === '^' ? not(test) : test
    }
    const from = this.bracketEnd()
    if (typeof from === 'function') return from
    if (this.text[this.at] !== '-' || this.text[this.at + 1] === ']' || this.at + 1 >= this.text.length) return equals(from)
    this.at++
    const to = this.bracketEnd()
    if (typeof to === 'function' || to < from) throw new PatternFault('it has a range of characters that ends before it begins')
    return (code) => code >= from && code <= to
  }

  private bracketEnd(): number | Test {
    if (this.text[this.at] !== '\\') return this.code()
    this.at++
    const { length, code, test } = readEscape(this.text.slice(this.at))
    this.at += length
    return test ?? code!
  }
}

const equals =
  (wanted: number): Test =>
  (code) =>
    code === wanted

function character(test: Test, flags: Flags): Node {
  return { kind: 'character', test: flags.ignoreCase ? folded(test) : test }
}

function edge(holds: (before: number | undefined, after: number | undefined) => boolean): Node {
  return { kind: 'edge', holds }
}
