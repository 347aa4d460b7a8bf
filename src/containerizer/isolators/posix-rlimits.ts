import { type RLimitInfoRLimit, RLimitInfoRLimitType as Type } from '#wire/mesos.js'
import type { ResourceLimit } from '#wire/native.js'
import { ContainerizerErrors } from '../errors.js'
import type { IsolatorModule } from '../isolator.js'

const PREFIX = 'RLMT_'
const NAMES = new Map<number, string>(
  Object.entries(Type)
    .filter(([name]) => name.startsWith(PREFIX) && name !== 'UNKNOWN')
    .map(([name, type]) => [type, name.slice(PREFIX.length)]),
)

/**
 * A container with an image leaves no core: the host's handler of them would run, as root, with names that the container chose (S14). Zero would only
 * keep files from being written; one byte is what the kernel takes as the sign to leave the handler alone too.
 */
const NO_CORE: ResourceLimit = { kind: 'CORE', soft: 1n, hard: 1n }

/** The limits of ContainerInfo.rlimit_info (row 6-020): both values, or none for unlimited. */
export const posixRlimits: IsolatorModule = {
  name: 'posix/rlimits',
  create: ({ flags }) => ({
    prepare({ config, root }) {
      const asked = (config.container?.rlimitInfo?.rlimits ?? []).map(resourceLimit)
      const isTight = root !== undefined || flags.taskSecurity === 'strict'
      return { resourceLimits: isTight && !asked.some(({ kind }) => kind === 'CORE') ? [NO_CORE, ...asked] : asked }
    },
  }),
}

function resourceLimit({ type, hard, soft }: RLimitInfoRLimit): ResourceLimit {
  const kind = NAMES.get(type ?? Type.UNKNOWN)
  if (kind === undefined) throw ContainerizerErrors.RLIMIT_INVALID({ limit: String(type ?? ''), why: 'is of no known type' })
  if ((hard === undefined) !== (soft === undefined)) {
    throw ContainerizerErrors.RLIMIT_INVALID({ limit: kind, why: 'must have both hard and soft, or neither for unlimited' })
  }
  if (hard !== undefined && soft !== undefined && soft > hard) {
    throw ContainerizerErrors.RLIMIT_INVALID({ limit: kind, why: `has a soft limit of ${soft} above its hard limit of ${hard}` })
  }
  return { kind, soft, hard }
}
