import type { Millis } from '#base/clock.js'
import type { AgentEvent, CompletedFramework, RegisteredAgent, RegisteredFramework, UnreachableAgent } from '#wire/internal.js'
import type { Event as OperatorEvent } from '#wire/master.js'
import type { Event as SchedulerEvent } from '#wire/scheduler.js'
import type { Durable, Event, Timer } from './events.js'
import type { AgentId, FrameworkId, LinkId, RequestId, StreamId } from './ids.js'

/** What the shell is asked to do, in order. Each kind says what may go wrong with it; the core is right in every such case. */
export type Effect =
  /** Ends a request with a status; no text means no body. The client may be gone. */
  | { do: 'answer'; request: RequestId; status: number; text?: string }
  /** Answers a SUBSCRIBE with 200 and a stream; what is sent to the stream follows on it. If the client is gone, `scheduler-gone` follows. */
  | { do: 'open'; request: RequestId; stream: StreamId }
  /** To a scheduler. May be lost with its stream; nothing waits for it. */
  | { do: 'send'; to: StreamId; event: SchedulerEvent }
  /** Delivers `next` when the scheduler has read most of what was sent; never, if its stream ends first. */
  | { do: 'pace'; stream: StreamId; next: Event }
  /** Ends a scheduler's stream after what was sent. */
  | { do: 'close'; stream: StreamId }
  /** As `open`, for an agent. */
  | { do: 'link'; request: RequestId; link: LinkId }
  /** To an agent. May be lost with its link; what the agent reports next, not this message, is the truth. */
  | { do: 'tell'; to: LinkId; event: AgentEvent }
  | { do: 'unlink'; link: LinkId }
  /** To everybody on the operators' event stream (row 3-041). */
  | { do: 'publish'; event: OperatorEvent }
  /** Into the registry, in order. `then` is delivered when it is durable; if this master dies first, nobody has seen the change. */
  | { do: 'persist'; change: RegistryChange; then?: Durable }
  /** Replaces an armed timer of the same kind and subject. */
  | { do: 'arm'; timer: Timer; at: Millis }
  | { do: 'disarm'; timer: Timer }

/** One atomic change of the registry. */
export type RegistryChange =
  | { change: 'admit-agent'; agent: RegisteredAgent }
  | { change: 'agent-unreachable'; agent: UnreachableAgent }
  | { change: 'remove-agent'; agent: AgentId }
  | { change: 'forget-unreachable'; agents: readonly AgentId[] }
  | { change: 'save-framework'; framework: RegisteredFramework }
  | { change: 'complete-framework'; framework: CompletedFramework }
  | { change: 'forget-completed'; frameworks: readonly FrameworkId[] }
