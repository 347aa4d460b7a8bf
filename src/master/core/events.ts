import type { Millis } from '#base/clock.js'
import type {
  AgentCall,
  CompletedFramework,
  GoneAgent,
  RegisteredAgent,
  RegisteredFramework,
  UnreachableAgent,
} from '#wire/internal.js'
import type { Call } from '#wire/scheduler.js'
import type { AgentId, FrameworkId, LinkId, OfferId, RequestId, StreamId, TaskId } from './ids.js'

/** What the core is told. Any of them may come late, twice or about something that is no more: none of that may be a mistake. */
export type Event =
  /** The first one, with what the registry holds. Nothing else is delivered before it. */
  | { is: 'recovered'; registry: RegistryContents }
  /** A call of a scheduler, valid in form. `stream` is its Mesos-Stream-Id. */
  | { is: 'scheduler-call'; request: RequestId; call: Call; stream: StreamId | undefined }
  /** The stream ended; whoever ended it. */
  | { is: 'scheduler-gone'; stream: StreamId }
  /** A call of an agent. `link` is the id of its stream, absent for SUBSCRIBE. */
  | { is: 'agent-call'; request: RequestId; call: AgentCall; link: LinkId | undefined }
  | { is: 'agent-gone'; link: LinkId }
  /** An operator's TEARDOWN (rows 3-035, 3-077). */
  | { is: 'teardown'; request: RequestId; framework: FrameworkId }
  | { is: 'timer'; timer: Timer }
  /** A scheduler has read the first answers to its RECONCILE. */
  | { is: 'reconcile-rest'; stream: StreamId; rest: ReconcileRest }
  /** Whether anybody watches the operator's event stream; spares the events when nobody does. */
  | { is: 'watched'; watched: boolean }
  | Durable

/** What goes on once a change of the registry is durable. */
export type Durable =
  | { is: 'agent-admitted'; agent: AgentId; link: LinkId }
  | { is: 'agent-unreachable-recorded'; agent: AgentId; since: Millis }
  | { is: 'agent-removal-recorded'; agent: AgentId }
  | { is: 'framework-completion-recorded'; framework: FrameworkId; reply: Reply | undefined }

/** One task that is asked about. */
export interface Reconciled {
  readonly task: TaskId
  readonly agent: AgentId | undefined
}

export interface ReconcileRest {
  readonly tasks: readonly Reconciled[]
  /** Of all that live; else of those that the scheduler named. */
  readonly implicit: boolean
  /** How many are answered. */
  readonly from: number
}

/** The answer that waits for the change. */
export interface Reply {
  readonly request: RequestId
  readonly status: number
}

export interface RegistryContents {
  readonly agents: readonly RegisteredAgent[]
  readonly unreachable: readonly UnreachableAgent[]
  readonly gone: readonly GoneAgent[]
  readonly frameworks: readonly RegisteredFramework[]
  readonly completed: readonly CompletedFramework[]
}

export type Timer =
  /** The batch allocation (row 4-061). */
  | { kind: 'allocate' }
  /** Time to ask every linked agent whether it lives. */
  | { kind: 'ping' }
  /** An agent may have been silent for too long. */
  | { kind: 'silence'; agent: AgentId }
  /** The registry's agents had time enough to come back. */
  | { kind: 'reregister' }
  /** A scheduler was away for as long as it may be. */
  | { kind: 'failover'; framework: FrameworkId }
  /** An offer was out for as long as offers may be. */
  | { kind: 'offer'; offer: OfferId }

export function timerKey(timer: Timer): string {
  switch (timer.kind) {
    case 'silence':
      return `silence ${timer.agent}`
    case 'failover':
      return `failover ${timer.framework}`
    case 'offer':
      return `offer ${timer.offer}`
    default:
      return timer.kind
  }
}
