import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Timing {
  wholeP50: number
  wholeP99: number
  perSecond: number
  /** Begin to exec done; only where somebody can see it. */
  launchP50?: number
  launchP99?: number
  cpuMs?: number
}

/** Compiles one of the C programs beside this file; answers its path. */
export function compile(name: 'floor' | 'repeat'): string {
  const directory = join(process.cwd(), 'dist/.run')
  mkdirSync(directory, { recursive: true })
  const output = join(directory, name)
  execFileSync('cc', ['-O2', '-Wall', '-o', output, join(process.cwd(), `test/perf/${name}.c`)])
  return output
}

/** Runs a measuring program and reads the JSON object that it prints. */
export async function timing(argv: readonly string[]): Promise<Timing> {
  const { stdout } = await run(argv[0]!, argv.slice(1), { maxBuffer: 1 << 24 })
  return JSON.parse(stdout) as Timing
}
