/** The project's own source files as texts, and what they import. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** Bottom first; rooms of one layer may not import each other (design §3). */
export const LAYERS = [
  ['base'],
  ['wire'],
  ['model'],
  ['http', 'store', 'security', 'host'],
  ['containerizer', 'sdk'],
  ['master', 'agent'],
  ['cli'],
  ['bin'],
]

export interface Source {
  /** From the project's root, with slashes. */
  readonly path: string
  readonly text: string
}

const SKIPPED = new Set(['node_modules', 'dist', 'target', 'generated', 'recordings', '.git'])

function filesBelow(directory: string, endings: readonly string[]): string[] {
  if (!existsSync(directory)) return []
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return []
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return filesBelow(path, endings)
    return endings.some((ending) => entry.name.endsWith(ending)) ? [path] : []
  })
}

/** All files below the directory whose names end so. Never an empty answer: a check that sees no file would always be green. */
export function sources(directory: string, ...endings: string[]): Source[] {
  const found = filesBelow(join(root, directory), endings).map((file) => ({
    path: relative(root, file),
    text: readFileSync(file, 'utf8'),
  }))
  if (found.length === 0) throw new Error(`no ${endings.join(' or ')} file below ${directory}`)
  return found
}

export const roomOf = (source: Source): string => source.path.split('/')[1] ?? ''

const IMPORT =
  /(?:^|\n)\s*(?:import\s*|(?:import|export)\b[^'"\n;]*?(?:\{[^}]*\}[^'"\n;]*?)?\bfrom\s*)['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

/** Specifiers of static, dynamic and type imports and of re-exports. */
export function importsOf(source: Source): string[] {
  return [...source.text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '')
}

/** The source file that a specifier of `importer` names, from the project's root; undefined for packages. */
export function target(importer: Source, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(importer.path), specifier).replace(/\.js$/, '.ts')
  return specifier.startsWith('#') ? `src/${specifier.slice(1).replace(/\.js$/, '.ts')}` : undefined
}

/** Text without comments and without what stands between quotes. Good enough to look for names in code. */
export function codeOnly(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
}

/** Every place where the pattern occurs, as `path:line`. */
export function places(source: Source, pattern: RegExp, text = source.text): string[] {
  return text.split('\n').flatMap((line, i) => (pattern.test(line) ? [`${source.path}:${i + 1}: ${line.trim()}`] : []))
}
