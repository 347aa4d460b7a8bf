import type { Random } from '#base/random.js'

type Node = Record<string, unknown> | unknown[]

/** Texts of numbers that JSON has no value for; they replace this mark in the text. */
const LITERAL = '\u0001literal:'
const literals = [
  'NaN',
  'Infinity',
  '-Infinity',
  '-0',
  '1e400',
  '9223372036854775808',
  '18446744073709551616',
  '-9223372036854775809',
  '0x10',
  '01',
  '1e-400',
  '99999999999999999999999999',
]
const LONG = 300
const deep = (levels: number): unknown => JSON.parse('{"a":['.repeat(levels) + ']}'.repeat(levels))

/** Values that something is wrong with somewhere. */
function oddValue(random: Random): unknown {
  const values: unknown[] = [
    null,
    true,
    false,
    0,
    -1,
    1.5,
    -0.5,
    1e308,
    5e-324,
    2 ** 31,
    2 ** 53 + 2,
    '',
    ' ',
    '.',
    '..',
    '../../etc/passwd',
    '/',
    'a/b',
    'a\\b',
    '\u0000',
    'a\nb',
    '\u001b[2J',
    '\u202e',
    '__proto__',
    'constructor',
    'toString',
    '-rf',
    '$(id)',
    '%s%n',
    '%2e%2e%2f',
    '*',
    '🐙',
    '\ud800',
    'x'.repeat(255),
    'x'.repeat(256),
    'é'.repeat(128),
    'x'.repeat(70_000),
    '9223372036854775807',
    '-9223372036854775808',
    '1e3',
    'NaN',
    'Infinity',
    'UNKNOWN',
    'AAAA',
    '====',
    {},
    [],
    [[]],
    [{}],
    [null],
    { value: '' },
    { value: null },
    { value: '..' },
    deep(10),
    deep(60),
    Array(LONG).fill(0),
    Array(LONG).fill({}),
    Array(LONG).fill('x'),
    ...literals.map((text) => LITERAL + text),
  ]
  return values[random.below(values.length)]
}

/** The text of a body of which one to three places are not as they were. */
export function mutated(body: unknown, random: Random): string {
  const copy = { root: JSON.parse(JSON.stringify(body ?? null)) as unknown }
  for (let times = 1 + random.below(3); times > 0; times--) mutateOnce(copy, random)
  tame(copy.root)
  return (JSON.stringify(copy.root) ?? 'null').replaceAll(/"\\u0001literal:([^"]*)"/g, '$1')
}

function mutateOnce(holder: { root: unknown }, random: Random): void {
  const places: [Node, string | number][] = [[holder as Node, 'root']]
  collect(holder.root, places)
  const [parent, key] = places[random.below(places.length)]!
  const there = (parent as Record<string | number, unknown>)[key]
  switch (random.below(6)) {
    case 0:
      if (parent !== (holder as Node)) Array.isArray(parent) ? parent.splice(Number(key), 1) : delete parent[key as string]
      return
    case 1:
      if (Array.isArray(there)) there.push(...Array(LONG).fill(there[0] ?? {}))
      return
    case 2:
      return set(parent, key, [there])
    case 3:
      if (typeof there === 'object' && there !== null && !Array.isArray(there))
        set(there as Node, ['__proto__', 'constructor', 'type', 'value', 'id'][random.below(5)]!, oddValue(random))
      return
    default:
      return set(parent, key, oddValue(random))
  }
}

/** As data, whatever the name is. */
function set(parent: Node, key: string | number, value: unknown): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true })
}

function collect(value: unknown, places: [Node, string | number][]): void {
  if (typeof value !== 'object' || value === null || places.length > 2000) return
  for (const key of Object.keys(value)) {
    places.push([value as Node, key])
    collect((value as Record<string, unknown>)[key], places)
  }
}

const HARMLESS = /^\s*$|^true$|^sleep \d+$/

/** Tasks of this run are real: whatever became of their commands, they do nothing to the machine. */
function tame(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, item] of Object.entries(value)) {
    if (key === 'command' && typeof item === 'object' && item !== null && !Array.isArray(item))
      tameCommand(item as Record<string, unknown>)
    tame(item)
  }
}

function tameCommand(command: Record<string, unknown>): void {
  if (typeof command.value === 'string' && !HARMLESS.test(command.value)) command.value = 'true'
  if (command.shell === false) command.value = '/bin/true'
}

/** The bytes of a text, some of them changed, lost or said twice. */
export function damaged(text: string, random: Random): Buffer {
  let bytes = Buffer.from(text)
  for (let times = 1 + random.below(4); times > 0 && bytes.length > 0; times--) {
    const at = random.below(bytes.length)
    switch (random.below(4)) {
      case 0:
        bytes[at] = random.below(256)
        break
      case 1:
        bytes = bytes.subarray(0, at)
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xc0, 0xaf, 0xed, 0xa0, 0x80]), bytes.subarray(at)])
        break
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 20))])
    }
  }
  return bytes
}

/** Headers that do not fit what is sent, now and then. */
export function oddHeaders(stream: string, random: Random): Record<string, string> {
  const pick = (...options: string[]): string => options[random.below(options.length)]!
  const usual = random.below(5) > 0
  return {
    'Content-Type': usual
      ? 'application/json'
      : pick(
          'application/x-protobuf',
          'text/plain',
          'application/json; charset=utf-8',
          '',
          'application/recordio',
          'multipart/form-data',
        ),
    Accept: usual
      ? pick('application/json', 'application/x-protobuf', '*/*')
      : pick('text/html', '', 'application/json;q=0', '*/*;q=0.0', ','.repeat(1000)),
    ...(random.below(5) > 0 && { 'Mesos-Stream-Id': stream }),
    ...(random.below(20) === 0 && { 'Content-Encoding': pick('gzip', 'br', 'identity', 'deflate, gzip') }),
    ...(random.below(20) === 0 && { 'X-Flood': 'a'.repeat(random.below(60_000)) }),
    ...(random.below(20) === 0 && { Expect: '100-continue' }),
  }
}
