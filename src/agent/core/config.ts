import type { Millis } from '#base/clock.js'

/** What the agent's decisions depend on; fixed for the life of the process. */
export interface AgentConfig {
  /** Absolute. Sandboxes lie below it (row 5-005). */
  readonly workDirectory: string
  /** Where this agent answers: `127.0.0.1` and 5051. */
  readonly ip: string
  readonly port: number
  readonly version: string
  /** Named in the executor that stands for a command task, as in Mesos; nothing of it is ever run (design §4.6). */
  readonly launcherDirectory: string
  /** `--executor_environment_variables` (row 2-027). */
  readonly executorEnvironment: Readonly<Record<string, string>> | undefined
  readonly httpCommandExecutor: boolean
  readonly executorRegistrationTimeout: Millis
  readonly executorReregistrationTimeout: Millis
  readonly executorShutdownGracePeriod: Millis
  readonly recoveryTimeout: Millis
  readonly registrationBackoffFactor: Millis
  readonly maxCompletedExecutorsPerFramework: number
}

/** Name of the agent's main actor, as old clients address it (row 2-024). */
export const actorOf = (config: AgentConfig): string => `slave(1)@${config.ip}:${config.port}`

/** Bounds of what is remembered after it is over (row 5-019). */
export const MAX_COMPLETED_FRAMEWORKS = 50
export const MAX_COMPLETED_TASKS_PER_EXECUTOR = 200

/** Of a command task without a kill policy (row 2-031). */
export const DEFAULT_KILL_GRACE: Millis = 3000
/** Of the status update manager (row 5-020). */
export const UPDATE_RETRY_FIRST: Millis = 10_000
export const UPDATE_RETRY_LONGEST: Millis = 600_000
/** An executor is told at most this to wait before it subscribes again (row 2-019). */
export const SUBSCRIPTION_BACKOFF_MAX: Millis = 2000
/** A master that says nothing for so many of its own heartbeats is taken for gone. */
export const HEARTBEATS_MISSED = 5
/** Reconnecting starts here and doubles; each wait is a random part of it, so that agents do not come all at once. */
export const RECONNECT_FIRST: Millis = 50
/** How many times `--registration_backoff_factor` it may become. */
export const RECONNECT_LONGEST_FACTOR = 10
