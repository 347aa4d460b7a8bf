import type { Resource, ValueScalar } from '#wire/mesos.js'

/** What a container may use. Requests are what was accepted, limits what it may reach beyond (row 5-023); cpus in cores, memory in bytes. */
export interface ContainerResources {
  readonly cpus: number
  /** Part of `cpus` that may be taken back at any time. */
  readonly revocableCpus: number
  readonly memory: number
  readonly cpuLimit?: number | undefined
  readonly memoryLimit?: number | undefined
  /** For sandbox and root, in bytes; persistent volumes have disk of their own. Absent: it asked for none. */
  readonly disk?: number | undefined
  /** Absent: it asked for none. */
  readonly gpus?: number | undefined
}

/** One task or executor: `Infinity` as a limit means none. */
export interface Share {
  readonly resources?: readonly Resource[] | undefined
  readonly limits?: Readonly<Record<string, ValueScalar>> | undefined
}

const MEGABYTE = 1024 * 1024

/** What Mesos adds to each command task for the executor that stands beside it (row 2-030): 0.1 cpus and 32 MB, not counted by the master. */
const COMMAND_EXECUTOR_CPUS = 0.1
const COMMAND_EXECUTOR_MEMORY = 32 * MEGABYTE

/**
 * Sums the shares of a container. As soon as one of them has a limit of a kind, the container has one: the sum of the limits, with the request of
 * each share that has none (row 5-023).
 */
export function containerResources(shares: readonly Share[]): ContainerResources {
  const sum = (name: string, revocableOnly = false) =>
    shares.reduce((total, share) => total + scalarOf(share.resources, name, revocableOnly), 0)
  const limit = (name: string) =>
    shares.some((share) => share.limits?.[name])
      ? shares.reduce((total, share) => total + (share.limits?.[name]?.value ?? scalarOf(share.resources, name)), 0)
      : undefined
  const memoryLimit = limit('mem')
  const disk = shares.reduce((total, share) => total + scalarOf(share.resources?.filter(isScratch), 'disk'), 0)
  return {
    cpus: sum('cpus'),
    revocableCpus: sum('cpus', true),
    memory: toBytes(sum('mem')),
    cpuLimit: limit('cpus'),
    memoryLimit: memoryLimit === undefined ? undefined : toBytes(memoryLimit),
    disk: disk > 0 ? toBytes(disk) : undefined,
    gpus: sum('gpus') || undefined,
  }
}

/** The container of a command task: the task's share and that of the executor Mesos would run beside it. */
export function commandTaskResources(task: Share): ContainerResources {
  const own = containerResources([task])
  return {
    ...own,
    cpus: own.cpus + COMMAND_EXECUTOR_CPUS,
    memory: own.memory + COMMAND_EXECUTOR_MEMORY,
    cpuLimit: own.cpuLimit === undefined ? undefined : own.cpuLimit + COMMAND_EXECUTOR_CPUS,
    memoryLimit: own.memoryLimit === undefined ? undefined : own.memoryLimit + COMMAND_EXECUTOR_MEMORY,
  }
}

/** Disk of no volume and no device. */
const isScratch = ({ disk }: Resource): boolean => !disk?.persistence && !disk?.volume && !disk?.source

function scalarOf(resources: readonly Resource[] | undefined, name: string, revocableOnly = false): number {
  let total = 0
  for (const resource of resources ?? []) {
    if (resource.name === name && resource.scalar && (!revocableOnly || resource.revocable)) total += resource.scalar.value
  }
  return total
}

const toBytes = (megabytes: number): number => (megabytes === Infinity ? Infinity : Math.round(megabytes * MEGABYTE))
