import type { Millis } from '#base/clock.js'
import { isTerminal } from '#model/task-state.js'
import { EventType } from '#wire/executor.js'
import { AgentCallType } from '#wire/internal.js'
import type { TaskStatus } from '#wire/mesos.js'
import { UPDATE_RETRY_FIRST, UPDATE_RETRY_LONGEST } from '../core/config.js'
import type { Effects } from '../core/effects.js'
import { timer } from '../core/events.js'
import {
  type Agent,
  checkpoints,
  type Executor,
  type Framework,
  findTask,
  findTerminated,
  type PendingUpdate,
  streamKey,
  type UpdateStream,
} from '../core/state.js'

/**
 * The status update manager (row 5-020, T36 to T39). Per task: an update is journaled and synced, then the executor hears ACKNOWLEDGED, then the
 * oldest goes to the master, again and again, until the scheduler has acknowledged it; only then the next one follows.
 */

/** Whose update it is, and who is to hear that it is safe. */
export interface Origin {
  framework: Framework
  /** Custom executor that waits for ACKNOWLEDGED. */
  executor?: Executor
  /** Nothing but passed on: the task is unknown or already over (§0, row 2-002). */
  stray?: boolean
}

/** Takes an update over. False when it was here before. */
export function enqueue(agent: Agent, origin: Origin, status: TaskStatus, now: Millis, out: Effects): boolean {
  const uuid = hex(status.uuid!)
  const stream = streamOf(agent, origin.framework.id, status.taskId.value)
  if (stream.seen.has(uuid)) {
    if (!stream.pending.some((it) => it.uuid === uuid && !it.durable)) tellExecutor(origin.executor, status, out)
    return false
  }
  stream.seen.add(uuid)
  const update: PendingUpdate = { status, uuid, durable: false, stray: origin.stray ?? false }
  stream.pending.push(update)
  if (update.stray || !checkpoints(origin.framework)) durable(agent, stream, update, origin.executor, now, out)
  else {
    out.push({
      do: 'record',
      records: [{ update: { frameworkId: { value: origin.framework.id }, status } }],
      synced: true,
      next: { on: 'journaled', stream: stream.key, uuid },
    })
  }
  return true
}

/** The update is in the journal. */
export function journaled(agent: Agent, key: string, uuid: string, now: Millis, out: Effects): void {
  const stream = agent.updates.get(key)
  const update = stream?.pending.find((it) => it.uuid === uuid)
  if (!stream || !update) return
  const framework = agent.frameworks.get(stream.framework)
  const owner = (findTask(framework, stream.task) ?? findTerminated(framework, stream.task))?.executor
  durable(agent, stream, update, owner, now, out)
}

function durable(
  agent: Agent,
  stream: UpdateStream,
  update: PendingUpdate,
  executor: Executor | undefined,
  now: Millis,
  out: Effects,
): void {
  update.durable = true
  if (!update.stray) tellExecutor(executor, update.status, out)
  if (stream.pending[0] === update) forward(agent, stream, now, out)
}

function tellExecutor(executor: Executor | undefined, status: TaskStatus, out: Effects): void {
  if (executor?.stream === undefined) return
  out.push({
    do: 'send',
    stream: executor.stream,
    event: { type: EventType.ACKNOWLEDGED, acknowledged: { taskId: status.taskId, uuid: status.uuid! } },
  })
}

/** Sends the oldest update, if it may be sent, and sees to its repetition. */
function forward(agent: Agent, stream: UpdateStream, now: Millis, out: Effects): void {
  const head = stream.pending[0]
  if (!head?.durable || agent.link.phase !== 'registered') return
  const framework = agent.frameworks.get(stream.framework)
  const task = (findTask(framework, stream.task) ?? findTerminated(framework, stream.task))?.task
  if (task) task.forwarded = { statusUpdateState: head.status.state, statusUpdateUuid: head.status.uuid }
  const latest = stream.pending.findLast((it) => !it.stray) ?? head
  out.push({
    do: 'tell',
    call: {
      type: AgentCallType.UPDATE,
      agentId: agent.info.id,
      update: {
        frameworkId: { value: stream.framework },
        status: head.status,
        latestState: latest.status.state,
        executorId: head.status.executorId,
      },
    },
  })
  out.push({ do: 'arm', timer: timer('retry', stream.key), at: now + stream.retryDelay })
}

/** Nobody acknowledged in time. */
export function retry(agent: Agent, key: string, now: Millis, out: Effects): void {
  const stream = agent.updates.get(key)
  if (!stream) return
  stream.retryDelay = Math.min(stream.retryDelay * 2, UPDATE_RETRY_LONGEST)
  forward(agent, stream, now, out)
}

/** After each registration: what is under way may have been lost with the old link. */
export function forwardAll(agent: Agent, now: Millis, out: Effects): void {
  for (const stream of agent.updates.values()) {
    stream.retryDelay = UPDATE_RETRY_FIRST
    forward(agent, stream, now, out)
  }
}

/**
 * The scheduler has the oldest update. Anything else is a repetition or a mistake, and ignored (T38). Answers with the update when it was
 * terminal: then nothing more will come of this task.
 */
export function acknowledge(
  agent: Agent,
  framework: string,
  task: string,
  uuid: Uint8Array,
  now: Millis,
  out: Effects,
): TaskStatus | undefined {
  const key = streamKey(framework, task)
  const stream = agent.updates.get(key)
  const head = stream?.pending[0]
  if (!stream || !head || head.uuid !== hex(uuid) || !head.durable) return undefined
  stream.pending.shift()
  stream.retryDelay = UPDATE_RETRY_FIRST
  const known = agent.frameworks.get(framework)
  if (known && checkpoints(known) && !head.stray) {
    const acknowledgement = { frameworkId: { value: framework }, taskId: { value: task }, uuid: head.status.uuid! }
    out.push({ do: 'record', records: [{ acknowledgement }], synced: false })
  }
  out.push({ do: 'disarm', timer: timer('retry', key) })
  const over = isTerminal(head.status.state) || !findTask(known, task)
  if (stream.pending.length === 0 && over) agent.updates.delete(key)
  else forward(agent, stream, now, out)
  return isTerminal(head.status.state) && !head.stray ? head.status : undefined
}

/** Nobody wants to hear of this framework any more (T46). */
export function dropStreams(agent: Agent, framework: string, out: Effects): void {
  for (const stream of agent.updates.values()) {
    if (stream.framework !== framework) continue
    agent.updates.delete(stream.key)
    out.push({ do: 'disarm', timer: timer('retry', stream.key) })
  }
}

export function streamOf(agent: Agent, framework: string, task: string): UpdateStream {
  const key = streamKey(framework, task)
  let stream = agent.updates.get(key)
  if (!stream) {
    stream = { key, framework, task, pending: [], seen: new Set(), retryDelay: UPDATE_RETRY_FIRST }
    agent.updates.set(key, stream)
  }
  return stream
}

const hex = (uuid: Uint8Array): string => Buffer.from(uuid.buffer, uuid.byteOffset, uuid.byteLength).toString('hex')

export { hex as uuidHex }
