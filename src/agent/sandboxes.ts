import { mkdir, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Log } from '#base/log.js'
import type { Files } from '#http/files.js'
import type { Executor } from './core/state.js'
import { ifExists, relink } from './journal/durable-file.js'
import { slavesDirectory } from './paths.js'

/** A directory of a run, wherever it came from. */
export interface Sandbox {
  readonly path: string
  readonly framework: string
  readonly executor: string
}

/** Makes sandboxes known: by path to who reads files (row 5-025), and as `latest` beside the other runs (row 5-005). */
export class Sandboxes {
  private readonly files: Files
  private readonly log: Log

  constructor(files: Files, log: Log) {
    this.files = files
    this.log = log
  }

  attach(sandbox: Sandbox): void {
    this.files.attach(sandbox.path, sandbox.path)
    this.files.attach(sandbox.path, virtualPath(sandbox, basename(sandbox.path)))
    this.files.attach(sandbox.path, virtualPath(sandbox, 'latest'))
  }

  detach(sandbox: Sandbox): void {
    this.files.detach(sandbox.path)
    this.files.detach(virtualPath(sandbox, basename(sandbox.path)))
  }

  /** Before the container is cloned; what goes wrong with it is found again, and told, by the containerizer. */
  prepare(executor: Executor): void {
    const path = executor.sandbox
    this.attach({ path, framework: executor.framework.id, executor: executor.id })
    mkdir(dirname(path), { recursive: true })
      .then(() => relink(join(dirname(path), 'latest'), path))
      .catch((error) => this.log.debug({ path, why: error.message }, 'the link to the latest run could not be set'))
  }
}

const virtualPath = ({ framework, executor }: Sandbox, run: string): string =>
  `/frameworks/${framework}/executors/${executor}/runs/${run}`

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
