import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import type { Identity } from '#wire/native.js'
import { FetcherErrors } from './errors.js'
import type { OpenedSource } from './scheme.js'

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const SCHEMES = ['hdfs', 'webhdfs', 'viewfs', 'har', 's3', 's3a', 's3n']
const MOST_SAID = 4096

/** What Hadoop's client fetches, as Mesos does (row 5-035): run as the task's user, with nothing of the agent's environment. */
export interface Hadoop {
  readonly schemes: readonly string[]
  open(uri: string, user: Identity | undefined, abort: AbortSignal): Promise<OpenedSource>
}

/** `undefined`: there is none in `home`, or, without it, in the usual places. */
export function findHadoop(home: string | undefined): Hadoop | undefined {
  const program =
    home === undefined
      ? PATH.split(':')
          .map((it) => join(it, 'hadoop'))
          .find(isProgram)
      : join(home, 'bin/hadoop')
  if (program === undefined || !isProgram(program)) return undefined
  const environment = { PATH, LC_ALL: 'C', ...(home !== undefined && { HADOOP_HOME: home }) }
  return { schemes: SCHEMES, open: async (uri, user, abort) => ({ body: output(program, environment, uri, user, abort) }) }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** By a pipe and not to a file, since the task's user need not be able to reach the sandbox by its path. */
async function* output(
  program: string,
  env: Record<string, string>,
  uri: string,
  user: Identity | undefined,
  abort: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const ids = user && process.geteuid?.() === 0 ? { uid: user.uid, gid: user.gid } : {}
  // The script starts a virtual machine: in a group of their own they end together.
  const child = spawn(program, ['fs', '-cat', uri], { env, cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe'], ...ids })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MOST_SAID)
  })
  const ended = new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : (lastLine(said) ?? `it ended by ${signal ?? code}`)))
  })
  const end = (): void => killGroup(child)
  abort.addEventListener('abort', end)
  if (abort.aborted) end()
  try {
    for await (const chunk of child.stdout) yield chunk as Uint8Array
    const why = await ended
    if (why !== undefined) throw FetcherErrors.HADOOP({ program, why })
  } finally {
    abort.removeEventListener('abort', end)
    end()
    child.stdout.destroy()
  }
}

const lastLine = (text: string): string | undefined => text.trim().split('\n').at(-1) || undefined

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
