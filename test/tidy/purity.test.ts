import { describe, expect, test } from 'vitest'
import { codeOnly, importsOf, places, roomOf, type Source, sources } from './sources.js'

const all = sources('src', '.ts')
const isCore = ({ path }: Source): boolean => /^src\/[^/]+\/(core|allocator)\//.test(path)
const inCode = (files: readonly Source[], pattern: RegExp): string[] =>
  files.flatMap((source) => places(source, pattern, codeOnly(source.text)))

describe('pure cores, thin shells (design §4.1)', () => {
  const cores = all.filter(isCore)

  test('master and agent have a core', () => {
    for (const room of ['master', 'agent']) expect(cores.map(roomOf)).toContain(room)
  })

  test('cores know no clock, no chance, no timer and no waiting', () => {
    expect(
      inCode(cores, /\bDate\b|\bMath\.random\b|\bperformance\b|\bset(Timeout|Interval|Immediate)\b|\bawait\b|\bprocess\./),
    ).toEqual([])
  })

  test('cores do no I/O', () => {
    const modules = cores.flatMap((source) =>
      importsOf(source)
        .filter((name) => name.startsWith('node:'))
        .map((name) => `${source.path}: ${name}`),
    )
    expect(modules).toEqual([])
  })
})

describe('one bundle (design §4.13)', () => {
  test('only bin reads arguments and environment', () => {
    const others = all.filter((source) => roomOf(source) !== 'bin')
    expect(inCode(others, /\bprocess\.(argv|env)\b/)).toEqual([])
  })

  test('files beside the code are read by host and named by bin only', () => {
    const others = all.filter((source) => !['host', 'bin'].includes(roomOf(source)))
    expect(inCode(others, /\bimport\.meta\b|\b__dirname\b/)).toEqual([])
  })

  test('no module waits while it is loaded', () => {
    expect(inCode(all, /^(const .*= )?await\b/)).toEqual([])
  })
})
