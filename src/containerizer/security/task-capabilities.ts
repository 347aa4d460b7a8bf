import type { HostFacts } from '#host/host.js'
import type { Capabilities } from '#wire/native.js'
import type { ContainerizerFlags } from '../flags.js'
import type { PreparedContainer } from '../isolator.js'
import { type CapabilitySet, listOf, setOfFlag, setOfInfo, TIGHT } from './capability-sets.js'
import { SecurityErrors } from './errors.js'

/** What the agent's flags say of capabilities, and what this host can give. */
export interface CapabilityPolicy {
  /** Of who asks for nothing. */
  readonly effective: CapabilitySet | undefined
  readonly bounding: CapabilitySet | undefined
  /** More than this is refused, with this reason. */
  readonly maximum: CapabilitySet
  readonly limit: string
  readonly strict: boolean
  readonly agentIsRoot: boolean
  /** The agent's own. */
  readonly available: CapabilitySet
}

/** Throws when the flags contradict each other or ask for what this host lacks: then the agent does not start. */
export function capabilityPolicy(flags: ContainerizerFlags, { root, security }: HostFacts): CapabilityPolicy {
  const [effective, bounding] = [setOfFlag(flags.effectiveCapabilities), setOfFlag(flags.boundingCapabilities)]
  const strict = flags.taskSecurity === 'strict'
  const available = security.capabilities
  const maximum = bounding ?? (strict ? TIGHT : undefined)
  const limit = bounding === undefined ? '--task_security=strict allows less' : 'outside --bounding_capabilities'
  const policy = { effective, bounding, maximum: maximum ?? available, limit, strict, agentIsRoot: root, available }
  refuseBeyond(effective ?? 0n, policy)
  return policy
}

const isTight = ({ strict }: CapabilityPolicy, { root }: PreparedContainer): boolean => strict || root !== undefined

/**
 * Capabilities of a container (rows 6-035, 6-106, T148). `undefined`: those of the agent, as under Mesos.
 *
 * What is asked for must lie in the maximum. Who asks for effective ones alone gets a bounding set that is no larger. Defaults give less silently:
 * where the agent itself lacks one, nobody gets it, and a nested container never has more than the one around it.
 */
export function taskCapabilities(container: PreparedContainer, policy: CapabilityPolicy): Capabilities | undefined {
  const linux = container.config.container?.linuxInfo
  const effectiveInfo = linux?.effectiveCapabilities ?? linux?.capabilityInfo
  const asked = {
    effective: effectiveInfo && setOfInfo(effectiveInfo),
    bounding: linux?.boundingCapabilities && setOfInfo(linux.boundingCapabilities),
  }
  const around = boundOfParent(container, policy)
  const all = (asked.effective ?? 0n) | (asked.bounding ?? 0n)
  refuseBeyond(all, policy)
  // A debug container asks for nothing: its words are its parent's.
  if (!container.config.debug) refuseOutside(all & ~(around ?? all))
  const tight = isTight(policy, container) ? TIGHT : undefined
  const limits = asked.bounding ?? policy.bounding ?? asked.effective ?? policy.effective ?? tight ?? around
  if (limits === undefined) return undefined
  const bounding = limits & policy.available & (around ?? limits)
  if (asked.effective !== undefined) refuseUnbound(asked.effective & ~bounding)
  const effective = asked.effective ?? (policy.effective === undefined ? undefined : policy.effective & bounding)
  const root = container.user === undefined ? policy.agentIsRoot : container.user.identity.uid === 0
  return root ? ofRoot(bounding, effective) : ofOthers(bounding, effective)
}

/** What the container around it can have at most (S30). */
function boundOfParent({ parent }: PreparedContainer, policy: CapabilityPolicy): CapabilitySet | undefined {
  return parent && taskCapabilities(parent.container, policy)?.bounding
}

/** The kernel gives root the whole bounding set with every program, so what shall not be effective must not be in it. */
function ofRoot(bounding: CapabilitySet, effective: CapabilitySet = bounding): Capabilities {
  return { bounding: effective, effective, inheritable: 0n, ambient: 0n }
}

/** Others keep across exec only what is ambient; that is what somebody asked for, never a default (S6). */
function ofOthers(bounding: CapabilitySet, effective: CapabilitySet = 0n): Capabilities {
  return { bounding, effective, inheritable: effective, ambient: effective }
}

function refuseBeyond(wanted: CapabilitySet, { maximum, limit, available }: CapabilityPolicy): void {
  const beyond = wanted & ~maximum
  if (beyond !== 0n && maximum !== available) throw SecurityErrors.CAPABILITIES_BEYOND({ names: listOf(beyond), limit })
  const lacking = wanted & ~available
  if (lacking !== 0n) {
    throw SecurityErrors.CAPABILITIES_BEYOND({ names: listOf(lacking), limit: 'neither the agent nor this kernel has it' })
  }
}

function refuseOutside(names: CapabilitySet): void {
  const limit = 'the container around it does not have it'
  if (names !== 0n) throw SecurityErrors.CAPABILITIES_BEYOND({ names: listOf(names), limit })
}

function refuseUnbound(missing: CapabilitySet): void {
  if (missing !== 0n) throw SecurityErrors.CAPABILITIES_UNBOUND({ names: listOf(missing) })
}
