import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const sources = fileURLToPath(new URL('programs/', import.meta.url))

/** A reason to skip: programs that run inside containers are C, compiled here and static, since images have no libraries. */
export const missingCompiler = (): string | undefined =>
  spawnSync('gcc', ['--version']).status === 0 ? undefined : 'gcc is missing (Debian: gcc libc6-dev)'

export async function compile(name: string, directory: string): Promise<string> {
  const program = join(directory, name)
  await promisify(execFile)('gcc', ['-static', '-O1', '-pthread', '-o', program, join(sources, `${name}.c`)])
  return program
}
