import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContainerPlan, Host, HostFacts } from '#host/host.js'
import { openRealHost } from '#host/real-host.js'
import { nothingLeft, traces } from './leaks.js'

export interface Opened {
  /** Where they are, if not where this host has them. */
  cgroups?: HostFacts['cgroups'] | undefined
  gpuLibrary?: string | undefined
}

/** A place on this machine for the containers of one test, with everything that isolates them. Nothing may be left of it at the end. */
export class RealMachine {
  readonly directory: string
  readonly runtimeDir: string
  readonly cgroupsRoot: string
  private readonly before: string[]
  private current: Host | undefined
  private cgroups: HostFacts['cgroups'] | undefined

  private constructor(directory: string, cgroupsRoot: string, before: string[]) {
    this.directory = directory
    this.runtimeDir = join(directory, 'run')
    this.cgroupsRoot = cgroupsRoot
    this.before = before
  }

  static async prepare(parent = '/tmp'): Promise<RealMachine> {
    const name = `meseta-host-${randomBytes(4).toString('hex')}`
    const directory = join(parent, name)
    await mkdir(join(directory, 'sandbox'), { recursive: true, mode: 0o755 })
    return new RealMachine(directory, name, await traces({ directories: [directory], cgroupsRoot: name }))
  }

  get sandbox(): string {
    return join(this.directory, 'sandbox')
  }

  /** Of the host that was opened last. */
  get facts(): HostFacts {
    if (!this.current) throw new Error('no host was opened yet')
    return this.current.facts
  }

  async open({ cgroups = this.cgroups, gpuLibrary }: Opened = {}): Promise<Host> {
    this.cgroups = cgroups
    const { runtimeDir, cgroupsRoot } = this
    const scratchDir = join(this.directory, 'scratch')
    this.current = await openRealHost({ runtimeDir, scratchDir, cgroupsRoot, cgroups, gpuLibrary })
    return this.current
  }

  /** As far as containers can tell, an agent that closes its descriptors is one that died. */
  async crash(): Promise<void> {
    await this.current?.close()
  }

  plan(id: string, script: string): ContainerPlan {
    return {
      containerId: id,
      namespaces: { mount: true, pid: true, ipc: true, uts: true, cgroup: true },
      cgroups: { path: `${this.cgroupsRoot}/${id}`, controllers: ['cpu', 'cpuacct', 'memory', 'pids', 'freezer'] },
      process: {
        executable: '/bin/sh',
        arguments: ['sh', '-c', script],
        environment: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
        workingDirectory: this.sandbox,
        stdio: { stdout: join(this.sandbox, 'stdout'), stderr: join(this.sandbox, 'stderr') },
      },
    }
  }

  async output(): Promise<string> {
    return readFile(join(this.sandbox, 'stdout'), 'utf8')
  }

  async errors(): Promise<string> {
    return readFile(join(this.sandbox, 'stderr'), 'utf8')
  }

  /** Destroys all that is there, and fails when anything stays nevertheless. */
  async dispose(): Promise<void> {
    await this.crash()
    const host = await this.open()
    const { containers, leftovers, removal } = await host.recover()
    await Promise.all([...containers.map(({ id }) => id), ...leftovers].map((id) => host.destroy(id)))
    await removal
    await host.close()
    const scope = {
      directories: [this.directory],
      cgroupsRoot: this.cgroupsRoot,
      transient: [host.facts.runtimeDirectory, host.facts.scratchDirectory],
    }
    await nothingLeft(scope, this.before)
    await rm(this.directory, { recursive: true })
    const hierarchies = host.facts.cgroups.hierarchies.map(({ mountPoint }) => join(mountPoint, this.cgroupsRoot))
    await Promise.all(hierarchies.map((path) => removeEmptyCgroup(path)))
  }
}

async function removeEmptyCgroup(path: string): Promise<void> {
  await rmdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}
