import { readFile } from 'node:fs/promises'
import { bundle } from '../support/bundle.js'

/** A program of test/vm/programs as one file for the machine, which would take several seconds to bundle it. Runs there as `node /run/vm/<name>.cjs`. */
export async function programFile(name: string): Promise<Record<string, string>> {
  const made = await bundle(new URL(`./programs/${name}.ts`, import.meta.url))
  try {
    return { [`${name}.cjs`]: await readFile(made.file, 'utf8') }
  } finally {
    await made.dispose()
  }
}
