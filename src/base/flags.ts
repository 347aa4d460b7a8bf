import { readFileSync } from 'node:fs'
import { formatBytes, parseBytes } from './bytes.js'
import { formatDuration, parseDuration } from './duration.js'
import { CodedError, catalogue } from './errors.js'
import { nearest } from './nearest.js'

/**
 * Flags as objects: parser, help, environment name and reference page come from one declaration. The grammar is Mesos': `--name=value` (or
 * `--name value`), `--name` and `--no-name` for booleans, `MESOS_NAME` in the environment, `file://` for a value that stands in a file. The
 * command line wins over the environment.
 */
export interface Flag<T> {
  readonly name: string
  /** Older or other names under which Mesos takes it too (`slave_subsystems`). */
  readonly aliases: readonly string[]
  readonly help: string
  /** What a value looks like, for help: `DURATION`. Empty for booleans, which need none. */
  readonly form: string
  /** As text, as a user would write it. */
  readonly default: string | undefined
  readonly required: boolean
  /** The default is filled in here, in `parseFlags`, only where a text exists. Throws a sentence (`FlagProblem`). */
  parse(text: string): T
  /** As `/flags` shows it. */
  text(value: T): string
}

export interface FlagOptions<T> {
  help: string
  aliases?: readonly string[]
  /** Answers what is wrong with the value, or nothing. */
  check?: Check<T>
}

export type Check<T> = (value: T) => string | undefined

const FlagErrors = catalogue('FLAG', {
  UNKNOWN: {
    say: (e: { name: string; suggestion: string | undefined }) =>
      `unknown flag --${e.name}${e.suggestion ? `; did you mean --${e.suggestion}?` : ''}`,
  },
  INVALID: { say: (e: { flag: string; value: string; why: string }) => `${e.flag}: ${JSON.stringify(e.value)} ${e.why}` },
  VALUE_MISSING: { say: (e: { flag: string; form: string }) => `${e.flag} needs a value: ${e.flag}=${e.form}` },
  VALUE_UNWANTED: { say: (e: { flag: string }) => `${e.flag} takes no value` },
  TWICE: { say: (e: { flag: string }) => `${e.flag} is given twice` },
  REQUIRED: {
    say: (e: { flag: string; environment: string }) => `${e.flag} is required (or ${e.environment} in the environment)`,
  },
  ARGUMENT_UNWANTED: {
    say: (e: { argument: string }) => `unexpected argument ${JSON.stringify(e.argument)}; flags begin with --`,
  },
  FILE_UNREADABLE: { say: (e: { flag: string; path: string; why: string }) => `${e.flag}: cannot read ${e.path}: ${e.why}` },
})

type Form<T> = Pick<Flag<T>, 'form' | 'parse' | 'text'>

/** `default` makes the value certain, `required` too; else it may be absent. */
interface Maker<T> {
  (name: string, options: FlagOptions<T> & { default: string }): Flag<T>
  (name: string, options: FlagOptions<T> & { required: true }): Flag<T>
  (name: string, options: FlagOptions<T>): Flag<T | undefined>
}

class FlagProblem extends Error {}

function maker<T>(form: Form<T>): Maker<T> {
  return ((name: string, options: FlagOptions<T> & { default?: string; required?: true }): Flag<T> => ({
    name,
    aliases: options.aliases ?? [],
    help: options.help,
    form: form.form,
    default: options.default,
    required: options.required ?? false,
    parse(text) {
      const value = form.parse(text)
      const problem = options.check?.(value)
      if (problem !== undefined) throw new FlagProblem(problem)
      return value
    },
    text: form.text,
  })) as Maker<T>
}

function orProblem<T>(value: T | undefined, problem: string): T {
  if (value === undefined) throw new FlagProblem(problem)
  return value
}

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false }

export const flag = {
  string: maker<string>({ form: 'TEXT', parse: (text) => text, text: (value) => value }),
  path: maker<string>({
    form: 'PATH',
    parse: (text) => orProblem(text.includes('\0') || text === '' ? undefined : text, 'is not a path'),
    text: (value) => value,
  }),
  bool: maker<boolean>({ form: '', parse: (text) => orProblem(BOOLEANS[text], 'is neither true nor false'), text: String }),
  int: maker<number>({
    form: 'NUMBER',
    parse: (text) => orProblem(/^-?\d{1,15}$/.test(text) ? Number(text) : undefined, 'is not a whole number'),
    text: String,
  }),
  number: maker<number>({
    form: 'NUMBER',
    parse: (text) => orProblem(/^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text) ? Number(text) : undefined, 'is not a number'),
    text: String,
  }),
  /** In milliseconds. */
  duration: maker<number>({
    form: 'DURATION',
    parse: (text) =>
      orProblem(parseDuration(text), 'is not a duration such as 10secs (ns, us, ms, secs, mins, hrs, days or weeks)'),
    text: formatDuration,
  }),
  bytes: maker<number>({
    form: 'SIZE',
    parse: (text) => orProblem(parseBytes(text), 'is not a size such as 512MB (B, KB, MB, GB or TB)'),
    text: formatBytes,
  }),
  json: maker<unknown>({
    form: 'JSON',
    parse(text) {
      try {
        return JSON.parse(text)
      } catch (error) {
        throw new FlagProblem(`is not JSON: ${(error as Error).message}`)
      }
    },
    text: (value) => JSON.stringify(value),
  }),
  /** One of a few words. */
  choice: <const Words extends readonly string[]>(words: Words): Maker<Words[number]> =>
    maker<Words[number]>({
      form: words.join('|'),
      parse: (text) =>
        orProblem(words.find((word) => word === text) as Words[number] | undefined, `is none of ${words.join(', ')}`),
      text: (value) => value,
    }),
}

