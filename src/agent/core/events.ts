import type { LaunchedTask, Termination } from '#containerizer/containerizer.js'
import type { SupervisorIdentity } from '#host/host.js'
import type { Call as ExecutorCall } from '#wire/executor.js'
import type { AgentEvent } from '#wire/internal.js'
import type { ContainerStatus, TaskStatusReason } from '#wire/mesos.js'

/** One open answer to an executor's SUBSCRIBE, never used again. */
export type StreamId = number
/** One call of an executor that waits for its answer. */
export type RequestId = number

export type TimerKind =
  /** The executor has not subscribed in time. Id: container. */
  | 'registration'
  /** The same after a restart of the agent. Id: container. */
  | 'reregistration'
  /** The executor has not ended in time after SHUTDOWN. Id: container. */
  | 'grace'
  /** The command task has not ended in time after SIGTERM. Id: container. */
  | 'kill'
  /** The command task has run for its max_completion_time. Id: container. */
  | 'completion'
  /** The scheduler has not acknowledged. Id: stream of updates. */
  | 'retry'
  /** Time to try the master again. */
  | 'reconnect'
  /** Time for our heartbeat to the master. */
  | 'heartbeat'
  /** The master has been silent for too long. */
  | 'silence'

export type TimerKey = `${TimerKind}:${string}`

export const timer = (kind: TimerKind, id = ''): TimerKey => `${kind}:${id}`

export function timerParts(key: TimerKey): { kind: TimerKind; id: string } {
  const colon = key.indexOf(':')
  return { kind: key.slice(0, colon) as TimerKind, id: key.slice(colon + 1) }
}

/** What happens to an agent. */
export type AgentInput =
  /** Containers were attached; the agent goes into service. */
  | { on: 'recovered'; live: readonly LiveContainer[]; rebooted: boolean }
  | { on: 'identitySaved' }
  /** The link to the master is open; its first event is yet to come. */
  | { on: 'linked' }
  | { on: 'unlinked'; why: string }
  | { on: 'master'; event: AgentEvent }
  | { on: 'cloned'; container: string; supervisor: SupervisorIdentity }
  | { on: 'cloneFailed'; container: string; code: string; reason: TaskStatusReason; why: string }
  /** The container's record is written: it may go. */
  | { on: 'containerKnown'; container: string }
  | { on: 'containerUnknowable'; container: string }
  /** The same for one more task of an executor. */
  | { on: 'taskKnown'; container: string; task: string }
  | { on: 'taskUnknowable'; container: string; task: string }
  /** Its image or its files still come, and that takes long: how far it is, as a sentence. */
  | { on: 'coming'; container: string; message: string }
  | { on: 'started'; container: string; task: LaunchedTask }
  | { on: 'ended'; container: string; termination: Termination }
  | { on: 'destroyed'; container: string }
  | { on: 'updated'; container: string; why?: string | undefined }
  | { on: 'executorCall'; request: RequestId; call: ExecutorCall; stream: StreamId }
  | { on: 'executorGone'; stream: StreamId }
  /** An update is in the journal, synced. */
  | { on: 'journaled'; stream: string; uuid: string }
  | { on: 'timer'; timer: TimerKey }
  /** The operator wants the agent to leave the cluster (SIGUSR1, row 5-013). */
  | { on: 'leave' }

/** A container that outlived the last agent. */
export interface LiveContainer {
  readonly id: string
  readonly status: ContainerStatus | undefined
}
