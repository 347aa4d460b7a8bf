import type { Millis } from '#base/clock.js'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import type { ContainerResources } from '#containerizer/resources.js'
import type { Event as ExecutorEvent } from '#wire/executor.js'
import type { AgentCall, JournalRecord } from '#wire/internal.js'
import type { AgentInfo } from '#wire/mesos.js'
import type { AgentInput, RequestId, StreamId, TimerKey } from './events.js'

/**
 * What the shell is asked to do, in this order. Where something must be durable first, the effect carries the event with which the decision goes
 * on. An effect that can fail says how; the core is right in every such case.
 */
export type Effect =
  /**
   * Appends to the journal. `next` comes when it is written, with `synced` when it will survive a crash of the host too; `failed` instead when it
   * cannot be written (disk full). Records without either are written whenever it suits.
   */
  | { do: 'record'; records: JournalRecord[]; synced: boolean; next?: AgentInput; failed?: AgentInput }
  /** Makes the agent's identity durable, and its journal with it; then `identitySaved`. */
  | { do: 'saveIdentity'; info: AgentInfo }
  /** Then `cloned` or `cloneFailed`. */
  | { do: 'clone'; config: ContainerConfig }
  /** Then `started`; a container that cannot start ends instead. */
  | { do: 'go'; container: string }
  /** May find nobody. */
  | { do: 'stop'; container: string }
  /** `ended` follows. */
  | { do: 'kill'; container: string }
  /** `ended`, if it was not told yet, and then `destroyed` follow. */
  | { do: 'destroy'; container: string }
  /** Then `updated`, with what went wrong. */
  | { do: 'update'; container: string; resources: ContainerResources }
  /** The one answer to an executor's call; `stream` keeps it open for events. */
  | { do: 'answer'; request: RequestId; status: number; body?: string; stream?: StreamId }
  /** To an executor. May be lost with its connection. */
  | { do: 'send'; stream: StreamId; event: ExecutorEvent }
  | { do: 'close'; stream: StreamId }
  /** Opens the link to the master; then `linked` or `unlinked`. Replaces a link that is open or being opened. */
  | { do: 'connect'; call: AgentCall }
  | { do: 'disconnect' }
  /** To the master. May be lost; the next `connect` tells the whole truth again. */
  | { do: 'tell'; call: AgentCall }
  /** One timer a key: a later one replaces it. */
  | { do: 'arm'; timer: TimerKey; at: Millis }
  | { do: 'disarm'; timer: TimerKey }
  /** A run is over: from now on its sandbox may be collected. */
  | { do: 'retire'; sandbox: string; framework: string; executor: string }
  /** The process shall end; with `forget` it will come back as a new agent. */
  | { do: 'exit'; why: string; forget: boolean }

export type Effects = Effect[]
