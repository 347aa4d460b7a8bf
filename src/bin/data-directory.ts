import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { BinErrors } from './errors.js'
import type { Surroundings } from './process.js'

/** All data of one `meseta up` lies below one directory. */
export interface DataDirectory {
  readonly root: string
  readonly master: string
  readonly agent: string
  /** Short, since socket paths below it may have 107 bytes at most. */
  readonly runtime: string
  readonly logs: string
}

export interface Addresses {
  ip: string
  port: number
  agentPort: number
}

export function dataDirectory(given: string | undefined, env: Surroundings['env']): DataDirectory {
  const root = resolve(
    given ??
      (process.getuid?.() === 0 ? '/var/lib/meseta' : join(env.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'meseta')),
  )
  return { root, master: join(root, 'master'), agent: join(root, 'agent'), runtime: join(root, 'run'), logs: join(root, 'log') }
}

/** Makes it; every user may pass through, since a task of any user works in its sandbox below. */
export async function prepare(data: DataDirectory): Promise<void> {
  try {
    for (const path of [data.root, data.master, data.agent, data.runtime, data.logs]) {
      await mkdir(path, { recursive: true })
      await chmod(path, 0o755)
    }
    // The registry is nobody's business.
    await chmod(data.master, 0o700)
  } catch (error) {
    throw BinErrors.DATA_UNUSABLE({ path: data.root, why: (error as Error).message }, error)
  }
}

/** The first directory on the way that other users may not pass, or nothing. */
export async function closedParent(data: DataDirectory): Promise<string | undefined> {
  for (let path = dirname(data.root); ; path = dirname(path)) {
    if (!((await stat(path)).mode & 0o001)) return path
    if (path === dirname(path)) return undefined
  }
}

/** For `meseta down`: where the cluster of this directory answers while it is up. */
export async function writeAddresses(data: DataDirectory, addresses: Addresses): Promise<void> {
  await writeFile(join(data.root, 'addresses.json'), JSON.stringify(addresses))
}

export async function readAddresses(data: DataDirectory): Promise<Addresses | undefined> {
  const text = await readFile(join(data.root, 'addresses.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Addresses)
}
