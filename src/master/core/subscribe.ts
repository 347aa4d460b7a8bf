import { uuidText } from '#base/random.js'
import { rolesOf } from '#model/framework-capabilities.js'
import { type Call, type EventError, EventType } from '#wire/scheduler.js'
import type { FrameworkRecord } from './cluster.js'
import { frameworkInfoFault, principalFault, suppressedFault, updatedInfo } from './framework-info.js'
import {
  addFramework,
  connect,
  disconnect,
  newFrameworkId,
  publishFramework,
  redefine,
  type Subscription,
  saveFramework,
} from './frameworks.js'
import type { RequestId, StreamId } from './ids.js'
import { constraintsFault } from './offer-constraints.js'
import { sentence } from './sentence.js'
import type { Turn } from './turn.js'

/** Seconds between two heartbeats of a scheduler's stream (row 1-010). */
export const heartbeatSeconds = 15

/**
 * SUBSCRIBE (row 1-020). Whatever is wrong with it beyond its form is told on the stream (row 1-012). The latest subscription of a framework
 * always wins (row 1-011).
 */
export function subscribe(turn: Turn, request: RequestId, call: NonNullable<Call['subscribe']>): void {
  const stream = uuidText(turn.cluster.random.uuid())
  turn.effects.push({ do: 'open', request, stream })
  const { frameworkInfo: info, suppressedRoles: suppressed = [], offerConstraints: constraints } = call
  const subscription: Subscription = { info, suppressed, constraints }
  const known = info.id?.value ? turn.cluster.frameworks.get(info.id.value) : undefined
  const fault = subscriptionFault(turn, known, subscription)
  if (fault !== undefined) return refuse(turn, stream, { message: sentence(fault) })
  if (known) resubscribe(turn, known, subscription, stream)
  else subscribeNew(turn, subscription, stream)
}

function subscriptionFault(
  turn: Turn,
  known: FrameworkRecord | undefined,
  { info, suppressed, constraints }: Subscription,
): string | undefined {
  const { settings, completedIds } = turn.cluster
  const roles = rolesOf(info)
  return (
    frameworkInfoFault(info, settings) ??
    suppressedFault(suppressed, roles) ??
    constraintsFault(constraints, roles, settings) ??
    (known?.ending || completedIds.has(info.id?.value ?? '')
      ? 'the framework was removed, and its id cannot be used again'
      : undefined) ??
    (known && principalFault(known.info, info))
  )
}

function refuse(turn: Turn, stream: StreamId, error: EventError): void {
  turn.effects.push({ do: 'send', to: stream, event: { type: EventType.ERROR, error } }, { do: 'close', stream })
}

function subscribeNew(turn: Turn, subscription: Subscription, stream: StreamId): void {
  const framework = addFramework(turn, subscription.info.id?.value || newFrameworkId(turn), subscription, false)
  connect(turn, framework, stream)
  welcome(turn, framework)
  saveFramework(turn, framework)
  publishFramework(turn, framework, 'added')
}

function resubscribe(turn: Turn, framework: FrameworkRecord, subscription: Subscription, stream: StreamId): void {
  const previous = framework.stream
  if (previous !== undefined) {
    disconnect(turn, framework)
    refuse(turn, previous, { message: 'the framework failed over: another scheduler subscribed with its id' })
  }
  framework.reregisteredAt = turn.now
  redefine(turn, framework, { ...subscription, info: updatedInfo(framework.info, subscription.info) })
  connect(turn, framework, stream)
  welcome(turn, framework)
  saveFramework(turn, framework)
  publishFramework(turn, framework, 'updated')
}

function welcome(turn: Turn, framework: FrameworkRecord): void {
  turn.send(framework, {
    type: EventType.SUBSCRIBED,
    subscribed: {
      frameworkId: { value: framework.id },
      heartbeatIntervalSeconds: heartbeatSeconds,
      masterInfo: turn.cluster.settings.master,
    },
  })
  turn.send(framework, { type: EventType.HEARTBEAT })
}
