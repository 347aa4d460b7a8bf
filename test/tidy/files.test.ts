import { describe, expect, test } from 'vitest'
import { codeOnly, importsOf, places, type Source, sources, target } from './sources.js'

const LONGEST = 400
const source = sources('src', '.ts')
const tests = sources('test', '.ts')
const rust = sources('native', '.rs').filter(({ path }) => !path.endsWith('/generated.rs'))
const scripts = sources('scripts', '.mjs')
const everything = [...source, ...tests, ...rust, ...scripts]

/** Files that others import or that something else names: entry points, and what a test imports. */
function reached(): Set<string> {
  const known = new Map(source.map((file) => [file.path, file]))
  const seen = new Set<string>()
  const visit = (file: Source): void => {
    for (const specifier of importsOf(file)) {
      const path = target(file, specifier)
      const next = path === undefined || seen.has(path) ? undefined : known.get(path)
      if (!next) continue
      seen.add(next.path)
      visit(next)
    }
  }
  for (const file of [...source.filter(({ path }) => path.startsWith('src/bin/')), ...tests]) visit(file)
  return seen
}

describe('files', () => {
  test(`hold one concern: at most ${LONGEST} lines`, () => {
    const long = everything.filter((file) => file.text.split('\n').length - 1 > LONGEST).map((file) => file.path)
    expect(long).toEqual([])
  })

  test('are all used', () => {
    const used = reached()
    expect(source.filter(({ path }) => !used.has(path) && !path.startsWith('src/bin/')).map(({ path }) => path)).toEqual([])
  })

  test('leave no loose ends', () => {
    // Put together here so that this file does not find itself.
    const marks = new RegExp(
      `\\b(${['TO', 'FIX', 'HA'].map((half, i) => half + ['DO', 'ME', 'CK'][i]).join('|')})\\b|\\b(test|it|describe)\\.(skip|only|todo)\\(`,
    )
    expect(everything.flatMap((file) => places(file, marks))).toEqual([])
  })

  test('export no value that nobody else uses', () => {
    const words = new Map<string, Set<string>>()
    for (const file of [...source, ...tests]) {
      for (const word of codeOnly(file.text).match(/[A-Za-z_$][\w$]*/g) ?? [])
        words.set(word, (words.get(word) ?? new Set()).add(file.path))
    }
    const unused = source.flatMap((file) =>
      [...file.text.matchAll(/^export (?:async )?(?:const|function|class) ([A-Za-z_$][\w$]*)/gm)]
        .filter(([, name = '']) => words.get(name)?.size === 1)
        .map(([, name]) => `${file.path}: ${name}`),
    )
    expect(unused).toEqual([])
  })
})

describe('unsafe Rust', () => {
  test('says why it is sound', () => {
    const bare = rust.flatMap((file) => {
      const lines = file.text.split('\n')
      return lines.flatMap((line, i) => {
        if (!/\bunsafe\s*(\{|impl\b|extern\b|fn\b)/.test(line.replace(/\/\/.*$/, ''))) return []
        const above = lines.slice(Math.max(0, i - 8), i + 1).join('\n')
        return /SAFETY|# Safety/.test(above) ? [] : [`${file.path}:${i + 1}: ${line.trim()}`]
      })
    })
    expect(bare).toEqual([])
  })
})
