import { createHash } from 'node:crypto'
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
  /**
   * Name of the cgroup of all containers. An agent takes what it does not know there for its own leftovers, so each cluster of a machine
   * has one to itself.
   */
  readonly cgroups: string
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
  const below = (name: string): string => join(root, name)
  const cgroups = `meseta-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`
  return { root, master: below('master'), agent: below('agent'), runtime: below('run'), logs: below('log'), cgroups }
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
