import type { Millis } from '#base/clock.js'
import type { Termination } from '#containerizer/containerizer.js'
import { waitStatusOf } from '#host/host.js'
import { AgentCallType } from '#wire/internal.js'
import { TaskState, TaskStatusReason } from '#wire/mesos.js'
import { waitStatusText } from '../executors/command-executor.js'
import { hasBegun } from './coming.js'
import { MAX_COMPLETED_FRAMEWORKS, MAX_COMPLETED_TASKS_PER_EXECUTOR } from './config.js'
import type { Effects } from './effects.js'
import { timer } from './events.js'
import { reportCommand, reportTask } from './report.js'
import {
  type Agent,
  checkpoints,
  disownTasks,
  type Executor,
  type Framework,
  findTerminated,
  streamKey,
  type Task,
} from './state.js'
import type { StatusParts } from './status.js'

/** No process of the container is left (row 5-022). Its traces go only after what is known of its end is safe. */
export function containerEnded(agent: Agent, executor: Executor, termination: Termination, now: Millis, out: Effects): void {
  if (executor.phase === 'terminated') return
  disarmAll(executor, out)
  if (executor.stream !== undefined) closeStream(agent, executor, out)
  executor.phase = 'terminated'
  agent.counters.executorsTerminated++
  if (executor.command) commandEnded(agent, executor, termination, now, out)
  else executorEnded(agent, executor, termination, now, out)
  destroyIfSafe(agent, executor, out)
}

/** The host keeps what it knows of the end until that is in the journal: an agent that dies in between learns it again (design §6). */
export function destroyIfSafe(agent: Agent, executor: Executor, out: Effects): void {
  if (executor.phase !== 'terminated' || executor.destroying) return
  const { framework } = executor
  const waits = (task: string) => agent.updates.get(streamKey(framework.id, task))?.pending.some((it) => !it.durable)
  if ([...executor.terminated.keys()].some(waits)) return
  executor.destroying = true
  out.push({ do: 'destroy', container: executor.containerId })
}

function commandEnded(agent: Agent, executor: Executor, termination: Termination, now: Millis, out: Effects) {
  const task = executor.tasks.get(executor.id)
  if (!task) return
  if (termination.waitStatus === undefined || termination.reason !== undefined) {
    return reportTask(agent, executor, task, unseenEnd(task, termination, executor), now, out)
  }
  reportCommand(agent, executor, seenEnd(task, termination.waitStatus), now, out)
}

/** The task ended by itself or by our signal. A kill is a kill, whatever the exit code (T107). */
function seenEnd(task: Task, waitStatus: number): StatusParts {
  const message = waitStatusText(waitStatus)
  if (task.kill?.overdue) {
    return { state: TaskState.TASK_FAILED, reason: TaskStatusReason.REASON_MAX_COMPLETION_TIME_REACHED, message }
  }
  if (task.kill) return { state: TaskState.TASK_KILLED, message }
  const end = waitStatusOf({ waitStatus })
  return { state: 'code' in end && end.code === 0 ? TaskState.TASK_FINISHED : TaskState.TASK_FAILED, message }
}

/** A limit was broken, the start failed, or nobody saw the end. */
function unseenEnd(task: Task, termination: Termination, executor: Executor): StatusParts {
  const { reason } = termination
  const unexplained = reason === undefined || reason === TaskStatusReason.REASON_EXECUTOR_TERMINATED
  // It was still waiting for *go* when the agent before this one died, and left by itself (design §6).
  const neverRan = executor.inherited && !hasBegun(task) && termination.waitStatus === undefined && unexplained
  if (neverRan) {
    return {
      state: TaskState.TASK_DROPPED,
      reason: TaskStatusReason.REASON_AGENT_RESTARTED,
      message: 'The agent restarted before the task was started',
      ...executor.ending,
    }
  }
  return terminationParts(termination, executor)
}

function executorEnded(agent: Agent, executor: Executor, termination: Termination, now: Millis, out: Effects): void {
  // Before the updates: a scheduler hears FAILURE first (golden executor-api).
  tellExited(agent, executor, termination.waitStatus, out)
  const parts = terminationParts(termination, executor)
  for (const task of [...executor.tasks.values()]) reportTask(agent, executor, task, parts, now, out)
}

