import { isTerminal } from '#model/task-state.js'
import { TaskState, TaskStatusReason } from '#wire/mesos.js'
import { type Call, EventType } from '#wire/scheduler.js'
import type { FrameworkRecord, TaskRecord } from './cluster.js'
import type { Reconciled, ReconcileRest } from './events.js'
import type { AgentId, StreamId, TaskId } from './ids.js'
import { sendStatus, statusOf, type Verdict } from './status.js'
import { lastStatus } from './tasks.js'
import type { Turn } from './turn.js'

/** So many answers at a time: a cluster may have more tasks than a scheduler can be sent at once (B62). */
const slice = 1000

/** So many tasks may wait for their answers beside one call, however long that is: a scheduler that asks and does not read would fill the memory. */
const mostWaiting = 1_000_000

/** RECONCILE (row 1-029): of the tasks named, or of all that live. */
export function reconcile(turn: Turn, framework: FrameworkRecord, call: NonNullable<Call['reconcile']>): void {
  const named = (call.tasks ?? []).map(({ taskId, agentId }) => ({ task: taskId.value, agent: agentId?.value }))
  const living = (): Reconciled[] => [...framework.tasks.keys()].map((task) => ({ task, agent: undefined }))
  const rest = { tasks: named.length > 0 ? named : living(), implicit: named.length === 0, from: 0 }
  if (framework.reconciling > 0 && framework.reconciling + rest.tasks.length > mostWaiting) return dropUnread(turn, framework)
  if (rest.tasks.length > slice) framework.reconciling += rest.tasks.length
  reconcileSome(turn, framework, rest)
}

/** As for one that does not read its events: it hears why, and its stream ends. */
function dropUnread(turn: Turn, { stream }: FrameworkRecord): void {
  if (stream === undefined) return
  const message = `The scheduler asked about more than ${mostWaiting} tasks without reading the answers`
  turn.effects.push({ do: 'send', to: stream, event: { type: EventType.ERROR, error: { message } } }, { do: 'close', stream })
}

/** The first of those that are left; the rest when the scheduler has read the answers. */
function reconcileSome(turn: Turn, framework: FrameworkRecord, { tasks, implicit, from }: ReconcileRest): void {
  for (const { task: id, agent } of tasks.slice(from, from + slice)) {
    const task = framework.tasks.get(id)
    if (!implicit) reconcileTask(turn, framework, id, agent)
    else if (task && !isTerminal(reportedState(task))) sendKnown(turn, framework, task)
  }
  if (tasks.length <= slice || framework.stream === undefined) return
  if (tasks.length <= from + slice) {
    framework.reconciling -= tasks.length
    return
  }
  const rest = { tasks, implicit, from: from + slice }
  turn.effects.push({ do: 'pace', stream: framework.stream, next: { is: 'reconcile-rest', stream: framework.stream, rest } })
}

/** A scheduler that subscribed anew meanwhile will ask anew. */
export function reconcileRest(turn: Turn, stream: StreamId, rest: ReconcileRest): void {
  const framework = turn.cluster.byStream.get(stream)
  if (framework) reconcileSome(turn, framework, rest)
}

/** What is known of one task, in the order of row 1-106. */
export function reconcileTask(turn: Turn, framework: FrameworkRecord, id: TaskId, agent: AgentId | undefined): void {
  const { recoveredAgents, agents, unreachable, gone } = turn.cluster
  // An agent that this master waits for will say itself what it runs.
  if (agent !== undefined && recoveredAgents.has(agent)) return
  const task = framework.tasks.get(id)
  if (task) return sendKnown(turn, framework, task)
  const say = (state: TaskState, message: string, unreachableSince?: number): void =>
    sendVerdict(turn, framework, { task: id, agent, state, message, unreachableSince })
  if (agent !== undefined && agents.has(agent)) return say(TaskState.TASK_GONE, 'the agent does not know the task')
  const away = agent ?? framework.unreachableTasks.get(id)?.agent
  if (away !== undefined && unreachable.has(away)) {
    const since = unreachable.get(away)
    return sendVerdict(turn, framework, {
      task: id,
      agent: away,
      state: TaskState.TASK_UNREACHABLE,
      message: 'the agent of the task cannot be reached',
      unreachableSince: since,
    })
  }
  if (agent !== undefined && gone.has(agent)) return say(TaskState.TASK_GONE_BY_OPERATOR, 'the agent was marked as gone')
  if (agent === undefined && recoveredAgents.size > 0) return
  say(TaskState.TASK_UNKNOWN, 'nothing is known of the task')
}

/** What the scheduler has been told last, if anything waits for its acknowledgement (row 8-016). */
function reportedState(task: TaskRecord): TaskState {
  return task.pendingState ?? task.state
}

/** The latest state of a task that the master knows. */
export function sendKnown(turn: Turn, framework: FrameworkRecord, task: TaskRecord): void {
  const { containerStatus, healthy, checkStatus } = lastStatus(task) ?? {}
  const message = 'Reconciliation: the latest state of the task'
  const verdict = { task: task.id, agent: task.agent, executor: task.executor, state: reportedState(task), message }
  const status = statusOf(framework, { ...verdict, reason: TaskStatusReason.REASON_RECONCILIATION }, turn.now)
  sendStatus(turn, framework, { ...status, containerStatus, healthy, checkStatus })
}

function sendVerdict(turn: Turn, framework: FrameworkRecord, answer: Omit<Verdict, 'reason'>): void {
  const verdict = { ...answer, message: `Reconciliation: ${answer.message}`, reason: TaskStatusReason.REASON_RECONCILIATION }
  sendStatus(turn, framework, statusOf(framework, verdict, turn.now))
}
