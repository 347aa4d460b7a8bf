import { mkdir, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Log } from '#base/log.js'
import type { Files } from '#http/files.js'
import { ifExists, relink } from './journal/durable-file.js'
import { slavesDirectory } from './paths.js'

/** A directory of a run, wherever it came from. */
export interface Sandbox {
  readonly path: string
  readonly framework: string
  readonly executor: string
}

/**
 * Sandboxes by the paths under which files of them are read (row 5-025): where they are, and short. Those of ended runs need no entry anywhere, so
 * that an agent which ran millions does not remember them.
 */
export function sandboxFinder(work: string, agentId: () => string | undefined): (path: string) => string | undefined {
  const run = '/frameworks/[^/]+/executors/[^/]+/runs/[^/]+$'
  const real = new RegExp(`^${slavesDirectory(work).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}/[^/]+${run}`)
  const short = new RegExp(`^${run}`)
  return (path) => {
    if (/\/\.\.?(\/|$)/.test(path)) return undefined
    const id = agentId()
    if (real.test(path)) return path
    return id !== undefined && short.test(path) ? `${slavesDirectory(work)}/${id}${path}` : undefined
  }
}

/** Makes the sandboxes of live runs known: in the list of files (row 3-082), and as `latest` beside the other runs (row 5-005). */
export class Sandboxes {
  private readonly files: Files
  private readonly log: Log

  constructor(files: Files, log: Log) {
    this.files = files
    this.log = log
  }

  attach(path: string): void {
    this.files.attach(path, path)
  }

  /** The run is over; its files are still found. */
  detach(path: string): void {
    this.files.detach(path)
  }

  /** Before the container is cloned; what goes wrong with it is found again, and told, by the containerizer. */
  prepare(path: string): void {
    this.attach(path)
    mkdir(dirname(path), { recursive: true })
      .then(() => relink(join(dirname(path), 'latest'), path))
      .catch((error) => this.log.debug({ path, why: error.message }, 'the link to the latest run could not be set'))
  }
}

/** All that earlier agents of this work directory have left. */
export async function findSandboxes(work: string): Promise<Sandbox[]> {
  const found: Sandbox[] = []
  for (const agent of await directories(slavesDirectory(work)))
    for (const framework of await directories(join(agent, 'frameworks')))
      for (const executor of await directories(join(framework, 'executors')))
        for (const path of await directories(join(executor, 'runs')))
          found.push({ path, framework: basename(framework), executor: basename(executor) })
  return found
}

/** Links, such as `latest`, are none. */
async function directories(parent: string): Promise<string[]> {
  const entries = (await readdir(parent, { withFileTypes: true }).catch(ifExists)) ?? []
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(parent, entry.name))
}
