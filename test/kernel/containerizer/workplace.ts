import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseFlags } from '#base/flags.js'
import type { ContainerConfig, Containerizer, Termination } from '#containerizer/containerizer.js'
import { type ContainerizerFlags, containerizerFlags } from '#containerizer/flags.js'
import type { ImageStore } from '#containerizer/images/image-store.js'
import { usesGpus } from '#containerizer/isolation.js'
import { createMesosContainerizer } from '#containerizer/mesos-containerizer.js'
import { containerResources } from '#containerizer/resources.js'
import type { Host } from '#host/host.js'
import type { CommandInfo } from '#wire/mesos.js'
import { CgroupView } from '../../support/cgroup-view.js'
import type { Scope } from '../../support/leaks.js'
import { RealMachine } from '../../support/real-machine.js'

const MEGABYTE = 1024 * 1024

/** A containerizer on a part of this machine that is its own; nothing but sandboxes may be left of it. */
export class Workplace {
  readonly directory: string
  readonly cgroupsRoot: string
  readonly scope: Scope
  containerizer!: Containerizer
  readonly #machine: RealMachine
  readonly #flags: readonly string[]
  readonly #openImages: OpenImages | undefined
  #next = 0

  static async open(...flags: string[]): Promise<Workplace> {
    return Workplace.on('/tmp', ...flags)
  }

  /** With all that it writes below another directory. */
  static async on(parent: string, ...flags: string[]): Promise<Workplace> {
    return Workplace.withImages(undefined, parent, ...flags)
  }

  /** With images, which `openImages` opens anew for each agent. */
  static async withImages(openImages: OpenImages | undefined, parent: string, ...flags: string[]): Promise<Workplace> {
    const machine = await RealMachine.prepare(parent)
    const workplace = new Workplace(machine, flags, openImages)
    await workplace.restart().catch(async (error) => {
      await machine.dispose()
      throw error
    })
    return workplace
  }

  private constructor(machine: RealMachine, flags: readonly string[], openImages: OpenImages | undefined) {
    this.#machine = machine
    this.#openImages = openImages
    this.#flags = flags
    this.directory = machine.directory
    this.cgroupsRoot = machine.cgroupsRoot
    this.scope = { directories: [machine.directory], cgroupsRoot: machine.cgroupsRoot }
  }

  /** As an agent that died and came back would do it: nothing of the old one is asked to stop. */
  async restart(known: readonly ContainerConfig[] = []) {
    await this.containerizer?.images?.close()
    await this.#machine.crash()
    const flags = parseFlags(containerizerFlags, [`--cgroups_root=${this.cgroupsRoot}`, ...this.#flags])
    const gpuLibrary = usesGpus(flags.isolation) ? flags.nvidiaManagementLibrary : undefined
    const host = await this.#machine.open({ gpuLibrary })
    const images = await this.#openImages?.(host, flags, this.directory)
    this.containerizer = createMesosContainerizer({ host, flags, images })
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

  /** The container's cgroup, from outside. */
  view(id: string): CgroupView {
    return new CgroupView(this.#machine.facts.cgroups, `${this.cgroupsRoot}/${id}`)
  }

  output(config: ContainerConfig, file = 'stdout'): Promise<string> {
    return readFile(join(config.sandbox, file), 'utf8')
  }

  /** Throws when anything but sandboxes is left. */
  async close(): Promise<void> {
    await Promise.all(this.containerizer.containers().map((id) => this.containerizer.destroy(id)))
    await this.containerizer.images?.close()
    await this.#machine.dispose()
  }
}

type OpenImages = (host: Host, flags: ContainerizerFlags, directory: string) => Promise<ImageStore>

export interface Outcome {
  readonly termination: Termination
  readonly stdout: string
  readonly stderr: string
}

export const exitCode = ({ termination }: Outcome): number => (termination.waitStatus ?? -1) >> 8
