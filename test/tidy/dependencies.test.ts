import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from './sources.js'

interface Package {
  readonly version?: string
  readonly license?: string
  readonly dev?: boolean
  readonly os?: string[]
  readonly cpu?: string[]
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Record<string, string>
}

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Package> }
const packages = Object.entries(lock.packages).filter(([path]) => path !== '')

const PERMISSIVE =
  /^\(?(MIT|Apache-2\.0|BSD-[23]-Clause|ISC|0BSD|Unlicense|CC0-1\.0|BlueOak-1\.0\.0|Python-2\.0|PSF-2\.0)( (OR|AND) [\w.-]+)*\)?$/
/** Weak copyleft is fine for tools that never ship. */
const FOR_TOOLS = /^MPL-2\.0$/
/** Development only, older than the `license` field: their own files say MIT. */
const SAYS_SO_ELSEWHERE = ['async', 'cycle', 'eyes', 'node-zookeeper-client', 'underscore']

/** Install scripts that only choose a binary that the package already brings as an optional dependency. */
const PREBUILT = ['lmdb', 'msgpackr-extract']

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

describe('npm dependencies', () => {
  test('have permissive licences', () => {
    expect(packages.length).toBeGreaterThan(50)
    const others = packages.filter(([path, { license, dev, os, cpu }]) => {
      // A binary for another platform has the licence of the package that it belongs to.
      if (license === undefined) return !os && !cpu && !(dev && SAYS_SO_ELSEWHERE.includes(nameOf(path)))
      return !PERMISSIVE.test(license) && !(dev && FOR_TOOLS.test(license))
    })
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([])
  })

  test('are all locked, also those of other platforms, without which `npm ci` refuses to work (scripts/complete-lock.mjs)', () => {
    const locked = new Set(packages.map(([path]) => nameOf(path)))
    const named = packages.flatMap(([, { optionalDependencies }]) => Object.keys(optionalDependencies ?? {}))
    expect(named.filter((name) => !locked.has(name))).toEqual([])
  })

  test('need no install script', () => {
    const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path))
    expect(scripted.filter((name) => !PREBUILT.includes(name))).toEqual([])
  })

  test('work as installed, without their scripts', async () => {
    await expect(import('lmdb')).resolves.toHaveProperty('open')
  })
})
