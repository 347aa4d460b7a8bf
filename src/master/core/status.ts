import type { Millis } from '#base/clock.js'
import { stateFor } from '#model/task-state.js'
import { type TaskState, type TaskStatus, type TaskStatusReason, TaskStatusSource } from '#wire/mesos.js'
import { EventType } from '#wire/scheduler.js'
import type { FrameworkRecord } from './cluster.js'
import { sentence } from './sentence.js'
import { countTaskStatus } from './task-metrics.js'
import type { Turn } from './turn.js'

/** What the master itself has to say about a task: without uuid, so it is sent once and needs no acknowledgement. */
export interface Verdict {
  readonly task: string
  readonly agent?: string | undefined
  readonly executor?: string | undefined
  readonly state: TaskState
  readonly reason: TaskStatusReason
  readonly message: string
  readonly unreachableSince?: Millis | undefined
}

/** The status as this framework may see it (row 8-017). */
export function statusOf(framework: FrameworkRecord, verdict: Verdict, now: Millis): TaskStatus {
  return {
    taskId: { value: verdict.task },
    state: stateFor(framework.capabilities, verdict.state),
    message: sentence(verdict.message),
    source: TaskStatusSource.SOURCE_MASTER,
    reason: verdict.reason,
    ...(verdict.agent !== undefined && { agentId: { value: verdict.agent } }),
    ...(verdict.executor !== undefined && { executorId: { value: verdict.executor } }),
    timestamp: now / 1000,
    ...(verdict.unreachableSince !== undefined && { unreachableTime: timeInfo(verdict.unreachableSince) }),
  }
}

export function sendStatus(turn: Turn, framework: FrameworkRecord, status: TaskStatus): void {
  turn.send(framework, { type: EventType.UPDATE, update: { status } })
}

/** Tells a framework about a task that the master does not keep, or no more. */
export function sendVerdict(turn: Turn, framework: FrameworkRecord, verdict: Verdict): void {
  const status = statusOf(framework, verdict, turn.now)
  countTaskStatus(turn, framework, status)
  sendStatus(turn, framework, status)
}

export function timeInfo(at: Millis): { nanoseconds: bigint } {
  return { nanoseconds: BigInt(Math.round(at * 1000)) * 1000n }
}

export function millisOf(time: { nanoseconds: bigint }): Millis {
  return Number(time.nanoseconds / 1000n) / 1000
}
