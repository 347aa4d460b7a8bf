import { basename, dirname } from 'node:path'
import { parseFlags } from '#base/flags.js'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import type { DeviceFile, Files } from '#containerizer/files.js'
import { type ContainerizerFlags, containerizerFlags } from '#containerizer/flags.js'
import type { ContainerRoot, IsolatorModule, PreparedContainer } from '#containerizer/isolator.js'
import type { PlanFragment } from '#containerizer/launch-plan.js'
import type { ContainerResources } from '#containerizer/resources.js'
import type { Host, HostFacts } from '#host/host.js'
import type { ContainerInfo } from '#wire/mesos.js'
import { ContainerInfoType } from '#wire/mesos.js'
import { CgroupWorld } from '#wire/native.js'

export const MEGABYTE = 1024 * 1024

export const flags = (...argv: string[]): ContainerizerFlags => parseFlags(containerizerFlags, argv)

export const hybrid: HostFacts = {
  bootId: 'boot',
  hostname: 'h',
  cpus: 4,
  memoryBytes: 8192 * MEGABYTE,
  root: true,
  cgroups: {
    world: CgroupWorld.CGROUP_HYBRID,
    hierarchies: ['cpu', 'cpuacct', 'memory', 'pids', 'freezer', 'devices'].map((name) => ({
      mountPoint: `/sys/fs/cgroup/${name}`,
      controllers: [name],
    })),
  },
  limitsSwap: true,
  runtimeDirectory: '/run/m/boot',
  scratchDirectory: '/var/lib/meseta/scratch',
  user: 'root',
  overlay: true,
  security: { capabilities: (1n << 41n) - 1n, seccomp: true, kernel: '6.1.0-55-cloud-amd64', architecture: 'x64' },
}

/** For isolators, which ask a host for its facts only until there are processes. */
export const hostOf = (facts: HostFacts): Host => ({ facts }) as Host

/** Files in memory: the directories that exist, and what was done. */
export class MemoryFiles implements Files {
  readonly owners = new Map<string, number | undefined>()
  readonly links = new Map<string, string>()
  readonly texts = new Map<string, string>()
  readonly devices = new Map<string, DeviceFile>()
  readonly #present: Set<string>
  constructor(...present: string[]) {
    this.#present = new Set(present)
  }
  async makeDirectory(path: string, owner?: { uid: number }): Promise<void> {
    this.#present.add(path)
    this.owners.set(path, owner?.uid)
  }
  async kind(path: string): Promise<'directory' | 'other' | 'absent'> {
    return this.#present.has(path) ? 'directory' : 'absent'
  }
  async isOnSharedMount(path: string): Promise<boolean> {
    return path.startsWith('/shared')
  }
  async symlink(target: string, path: string): Promise<void> {
    this.links.set(path, target)
  }
  async list(directory: string): Promise<string[]> {
    return [...this.texts.keys()].filter((path) => dirname(path) === directory).map((path) => basename(path))
  }
  async real(path: string): Promise<string | undefined> {
    return this.texts.has(path) ? path : undefined
  }
  async read(path: string): Promise<string | undefined> {
    return this.texts.get(path)
  }
  async write(path: string, text: string): Promise<void> {
    this.texts.set(path, text)
  }
  async device(path: string): Promise<DeviceFile | 'other' | 'absent'> {
    return this.devices.get(path) ?? (this.#present.has(path) ? 'other' : 'absent')
  }
}

export const resources = (over: Partial<ContainerResources> = {}): ContainerResources => ({
  cpus: 1,
  revocableCpus: 0,
  memory: 64 * MEGABYTE,
  ...over,
})

export const config = (over: Partial<ContainerConfig> = {}): ContainerConfig => ({
  id: 'c1',
  command: { value: 'true' },
  sandbox: '/work/sandbox',
  resources: resources(),
  ...over,
})

export const container = (info: Partial<ContainerInfo>): ContainerInfo => ({ type: ContainerInfoType.MESOS, ...info })

export const rootAt = (directory: string): ContainerRoot => ({ directory, lower: [], config: {} })

export const prepared = (over: Partial<PreparedContainer> = {}): PreparedContainer => ({
  config: config(),
  sandboxInside: '/work/sandbox',
  owner: over.user?.identity,
  ...over,
})

/** What an isolator wants for a container. */
export async function fragmentOf(
  module: IsolatorModule,
  of: PreparedContainer,
  { argv = [] as string[], files = new MemoryFiles(), facts = hybrid } = {},
): Promise<PlanFragment> {
  return (await module.create({ host: hostOf(facts), files, flags: flags(...argv) }).prepare?.(of)) ?? {}
}
