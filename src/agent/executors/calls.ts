import type { Millis } from '#base/clock.js'
import { isTerminal } from '#model/task-state.js'
import { type Call, type CallSubscribe, CallType, EventType } from '#wire/executor.js'
import { AgentCallType } from '#wire/internal.js'
import { TaskState, type TaskStatus, TaskStatusReason } from '#wire/mesos.js'
import type { Effects } from '../core/effects.js'
import { closeStream } from '../core/end.js'
import { type RequestId, type StreamId, timer } from '../core/events.js'
import { killEvent, shutdownExecutor } from '../core/kill.js'
import { apply, reportTask } from '../core/report.js'
import { type Agent, type Executor, streamKey } from '../core/state.js'
import { containerStatusOf } from '../core/status.js'
import { enqueue, uuidHex } from '../updates/streams.js'
import { deliver, refit } from './delivery.js'

/** A call whose form is right; whether it fits what runs here is decided now (row 2-012). */
export function executorCall(
  agent: Agent,
  { request, call, stream }: { request: RequestId; call: Call; stream: StreamId },
  now: Millis,
  out: Effects,
) {
  const answer = (status: number, body?: string) => void out.push({ do: 'answer', request, status, ...(body && { body }) })
  if (!agent.recovered) return answer(503, 'Agent has not finished recovery')
  const framework = agent.frameworks.get(call.frameworkId.value)
  if (!framework) return answer(400, 'Framework cannot be found')
  const executor = framework.executors.get(call.executorId.value)
  if (!executor || executor.command) return answer(400, 'Executor cannot be found')
  if (call.type === CallType.SUBSCRIBE) {
    out.push({ do: 'answer', request, status: 200, stream })
    return subscribe(agent, executor, call.subscribe!, stream, now, out)
  }
  if (executor.stream === undefined) return answer(403, 'Executor is not subscribed')
  answer(202)
  if (call.type === CallType.UPDATE) update(agent, executor, call.update!.status, now, out)
  else if (call.type === CallType.MESSAGE) message(agent, executor, call.message!.data, out)
}

/** A new stream; the old one, if any, is over. What the executor brings along is taken over first (row 2-001). */
function subscribe(agent: Agent, executor: Executor, brought: CallSubscribe, stream: StreamId, now: Millis, out: Effects) {
  closeStream(agent, executor, out)
  executor.stream = stream
  agent.executorStreams.set(stream, executor)
  for (const kind of ['registration', 'reregistration'] as const)
    out.push({ do: 'disarm', timer: timer(kind, executor.containerId) })
  if (executor.phase === 'terminating' || executor.phase === 'terminated') {
    return void out.push({ do: 'send', stream, event: { type: EventType.SHUTDOWN } })
  }
  executor.phase = 'running'
  dropUnlisted(agent, executor, brought, now, out)
  if (isIdleFromBirth(executor, brought)) return shutdownExecutor(agent, executor, {}, now, out)
  out.push({ do: 'send', stream, event: subscribed(agent, executor) })
  for (const { status } of brought.unacknowledgedUpdates ?? []) update(agent, executor, status, now, out)
  for (const [id, policy] of executor.pendingKills) out.push({ do: 'send', stream, event: killEvent(id, policy) })
  executor.pendingKills.clear()
  deliver(agent, executor, out)
}

/** All its first tasks were killed before it came, or are gone: nothing would ever end it (T34, T89). */
function isIdleFromBirth(executor: Executor, brought: CallSubscribe): boolean {
  return executor.tasks.size === 0 && !executor.delivered && !brought.unacknowledgedUpdates?.length
}

/** What was handed over, of which nothing was ever heard and which the executor does not know, never arrived (§0, row 8-031). */
function dropUnlisted(agent: Agent, executor: Executor, brought: CallSubscribe, now: Millis, out: Effects): void {
  const listed = new Set(brought.unacknowledgedTasks?.map((task) => task.taskId.value))
  for (const { status } of brought.unacknowledgedUpdates ?? []) listed.add(status.taskId.value)
  for (const task of [...executor.tasks.values()]) {
    if (!task.delivered || task.state !== TaskState.TASK_STAGING || listed.has(task.id)) continue
    const parts = {
      state: TaskState.TASK_DROPPED,
      reason: TaskStatusReason.REASON_AGENT_RESTARTED,
      message: 'The executor came back without this task',
    }
    reportTask(agent, executor, task, parts, now, out)
  }
}

const subscribed = (agent: Agent, executor: Executor) => ({
  type: EventType.SUBSCRIBED,
  subscribed: {
    executorInfo: executor.info,
    frameworkInfo: executor.framework.info,
    agentInfo: agent.info,
    containerId: { value: executor.containerId },
  },
})

/** An executor says what a task is (row 2-002). One for another agent is dropped without a word, as in Mesos (§0). */
function update(agent: Agent, executor: Executor, given: TaskStatus, now: Millis, out: Effects): void {
  if (given.agentId && given.agentId.value !== agent.info.id?.value) {
    agent.counters.invalidStatusUpdates++
    return
  }
  agent.counters.validStatusUpdates++
  const { framework } = executor
  if (framework.terminating) return
  const status: TaskStatus = { ...given, agentId: agent.info.id, timestamp: given.timestamp ?? now / 1000 }
  const task = executor.tasks.get(given.taskId.value)
  const repeated = agent.updates.get(streamKey(framework.id, given.taskId.value))?.seen.has(uuidHex(given.uuid!)) ?? false
  if (!task || repeated) {
    // A repetition is acknowledged again; what is said of a task after its end, or of one that was never here, is passed on as it is (§0).
    enqueue(agent, { framework, executor, stray: !repeated }, status, now, out)
    return
  }
  status.containerStatus = { ...containerStatusOf(agent, executor), ...given.containerStatus }
  apply(agent, executor, task, status, now, out)
  if (isTerminal(status.state)) refit(agent, executor, out)
}

function message(agent: Agent, executor: Executor, data: Uint8Array, out: Effects): void {
  if (agent.link.phase !== 'registered') {
    agent.counters.invalidFrameworkMessages++
    return
  }
  agent.counters.validFrameworkMessages++
  const to = { frameworkId: { value: executor.framework.id }, executorId: { value: executor.id } }
  out.push({ do: 'tell', call: { type: AgentCallType.MESSAGE, agentId: agent.info.id, message: { ...to, data } } })
}

/** A scheduler speaks to an executor; best effort (row 5-024). */
export function messageToExecutor(agent: Agent, frameworkId: string, executorId: string, data: Uint8Array, out: Effects): void {
  const executor = agent.frameworks.get(frameworkId)?.executors.get(executorId)
  if (executor?.stream === undefined) {
    agent.counters.invalidFrameworkMessages++
    return
  }
  agent.counters.validFrameworkMessages++
  out.push({ do: 'send', stream: executor.stream, event: { type: EventType.MESSAGE, message: { data } } })
}

/** The executor's connection broke. It may come back; its container says when it cannot. */
export function executorGone(agent: Agent, stream: StreamId): void {
  const executor = agent.executorStreams.get(stream)
  if (!executor) return
  agent.executorStreams.delete(stream)
  executor.stream = undefined
}
