import type { Millis } from '#base/clock.js'
import type { MasterInfo } from '#wire/mesos.js'

/** What the core's decisions hang on; made from the flags by the shell. */
export interface MasterSettings {
  /** Who this master is, as SUBSCRIBED and GET_MASTER show it. Agent, framework and offer ids are derived from its id (row 4-004). */
  readonly master: MasterInfo
  /** How often an agent is asked whether it lives, and how many answers may fail in a row (row 4-029). */
  readonly agentPingTimeout: Millis
  readonly maxAgentPingTimeouts: number
  /** How long the agents of the registry may take to come back after this master began (row 4-019). */
  readonly agentReregisterTimeout: Millis
  readonly allocationInterval: Millis
  readonly offerTimeout: Millis | undefined
  readonly rootSubmissions: boolean
  /** Whether agents with GPUs are kept from frameworks without GPU_RESOURCES (row 4-069). */
  readonly filterGpuResources: boolean
  /** Alternatives of which an offer must meet one, as in the flag (row 1-071). */
  readonly minAllocatableResources: string
  /** Resources that do not count for the dominant share (row 4-070). */
  readonly fairSharingExcludedResourceNames: readonly string[]
  readonly maxCompletedFrameworks: number
  readonly maxCompletedTasksPerFramework: number
  readonly maxUnreachableTasksPerFramework: number
  /** How many ids of gone, unreachable and completed things are remembered (row 4-012). */
  readonly maxRememberedIds: number
  /** How long a regular expression of an offer constraint may be (row 1-075). */
  readonly offerConstraintsMaxProgramSize: number
}

/**
 * How long an agent may be silent before it is unreachable. It may die right after an answer, one interval before the first ping that it misses
 * (row 4-029; a Mesos took 2.6 s with two pings of one second).
 */
export function silenceLimit(settings: MasterSettings): Millis {
  return settings.agentPingTimeout * (settings.maxAgentPingTimeouts + 1)
}
