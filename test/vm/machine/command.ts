import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Runs a program to its end and gives what it printed; an error says what it complained of. */
export async function command(program: string, ...args: string[]): Promise<string> {
  try {
    return (await run(program, args, { maxBuffer: 256 * 1024 * 1024 })).stdout
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    throw new Error(`${program} ${args[0] ?? ''}: ${stderr.trim() || message}`, { cause: error })
  }
}
