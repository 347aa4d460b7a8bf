import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseFlags } from '#base/flags.js'
import type { ContainerConfig, Containerizer, Termination } from '#containerizer/containerizer.js'
import { containerizerFlags } from '#containerizer/flags.js'
import { createMesosContainerizer } from '#containerizer/mesos-containerizer.js'
import { containerResources } from '#containerizer/resources.js'
import { openRealHost } from '#host/real-host.js'
import type { CommandInfo } from '#wire/mesos.js'
import { nothingLeft, type Scope, traces } from '../../support/leaks.js'

const MEGABYTE = 1024 * 1024

/** A containerizer on the real host with directories and a cgroup root of its own, and an observer that says whether it left anything. */
export class Workplace {
  readonly directory: string
  readonly scope: Scope
  containerizer!: Containerizer
  #flags: string[] = []
  #before: string[] = []
  #next = 0

  static async open(...flags: string[]): Promise<Workplace> {
    const workplace = new Workplace(await mkdtemp('/tmp/mc-'))
    workplace.#flags = flags
    await chmod(workplace.directory, 0o755) // users of tasks must get to their sandboxes
    await workplace.restart()
    workplace.#before = await traces(workplace.scope)
    return workplace
  }

  private constructor(directory: string) {
    this.directory = directory
    this.scope = { directories: [directory], cgroupsRoot: this.cgroupsRoot, transient: [join(directory, 'run')] }
  }

  get cgroupsRoot(): string {
    return `mc-${this.directory.split('-').at(-1)}`
  }

  /** As an agent that died and came back would do it: nothing of the old one is asked to stop. */
  async restart(known: readonly ContainerConfig[] = []) {
    const host = await openRealHost({ runtimeDir: join(this.directory, 'run'), cgroupsRoot: this.cgroupsRoot })
    const flags = parseFlags(containerizerFlags, [`--cgroups_root=${this.cgroupsRoot}`, ...this.#flags])
    this.containerizer = createMesosContainerizer({ host, flags })
    return this.containerizer.recover(known)
  }

  config(command: string | CommandInfo, over: Partial<ContainerConfig> = {}): ContainerConfig {
    const id = `c${++this.#next}`
    return {
      id,
      command: typeof command === 'string' ? { value: command } : command,
      sandbox: join(this.directory, 'sandboxes', id),
      resources: { ...containerResources([]), cpus: 0.1, memory: 64 * MEGABYTE },
      ...over,
    }
  }

  /** From clone to destroy: how it ended and what it wrote. */
  async run(command: string | CommandInfo, over: Partial<ContainerConfig> = {}): Promise<Outcome> {
    const config = this.config(command, over)
    await this.start(config)
    const termination = await this.containerizer.wait(config.id)
    await this.containerizer.destroy(config.id)
    return { termination, stdout: await this.output(config), stderr: await this.output(config, 'stderr') }
  }

  /** Until the task's program runs. A failed start is what `wait` says. */
  async start(config: ContainerConfig): Promise<void> {
    await this.containerizer.clone(config)
    await this.containerizer.go(config.id).catch(() => undefined)
  }

  output(config: ContainerConfig, file = 'stdout'): Promise<string> {
    return readFile(join(config.sandbox, file), 'utf8')
  }

  /** Throws when anything but sandboxes is left. */
  async close(): Promise<void> {
    await Promise.all(this.containerizer.containers().map((id) => this.containerizer.destroy(id)))
    await this.containerizer.close()
    await nothingLeft(this.scope, this.#before)
    await rm(this.directory, { recursive: true })
  }
}

export interface Outcome {
  readonly termination: Termination
  readonly stdout: string
  readonly stderr: string
}

export const exitCode = ({ termination }: Outcome): number => (termination.waitStatus ?? -1) >> 8
