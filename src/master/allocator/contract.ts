import type { Millis } from '#base/clock.js'
import type { FrameworkCapabilities } from '#model/framework-capabilities.js'
import type { Minimum } from '#model/quantities.js'
import type { Resources } from '#model/resources.js'
import type { AgentInfo } from '#wire/mesos.js'
import type { AgentFacts } from './agent-entry.js'

export interface AllocatorOptions {
  /** `--min_allocatable_resources`, row 1-071. */
  readonly minimum?: Minimum
  /** `--filter_gpu_resources`, row 4-069. */
  readonly filterGpus?: boolean
  /** `--fair_sharing_excluded_resource_names`, row 4-070. */
  readonly excludedFromShares?: readonly string[]
  /** A refusal lasts at least this long (row 1-067). */
  readonly allocationInterval?: Millis
  /** The master's own; agents elsewhere are offered only to frameworks with REGION_AWARE (row 4-056). */
  readonly region?: string
}

/** What a framework wants to be offered, and what it can deal with. */
export interface FrameworkDemand {
  readonly roles: readonly string[]
  /** Some of the roles. */
  readonly suppressed: Iterable<string>
  readonly capabilities: FrameworkCapabilities
  /** By role (row 1-072). */
  readonly minimum?: ReadonlyMap<string, Minimum>
  /** By role (row 1-073). */
  readonly wants?: ReadonlyMap<string, (agent: AgentFacts) => boolean>
}

export interface AgentSupply {
  readonly info: AgentInfo
  readonly total: Resources
}

/** By framework what it holds, each part allocated to one of its roles. */
export type Holdings = Iterable<readonly [framework: string, resources: Resources]>

/** Free resources of one agent, now held by a framework in a role: the master makes an offer of it. */
export interface Grant {
  readonly framework: string
  readonly role: string
  readonly agent: string
  /** Allocated to the role. */
  readonly resources: Resources
}
