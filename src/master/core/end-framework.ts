import { isTerminal } from '#model/task-state.js'
import { AgentEventType } from '#wire/internal.js'
import { EventType } from '#wire/master.js'
import { TaskState, TaskStatusReason } from '#wire/mesos.js'
import type { FrameworkRecord } from './cluster.js'
import type { Reply } from './events.js'
import { removeExecutorsOf } from './executors.js'
import { agentsOf, disconnect, saveFramework } from './frameworks.js'
import type { FrameworkId, RequestId, StreamId } from './ids.js'
import { statusOf, timeInfo } from './status.js'
import { completeTask, takeStatus } from './tasks.js'
import type { Turn } from './turn.js'

/** A scheduler's stream ended: its framework has its failover timeout to come back (row 1-050). */
export function schedulerGone(turn: Turn, stream: StreamId): void {
  const framework = turn.cluster.byStream.get(stream)
  if (!framework) return
  disconnect(turn, framework)
  if (framework.ending) return
  const timeout = framework.info.failoverTimeout ?? 0
  if (timeout <= 0) return endFramework(turn, framework)
  saveFramework(turn, framework)
  turn.arm({ kind: 'failover', framework: framework.id }, turn.now + timeout * 1000)
}

export function failoverTimedOut(turn: Turn, id: FrameworkId): void {
  const framework = turn.cluster.frameworks.get(id)
  if (framework && framework.stream === undefined && !framework.ending) endFramework(turn, framework)
}

/** An operator's TEARDOWN; also of a framework whose scheduler is away (row 3-035). */
export function operatorTeardown(turn: Turn, request: RequestId, id: FrameworkId): void {
  const framework = turn.cluster.frameworks.get(id)
  if (!framework || framework.ending) return turn.answer(request, 400, `No framework has the id '${id}'`)
  endFramework(turn, framework, { request, status: 200 })
}

/** That it ended is recorded first: its id must not come back to life, not even with another master (row 1-021). */
export function endFramework(turn: Turn, framework: FrameworkRecord, reply?: Reply): void {
  framework.ending = true
  turn.disarm({ kind: 'failover', framework: framework.id })
  turn.persist(
    { change: 'complete-framework', framework: { id: { value: framework.id }, since: timeInfo(turn.now) } },
    { is: 'framework-completion-recorded', framework: framework.id, reply },
  )
}

/** Kills what it runs, frees what it holds and closes its stream. */
export function frameworkEnded(turn: Turn, id: FrameworkId, reply: Reply | undefined): void {
  const framework = turn.cluster.frameworks.get(id)
  if (reply) turn.answer(reply.request, reply.status)
  if (!framework) return
  const { cluster } = turn
  const { stream } = framework
  for (const agent of agentsOf(turn, framework))
    turn.tell(agent, { type: AgentEventType.SHUTDOWN_FRAMEWORK, shutdownFramework: { frameworkId: { value: id } } })
  disconnect(turn, framework)
  for (const task of [...framework.tasks.values(), ...framework.unreachableTasks.values()]) {
    if (!isTerminal(task.state)) {
      const message = `Framework ${id} was removed`
      const verdict = {
        task: task.id,
        agent: task.agent,
        state: TaskState.TASK_KILLED,
        reason: TaskStatusReason.REASON_FRAMEWORK_REMOVED,
        message,
      }
      takeStatus(turn, framework, task, statusOf(framework, verdict, turn.now), TaskState.TASK_KILLED)
    }
    completeTask(cluster, framework, task)
  }
  framework.unreachableTasks.clear()
  removeExecutorsOf(turn, framework)
  framework.unregisteredAt = turn.now
  framework.recovered = false
  cluster.frameworks.delete(id)
  cluster.allocator.removeFramework(id)
  remember(turn, framework)
  turn.publish(() => ({ type: EventType.FRAMEWORK_REMOVED, frameworkRemoved: { frameworkInfo: framework.info } }))
  if (stream !== undefined) turn.effects.push({ do: 'close', stream })
}

/** Keeps the framework for people to look at, and its id so that nobody uses it again; both within bounds (rows 4-036, 4-039). */
function remember(turn: Turn, framework: FrameworkRecord): void {
  const { completedFrameworks, completedIds, settings } = turn.cluster
  completedFrameworks.set(framework.id, framework)
  completedIds.set(framework.id, turn.now)
  for (const id of completedFrameworks.keys()) {
    if (completedFrameworks.size <= settings.maxCompletedFrameworks) break
    completedFrameworks.delete(id)
  }
  const forgotten: FrameworkId[] = []
  for (const id of completedIds.keys()) {
    if (completedIds.size <= settings.maxRememberedIds) break
    completedIds.delete(id)
    forgotten.push(id)
  }
  if (forgotten.length > 0) turn.persist({ change: 'forget-completed', frameworks: forgotten })
}
