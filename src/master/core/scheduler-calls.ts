import { type Call, CallType } from '#wire/scheduler.js'
import { accept, decline } from './accept.js'
import { acknowledge } from './acknowledge.js'
import type { FrameworkRecord } from './cluster.js'
import { revive, suppress } from './demand.js'
import { endFramework } from './end-framework.js'
import type { RequestId, StreamId } from './ids.js'
import { kill } from './kill.js'
import { sendMessage, shutdownExecutor } from './messages.js'
import { reconcileOperations } from './operations.js'
import { reconcile } from './reconcile.js'
import { subscribe } from './subscribe.js'
import type { Turn } from './turn.js'
import { updateFramework } from './update-framework.js'

const names = new Map<number, string>(Object.entries(CallType).map(([name, type]) => [type, `calls/${name.toLowerCase()}`]))

/** Master metrics of calls that have one (row 4-121). */
const messageMetrics: Partial<Record<CallType, string>> = {
  [CallType.KILL]: 'master/messages_kill_task',
  [CallType.DECLINE]: 'master/messages_decline_offers',
  [CallType.REVIVE]: 'master/messages_revive_offers',
  [CallType.SUPPRESS]: 'master/messages_suppress_offers',
  [CallType.REQUEST]: 'master/messages_resource_request',
  [CallType.RECONCILE]: 'master/messages_reconcile_tasks',
  [CallType.RECONCILE_OPERATIONS]: 'master/messages_reconcile_operations',
  [CallType.MESSAGE]: 'master/messages_framework_to_executor',
  [CallType.ACKNOWLEDGE]: 'master/messages_status_update_acknowledgement',
  [CallType.ACKNOWLEDGE_OPERATION_STATUS]: 'master/messages_operation_status_update_acknowledgement',
}

/** A scheduler's call whose form is valid (`callFault`). Every one is answered exactly once. */
export function schedulerCall(turn: Turn, request: RequestId, call: Call, stream: StreamId | undefined): void {
  if (call.type === CallType.SUBSCRIBE) {
    if (stream !== undefined) return turn.answer(request, 400, "Subscribe calls should not include the 'Mesos-Stream-Id' header")
    return subscribe(turn, request, call.subscribe!)
  }
  const framework = turn.cluster.frameworks.get(call.frameworkId!.value)
  if (!framework || framework.ending) return turn.answer(request, 400, 'Framework cannot be found')
  if (stream === undefined)
    return turn.answer(request, 400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header")
  if (framework.stream === undefined) return turn.answer(request, 403, 'Framework is not subscribed')
  if (framework.stream !== stream)
    return turn.answer(request, 400, `The stream id '${stream}' is not that of the framework's latest subscription`)
  count(turn, framework, call.type!)
  perform(turn, framework, request, call)
}

function count(turn: Turn, framework: FrameworkRecord, type: CallType): void {
  framework.counters.add('calls')
  framework.counters.add(names.get(type) ?? 'calls/unknown')
  const metric = messageMetrics[type]
  if (metric) turn.count(metric)
}

function perform(turn: Turn, framework: FrameworkRecord, request: RequestId, call: Call): void {
  // These two answer by themselves: one when the end is recorded, the other with what it found.
  if (call.type === CallType.TEARDOWN) return endFramework(turn, framework, { request, status: 202 })
  if (call.type === CallType.UPDATE_FRAMEWORK) return updateFramework(turn, framework, request, call.updateFramework!)
  turn.answer(request, call.type === CallType.UNKNOWN ? 501 : 202)
  switch (call.type) {
    case CallType.ACCEPT:
      return accept(turn, framework, call.accept!)
    case CallType.DECLINE:
      return decline(turn, framework, call.decline!)
    case CallType.REVIVE:
      return revive(turn, framework, call.revive?.roles)
    case CallType.SUPPRESS:
      return suppress(turn, framework, call.suppress?.roles)
    case CallType.KILL:
      return kill(turn, framework, call.kill!)
    case CallType.SHUTDOWN:
      return shutdownExecutor(turn, framework, call.shutdown!)
    case CallType.ACKNOWLEDGE:
      return acknowledge(turn, framework, call.acknowledge!)
    case CallType.RECONCILE:
      return reconcile(turn, framework, call.reconcile!)
    case CallType.MESSAGE:
      return sendMessage(turn, framework, call.message!)
    case CallType.RECONCILE_OPERATIONS:
      return reconcileOperations(turn, framework, call.reconcileOperations!)
    default:
      // REQUEST asks for what the allocator decides alone (row 1-031); there are no inverse offers and no operations in flight to answer to.
      return
  }
}
