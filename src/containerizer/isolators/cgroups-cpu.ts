import type { CpuSettings } from '#wire/native.js'
import type { ContainerizerFlags } from '../flags.js'
import type { IsolatorModule } from '../isolator.js'
import type { ContainerResources } from '../resources.js'
import { cpuUsage, processUsage } from '../statistics.js'

const SHARES_PER_CPU = 1024
/** Revocable cpus yield to all others. */
const SHARES_PER_REVOCABLE_CPU = 10
const MIN_SHARES = 2
const PERIOD_US = 100_000
const MIN_QUOTA_US = 1_000

/** Cpu shares by request, and a quota by limit or `--cgroups_enable_cfs` (rows 6-022, 6-057). */
export const cgroupsCpu: IsolatorModule = {
  name: 'cgroups/cpu',
  linux: true,
  controllers: ['cpu', 'cpuacct'],
  create: ({ flags }) => ({
    prepare: ({ config }) => ({
      cgroups: { controllers: ['cpu', 'cpuacct'], settings: { cpu: cpuSettings(config.resources, flags) } },
    }),
    update: ({ config }, resources) => ({ cpu: { ...liftedQuota(config.resources, flags), ...cpuSettings(resources, flags) } }),
    usage: ({ config }, statistics) => ({
      ...cpuUsage(statistics),
      ...(flags.cgroupsCpuEnablePidsAndTidsCount && processUsage(statistics)),
      cpusSoftLimit: config.resources.cpus,
      cpusLimit: quotaCpus(config.resources, flags),
    }),
  }),
}

function cpuSettings(resources: ContainerResources, flags: ContainerizerFlags): CpuSettings {
  const low = flags.revocableCpuLowPriority && resources.revocableCpus > 0
  const shares = Math.trunc(resources.cpus * (low ? SHARES_PER_REVOCABLE_CPU : SHARES_PER_CPU))
  const cpus = quotaCpus(resources, flags)
  return {
    shares: BigInt(Math.max(shares, MIN_SHARES)),
    ...(cpus !== undefined && {
      quotaUs: BigInt(Math.max(Math.trunc(cpus * PERIOD_US), MIN_QUOTA_US)),
      periodUs: BigInt(PERIOD_US),
    }),
  }
}

/** A quota that was there and is no longer wanted must be taken away by name. */
function liftedQuota(before: ContainerResources, flags: ContainerizerFlags): CpuSettings {
  return quotaCpus(before, flags) === undefined ? {} : { quotaUs: -1n }
}

/** The cores that a container is capped at; `undefined` for no cap. A limit that is named wins over the flag, also when it is Infinity. */
function quotaCpus({ cpus, cpuLimit }: ContainerResources, flags: ContainerizerFlags): number | undefined {
  const cap = cpuLimit ?? (flags.cgroupsEnableCfs ? cpus : Infinity)
  return cap === Infinity ? undefined : cap
}