export const atLeast =
  (text: string): Check<number> =>
  (value) =>
    value < magnitude(text) ? `is less than ${text}` : undefined

export const atMost =
  (text: string): Check<number> =>
  (value) =>
    value > magnitude(text) ? `is more than ${text}` : undefined

/** The first complaint of several checks. */
export const all =
  <T>(...checks: readonly Check<T>[]): Check<T> =>
  (value) =>
    checks.map((check) => check(value)).find((problem) => problem !== undefined)

const magnitude = (text: string): number => parseDuration(text) ?? parseBytes(text) ?? Number(text)

export type Flags = Readonly<Record<string, Flag<unknown>>>
export type FlagValues<F extends Flags> = { readonly [Key in keyof F]: F[Key] extends Flag<infer T> ? T : never }

const environmentName = (name: string): string => `MESOS_${name.toUpperCase()}`

/**
 * The value of every flag, by the keys of `flags`. Throws a `CodedError` of `FlagErrors` that names the flag. `argv` holds flags only, without
 * the names of program and command.
 */
export function parseFlags<F extends Flags>(
  flags: F,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): FlagValues<F> {
  const given = readCommandLine(Object.values(flags), argv)
  const values = Object.entries(flags).map(([key, flag]) => {
    const text = given.get(flag) ?? fromEnvironment(flag, env) ?? flag.default
    if (text === undefined && flag.required) {
      throw FlagErrors.REQUIRED({ flag: `--${flag.name}`, environment: environmentName(flag.name) })
    }
    return [key, text === undefined ? undefined : parseValue(flag, text, readFile)]
  })
  return Object.fromEntries(values) as FlagValues<F>
}

function fromEnvironment(flag: Flag<unknown>, env: Readonly<Record<string, string | undefined>>): string | undefined {
  return [flag.name, ...flag.aliases].map((name) => env[environmentName(name)]).find((text) => text !== undefined)
}

function readCommandLine(flags: readonly Flag<unknown>[], argv: readonly string[]): Map<Flag<unknown>, string> {
  const given = new Map<Flag<unknown>, string>()
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? []
    if (name === undefined) throw FlagErrors.ARGUMENT_UNWANTED({ argument })
    const { flag, negated } = findFlag(flags, name)
    if (given.has(flag)) throw FlagErrors.TWICE({ flag: `--${flag.name}` })
    if (negated && value !== undefined) throw FlagErrors.VALUE_UNWANTED({ flag: `--${name}` })
    if (value !== undefined) given.set(flag, value)
    else if (isBoolean(flag)) given.set(flag, negated ? 'false' : 'true')
    else given.set(flag, valueThatFollows(flag, argv[++i]))
  }
  return given
}

function valueThatFollows(flag: Flag<unknown>, next: string | undefined): string {
  if (next === undefined || next.startsWith('--')) throw FlagErrors.VALUE_MISSING({ flag: `--${flag.name}`, form: flag.form })
  return next
}

function findFlag(flags: readonly Flag<unknown>[], name: string): { flag: Flag<unknown>; negated: boolean } {
  const called = (wanted: string) => flags.find((flag) => flag.name === wanted || flag.aliases.includes(wanted))
  const flag = called(name)
  if (flag) return { flag, negated: false }
  const positive = name.startsWith('no-') ? called(name.slice(3)) : undefined
  if (positive && isBoolean(positive)) return { flag: positive, negated: true }
  throw FlagErrors.UNKNOWN({
    name,
    suggestion: nearest(
      name,
      flags.map((each) => each.name),
    ),
  })
}

const isBoolean = (flag: Flag<unknown>): boolean => flag.form === ''

function parseValue(flag: Flag<unknown>, text: string, readFile: (path: string) => string): unknown {
  const content = readIfFile(flag, text, readFile)
  try {
    return flag.parse(content)
  } catch (error) {
    if (!(error instanceof FlagProblem)) throw error
    throw FlagErrors.INVALID({ flag: `--${flag.name}`, value: text, why: error.message })
  }
}

/** `file:///x` anywhere, a bare absolute path for JSON. */
function readIfFile(flag: Flag<unknown>, text: string, readFile: (path: string) => string): string {
  const path = text.startsWith('file://')
    ? text.slice('file://'.length)
    : flag.form === 'JSON' && text.startsWith('/')
      ? text
      : undefined
  if (path === undefined) return text
  try {
    return readFile(path).trim()
  } catch (error) {
    throw error instanceof CodedError
      ? error
      : FlagErrors.FILE_UNREADABLE({ flag: `--${flag.name}`, path, why: (error as Error).message })
  }
}

/** Name and text of every flag that has a value, sorted, as `/flags` and GET_FLAGS show them (rows 3-009, 3-079). */
export function flagTexts<F extends Flags>(flags: F, values: FlagValues<F>): [name: string, text: string][] {
  return Object.entries(flags)
    .filter(([key]) => values[key] !== undefined)
    .map(([key, flag]): [string, string] => [flag.name, flag.text(values[key])])
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

/** What `--help` prints, one flag a paragraph. */
export function flagHelp(flags: Flags, width = 100): string {
  return Object.values(flags)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((flag) => {
      const head = isBoolean(flag) ? `--[no-]${flag.name}` : `--${flag.name}=${flag.form}`
      const note = flag.default !== undefined ? ` (default: ${flag.default || '""'})` : flag.required ? ' (required)' : ''
      return `  ${head}\n${wrap(flag.help + note, width - 6)
        .map((line) => `      ${line}`)
        .join('\n')}`
    })
    .join('\n')
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = ['']
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)!
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
