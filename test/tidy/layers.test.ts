import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importsOf, LAYERS, roomOf, root, type Source, sources, target } from './sources.js'

const all = sources('src', '.ts')
const rooms = [...new Set(all.map(roomOf))]
const layerOf = (room: string): number => LAYERS.findIndex((layer) => layer.includes(room))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }

function references(room: string): string[] {
  const config = JSON.parse(readFileSync(join(root, 'src', room, 'tsconfig.json'), 'utf8')) as { references?: { path: string }[] }
  return (config.references ?? []).map((reference) => reference.path.replace('../', ''))
}

/** What is wrong with one import, if anything. */
function fault(source: Source, specifier: string): string | undefined {
  const room = roomOf(source)
  const file = target(source, specifier)
  if (file === undefined)
    return isBuiltin(specifier) || packageIsDeclared(specifier) ? undefined : `${specifier} is no dependency`
  if (!existsSync(join(root, file))) return `${file} does not exist`
  const other = file.split('/')[1] ?? ''
  if (other === room) return specifier.startsWith('#') ? 'its own room is imported by a relative path' : undefined
  if (!specifier.startsWith('#')) return 'another room is imported as #room/file.js'
  return references(room).includes(other) ? undefined : `${room} does not reference ${other}`
}

const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
const packageIsDeclared = (specifier: string): boolean => packageName(specifier) in manifest.dependencies

describe('imports go one way only (design §3)', () => {
  test('every room has a layer and files', () => {
    expect(rooms.filter((room) => layerOf(room) < 0 && room !== 'README.md')).toEqual([])
    expect(rooms).toEqual(expect.arrayContaining(['base', 'wire', 'model', 'http', 'store', 'host', 'master', 'agent', 'bin']))
  })

  test('a room references only rooms of the layers below', () => {
    const upward = rooms.flatMap((room) =>
      references(room)
        .filter((other) => layerOf(other) < 0 || layerOf(other) >= layerOf(room))
        .map((other) => `${room} → ${other}`),
    )
    expect(upward).toEqual([])
  })

  test('master and agent never import each other', () => {
    expect(references('master')).not.toContain('agent')
    expect(references('agent')).not.toContain('master')
  })

  test('every import is of the own room, of a referenced room, of node or of a declared dependency', () => {
    const faults = all.flatMap((source) =>
      importsOf(source).flatMap((specifier) => {
        const why = fault(source, specifier)
        return why ? [`${source.path} imports ${specifier}: ${why}`] : []
      }),
    )
    expect(faults).toEqual([])
  })

  test('the check sees imports of every form', () => {
    const text =
      "import a, { type b } from './a.js'\nimport './b.js'\nexport {\n  c,\n} from '#c/c.js'\nconst d = await import('d')\n"
    expect(importsOf({ path: 'src/x/x.ts', text })).toEqual(['./a.js', './b.js', '#c/c.js', 'd'])
  })
})