export function tellExited(agent: Agent, executor: Executor, status: number | undefined, out: Effects): void {
  if (executor.command || executor.framework.terminating || agent.link.phase !== 'registered') return
  out.push({
    do: 'tell',
    call: {
      type: AgentCallType.EXITED_EXECUTOR,
      agentId: agent.info.id,
      exitedExecutor: {
        frameworkId: { value: executor.framework.id },
        executorId: { value: executor.id },
        status,
      },
    },
  })
}

/** What the container says, else why we ended it, else that it ended. */
function terminationParts(termination: Termination, executor: Executor): StatusParts {
  return {
    state: termination.state ?? executor.ending?.state ?? TaskState.TASK_FAILED,
    reason: termination.reason ?? executor.ending?.reason ?? TaskStatusReason.REASON_EXECUTOR_TERMINATED,
    message: termination.message ?? executor.ending?.message ?? 'Executor terminated',
    limitation: termination.limitation ?? executor.ending?.limitation,
  }
}

/** Its stream is over for us; the executor sees it close. */
export function closeStream(agent: Agent, executor: Executor, out: Effects): void {
  if (executor.stream === undefined) return
  agent.executorStreams.delete(executor.stream)
  out.push({ do: 'close', stream: executor.stream })
  executor.stream = undefined
}

function disarmAll(executor: Executor, out: Effects): void {
  for (const kind of ['registration', 'reregistration', 'grace', 'kill', 'completion'] as const) {
    out.push({ do: 'disarm', timer: timer(kind, executor.containerId) })
  }
}

/** The scheduler has the terminal update of this task. */
export function taskAcknowledged(agent: Agent, framework: Framework, id: string, out: Effects): void {
  const found = findTerminated(framework, id)
  if (!found) return
  const { executor, task } = found
  executor.terminated.delete(id)
  framework.owners.delete(id)
  executor.completed.push(task)
  if (executor.completed.length > MAX_COMPLETED_TASKS_PER_EXECUTOR) executor.completed.shift()
  removeIfOver(agent, executor, out)
}

export function containerDestroyed(agent: Agent, executor: Executor, out: Effects): void {
  executor.destroyed = true
  removeIfOver(agent, executor, out)
}

/** A run is over when its container has left no trace and every update of its tasks has been acknowledged. */
export function removeIfOver(agent: Agent, executor: Executor, out: Effects): void {
  const { framework } = executor
  if (!executor.destroyed || executor.tasks.size > 0 || executor.terminated.size > 0) return
  if (!agent.runs.delete(executor.containerId)) return
  // A task of the same id may run again while the traces of this one are removed.
  if (framework.executors.get(executor.id) === executor) framework.executors.delete(executor.id)
  if (framework.terminating) disownTasks(executor)
  framework.completedExecutors.push(executor)
  if (framework.completedExecutors.length > agent.config.maxCompletedExecutorsPerFramework) framework.completedExecutors.shift()
  if (checkpoints(framework)) {
    out.push({ do: 'record', records: [{ runRemoved: { containerId: { value: executor.containerId } } }], synced: false })
  }
  out.push({ do: 'retire', sandbox: executor.sandbox, framework: framework.id, executor: executor.id })
  removeFrameworkIfOver(agent, framework, out)
  if (agent.leaving && agent.runs.size === 0) out.push({ do: 'exit', ...agent.leaving })
}

export function removeFrameworkIfOver(agent: Agent, framework: Framework, out: Effects): void {
  if (framework.executors.size > 0 || !agent.frameworks.delete(framework.id)) return
  if (framework.completedExecutors.length > 0) agent.completedFrameworks.push(framework)
  if (agent.completedFrameworks.length > MAX_COMPLETED_FRAMEWORKS) agent.completedFrameworks.shift()
  if (checkpoints(framework)) {
    out.push({ do: 'record', records: [{ frameworkRemoved: { frameworkId: { value: framework.id } } }], synced: false })
  }
}
