import type { ResourceStatistics } from '#wire/mesos.js'
import type { Statistics } from '#wire/native.js'

/** What the kernel counted for cpu, in Mesos' names. */
export function cpuUsage({ cpu }: Statistics): Partial<ResourceStatistics> {
  if (!cpu) return {}
  return {
    cpusUserTimeSecs: seconds(cpu.userNs),
    cpusSystemTimeSecs: seconds(cpu.systemNs),
    cpusNrPeriods: count(cpu.periods),
    cpusNrThrottled: count(cpu.throttled),
    cpusThrottledTimeSecs: seconds(cpu.throttledNs),
  }
}

/** What the kernel counted for memory, in Mesos' names; Mesos has two for some. */
export function memoryUsage({ memory }: Statistics): Partial<ResourceStatistics> {
  if (!memory) return {}
  return {
    memTotalBytes: memory.usageBytes,
    memTotalMemswBytes: memory.memoryAndSwapBytes,
    memKmemUsageBytes: memory.kernelBytes,
    memKmemTcpUsageBytes: memory.kernelTcpBytes,
    memLimitBytes: memory.limitBytes,
    memSoftLimitBytes: memory.softLimitBytes,
    memFileBytes: memory.cacheBytes,
    memCacheBytes: memory.cacheBytes,
    memAnonBytes: memory.rssBytes,
    memRssBytes: memory.rssBytes,
    memMappedFileBytes: memory.mappedFileBytes,
    memSwapBytes: memory.swapBytes,
    memUnevictableBytes: memory.unevictableBytes,
    memLowPressureCounter: memory.lowPressureCount,
    memMediumPressureCounter: memory.mediumPressureCount,
    memCriticalPressureCounter: memory.criticalPressureCount,
  }
}

export function processUsage({ processes, threads }: Statistics): Partial<ResourceStatistics> {
  return { processes: count(processes), threads: count(threads) }
}

const seconds = (nanoseconds: bigint | undefined): number | undefined =>
  nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e9

const count = (value: bigint | undefined): number | undefined => (value === undefined ? undefined : Number(value))
