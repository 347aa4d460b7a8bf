import { TaskStatusReason, ValueType } from '#wire/mesos.js'
import type { MemoryPressure, MemorySettings } from '#wire/native.js'
import { isUnified } from '../controllers.js'
import { ContainerizerErrors } from '../errors.js'
import type { IsolatorModule, Limitation } from '../isolator.js'
import type { ContainerResources } from '../resources.js'
import { memoryUsage } from '../statistics.js'

const MEGABYTE = 1024 * 1024
const MIN_MEMORY = 32 * MEGABYTE

/** Soft limit by request, hard limit by limit or request, and a report when the kernel kills for memory (rows 6-023, 6-058). */
export const cgroupsMem: IsolatorModule = {
  name: 'cgroups/mem',
  linux: true,
  controllers: ['memory'],
  create({ host, flags }) {
    if (flags.cgroupsLimitSwap && !host.facts.limitsSwap) throw ContainerizerErrors.SWAP_UNLIMITED({})
    // What the one kernel does by itself, our supervisor or agent does under the other: kill all at once, count how short memory is.
    const byVersion = isUnified(host.facts, 'memory') ? { oomGroup: true } : { countPressure: true }
    const settings = (resources: ContainerResources) => limits(resources, flags.cgroupsLimitSwap)
    return {
      prepare: ({ config: { resources } }) => ({
        cgroups: { controllers: ['memory'], settings: { memory: { ...settings(resources), ...byVersion } } },
        process: { ...burstScore(resources, host.facts.memoryBytes) },
      }),
      watch: ({ config }, process, report) => process.onOom((pressure) => report(exceeded(config.resources, pressure))),
      explain: ({ config }, end) =>
        end.how === 'exited' && end.oomKills > 0 ? exceeded(config.resources, { oomKills: BigInt(end.oomKills) }) : undefined,
      update: (_, resources) => ({ memory: settings(resources) }),
      usage: (_, statistics) => memoryUsage(statistics),
    }
  },
}

/** The host raises the hard limit of a running container only, never lowers it under what is in use. */
function limits(resources: ContainerResources, withSwap: boolean): MemorySettings {
  const limitBytes = isUnlimited(resources) ? -1n : BigInt(hardLimit(resources))
  return {
    softLimitBytes: BigInt(Math.max(resources.memory, MIN_MEMORY)),
    limitBytes,
    ...(withSwap && { swapLimitBytes: limitBytes }),
  }
}

const isUnlimited = ({ memoryLimit }: ContainerResources): boolean => memoryLimit === Infinity

const hardLimit = ({ memory, memoryLimit }: ContainerResources): number => Math.max(memoryLimit ?? memory, MIN_MEMORY)

/** A container that may burst is killed the earlier the less it asked for, when the host runs out (the formula that Kubernetes uses too). */
function burstScore({ memory, memoryLimit }: ContainerResources, hostMemory: number): { oomScoreAdjustment?: number } {
  if (memoryLimit === undefined || memoryLimit <= memory) return {}
  const score = 1000 - Math.floor((1000 * memory) / hostMemory)
  return { oomScoreAdjustment: Math.min(Math.max(score, 2), 999) }
}

/** In the words that tools of Mesos users look for (golden/errors/agentloss). */
function exceeded(resources: ContainerResources, pressure: MemoryPressure): Limitation {
  const limit = Number(pressure.limitBytes ?? hardLimit(resources))
  const used = Number(pressure.maxUsageBytes ?? limit)
  const statistics = pressure.memoryStat ? `\n\nMEMORY STATISTICS: \n${pressure.memoryStat}\n` : ''
  return {
    reason: TaskStatusReason.REASON_CONTAINER_LIMITATION_MEMORY,
    message: `Memory limit exceeded: Requested: ${megabytes(limit)}MB Maximum Used: ${megabytes(used)}MB${statistics}`,
    resources: [{ name: 'mem', type: ValueType.SCALAR, scalar: { value: used / MEGABYTE } }],
  }
}

const megabytes = (bytes: number): number => Math.floor(bytes / MEGABYTE)
