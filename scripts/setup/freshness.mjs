// Whether a build step has anything to do: a fingerprint of its inputs is kept beside the build when it succeeds.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const IGNORED = new Set(['target', 'node_modules', 'generated.tmp'])

function filesBelow(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .filter((name) => !IGNORED.has(name))
    .flatMap((name) => filesBelow(join(path, name)))
}

/** A digest of names and contents of all files below these paths. */
export function fingerprint(root, paths) {
  const hash = createHash('sha256').update(process.version)
  for (const file of paths.flatMap((path) => filesBelow(join(root, path)))) {
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update('\0')
  }
  return hash.digest('hex')
}

/** The stamp of one step. Invariant: it exists only while the step's outputs belong to the inputs that it names. */
export class Stamp {
  #file
  constructor(root, name) {
    this.#file = join(root, 'dist/.build', `${name}.stamp`)
  }

  matches(value) {
    return existsSync(this.#file) && readFileSync(this.#file, 'utf8') === value
  }

  clear() {
    rmSync(this.#file, { force: true })
  }

  set(value) {
    mkdirSync(dirname(this.#file), { recursive: true })
    writeFileSync(this.#file, value)
  }
}
