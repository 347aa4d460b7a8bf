import { isTerminal } from '#model/task-state.js'
import { AgentEventType } from '#wire/internal.js'
import { type Task, TaskState, TaskStatusReason } from '#wire/mesos.js'
import type { AgentRecord, FrameworkRecord, TaskRecord } from './cluster.js'
import { sendStatus, statusOf } from './status.js'
import { addTask, completeTask, lastStatus, reportedTask, takeStatus } from './tasks.js'
import type { Turn } from './turn.js'

/** What a report leaves to be settled with the agent. */
export interface Taken {
  /** The master sent them, and the agent does not report them. */
  readonly missing: TaskRecord[]
  /** The agent reports them, and another one has the id. */
  readonly twins: TaskRecord[]
}

/** Takes over the tasks that an agent reports. */
export function takeTasks(turn: Turn, agent: AgentRecord, tasks: readonly Task[]): Taken {
  const missing = new Set([...agent.tasks.values()].flatMap((ofFramework) => [...ofFramework.values()]))
  const twins: TaskRecord[] = []
  for (const task of tasks) {
    const framework = turn.cluster.frameworks.get(task.frameworkId.value)
    if (!framework || framework.ending) continue
    const known = agent.tasks.get(framework.id)?.get(task.taskId.value)
    if (known) {
      missing.delete(known)
      catchUp(turn, framework, known, task)
      continue
    }
    const twin = takeTask(turn, framework, agent, task)
    if (twin) twins.push(twin)
  }
  return { missing: [...missing], twins }
}

/** The agent got further than what reached the master. */
function catchUp(turn: Turn, framework: FrameworkRecord, known: TaskRecord, task: Task): void {
  const last = task.statuses?.at(-1)
  if (isTerminal(known.state) || known.state === task.state) return
  if (last) takeStatus(turn, framework, known, last, task.state)
  else known.state = task.state
}

/** Answers the task where it cannot be taken over. */
function takeTask(turn: Turn, framework: FrameworkRecord, agent: AgentRecord, reported: Task): TaskRecord | undefined {
  const unreachable = framework.unreachableTasks.get(reported.taskId.value)
  const returns = unreachable?.agent === agent.id
  if (returns) framework.unreachableTasks.delete(unreachable.id)
  const task = reportedTask({ ...reported, agentId: { value: agent.id } })
  // The same id on two agents: it was used again while the first one could not be reached. The one that came later goes.
  if (framework.tasks.has(task.id)) return task
  if (isTerminal(task.state)) forgetCompleted(framework, task)
  addTask(turn, framework, agent, task)
  if (returns && !isTerminal(task.state)) sayItReturned(turn, framework, task)
  return undefined
}

export function endTwins(turn: Turn, agent: AgentRecord, twins: readonly TaskRecord[]): void {
  for (const { framework, id, state } of twins)
    if (!isTerminal(state))
      turn.tell(agent, { type: AgentEventType.KILL_TASK, killTask: { frameworkId: { value: framework }, taskId: { value: id } } })
}

/** It ended, but its end is not acknowledged yet: it is not among the completed ones before that. */
function forgetCompleted({ completedTasks }: FrameworkRecord, { id, agent }: TaskRecord): void {
  const place = completedTasks.findIndex((it) => it.id === id && it.agent === agent)
  if (place >= 0) completedTasks.splice(place, 1)
}

/** An agent came back, but not all of its tasks: those are gone. Who is PARTITION_AWARE would wait for them; others took them for lost. */
export function giveUpUnreachable(turn: Turn, agent: AgentRecord): void {
  for (const framework of turn.cluster.frameworks.values())
    for (const task of framework.unreachableTasks.values()) {
      if (task.agent !== agent.id) continue
      framework.unreachableTasks.delete(task.id)
      if (!isTerminal(task.state)) sayItIsGone(turn, framework, task)
      completeTask(turn.cluster, framework, task)
    }
}

function sayItIsGone(turn: Turn, framework: FrameworkRecord, task: TaskRecord): void {
  const verdict = {
    task: task.id,
    agent: task.agent,
    executor: task.executor,
    state: TaskState.TASK_GONE,
    reason: TaskStatusReason.REASON_AGENT_REREGISTERED,
    message: 'The agent that could not be reached is back, without the task',
  }
  const status = statusOf(framework, verdict, turn.now)
  takeStatus(turn, framework, task, status, status.state)
  sendStatus(turn, framework, status)
}

/** Row 4-031. */
function sayItReturned(turn: Turn, framework: FrameworkRecord, task: TaskRecord): void {
  const verdict = {
    task: task.id,
    agent: task.agent,
    executor: task.executor,
    state: task.state,
    reason: TaskStatusReason.REASON_AGENT_REREGISTERED,
    message: 'The agent that could not be reached is back',
  }
  const { containerStatus, healthy, checkStatus } = lastStatus(task) ?? {}
  sendStatus(turn, framework, { ...statusOf(framework, verdict, turn.now), containerStatus, healthy, checkStatus })
}
