import type { Millis } from '#base/clock.js'
import { isTerminal, stateFor } from '#model/task-state.js'
import { EventType as OperatorEventType } from '#wire/master.js'
import { TaskState, TaskStatusReason } from '#wire/mesos.js'
import { EventType } from '#wire/scheduler.js'
import { unlinkAgent } from './agents.js'
import type { AgentRecord, FrameworkRecord, TaskRecord } from './cluster.js'
import { removeExecutor } from './executors.js'
import type { AgentId } from './ids.js'
import { silenceLimit } from './settings.js'
import { sendStatus, statusOf, timeInfo, type Verdict } from './status.js'
import { completeTask, removeTask, takeStatus } from './tasks.js'
import type { Turn } from './turn.js'

/** How an agent leaves: it stopped answering, it said good-bye, or another one stands at its address. */
export type Leave = 'silent' | 'unregistered' | 'replaced'

/** An agent may have been silent for as long as it may be (row 4-029). */
export function silenceChecked(turn: Turn, id: AgentId): void {
  const agent = turn.cluster.agents.get(id)
  if (!agent || turn.cluster.leaving.has(id)) return
  const deadline = agent.heardAt + silenceLimit(turn.cluster.settings)
  if (turn.now < deadline) return turn.arm({ kind: 'silence', agent: id }, deadline)
  turn.count('master/slave_unreachable_scheduled')
  recordUnreachable(turn, id)
}

/** The agents of the registry had their time (row 4-019). Nobody is told: only reconciliation shows it. */
export function reregisterTimedOut(turn: Turn): void {
  for (const id of turn.cluster.recoveredAgents.keys()) recordUnreachable(turn, id)
}

/** Recorded before any framework hears of it: another master must not think otherwise (row 4-030). */
function recordUnreachable(turn: Turn, id: AgentId): void {
  turn.cluster.leaving.add(id)
  turn.persist(
    { change: 'agent-unreachable', agent: { id: { value: id }, since: timeInfo(turn.now) } },
    { is: 'agent-unreachable-recorded', agent: id, since: turn.now },
  )
}

export function agentUnreachable(turn: Turn, id: AgentId, since: Millis): void {
  const { cluster } = turn
  cluster.leaving.delete(id)
  const agent = cluster.agents.get(id)
  if (!agent && !cluster.recoveredAgents.delete(id)) return
  cluster.unreachable.set(id, since)
  forgetOldest(turn)
  turn.count('master/slave_unreachable_completed')
  if (agent) loseAgent(turn, agent, 'silent', since)
}

/** UNREGISTER of an agent (row 4-034). */
export function agentUnregisters(turn: Turn, agent: AgentRecord): void {
  turn.cluster.leaving.add(agent.id)
  turn.persist({ change: 'remove-agent', agent: agent.id }, { is: 'agent-removal-recorded', agent: agent.id })
}

export function agentRemoved(turn: Turn, id: AgentId): void {
  turn.cluster.leaving.delete(id)
  const agent = turn.cluster.agents.get(id)
  if (agent) loseAgent(turn, agent, 'unregistered')
}

const sentence: Record<Leave, (agent: AgentRecord) => string> = {
  silent: () => 'The agent stopped answering the health checks of the master',
  unregistered: (agent) => `Agent ${agent.info.hostname} was removed: it unregistered`,
  replaced: (agent) => `Agent ${agent.info.hostname} was removed: another one registered at its address`,
}

const removalReason: Record<Leave, string> = { silent: 'unhealthy', unregistered: 'unregistered', replaced: 'registered' }

/** Forgets an agent and tells the frameworks what that means for their tasks. */
export function loseAgent(turn: Turn, agent: AgentRecord, leave: Leave, since?: Millis): void {
  const { cluster } = turn
  unlinkAgent(turn, agent)
  turn.disarm({ kind: 'silence', agent: agent.id })
  turn.count('master/slave_removals')
  turn.count(`master/slave_removals/reason_${removalReason[leave]}`)
  for (const [id, tasks] of agent.tasks) {
    const framework = cluster.frameworks.get(id)
    if (framework) for (const task of tasks.values()) loseTask(turn, framework, agent, task, leave, since)
  }
  for (const [id, executors] of agent.executors) {
    const framework = cluster.frameworks.get(id)
    if (framework) for (const executor of executors.values()) removeExecutor(turn, framework, executor)
  }
  cluster.agents.delete(agent.id)
  cluster.allocator.removeAgent(agent.id)
  if (leave === 'replaced') turn.persist({ change: 'remove-agent', agent: agent.id })
  for (const framework of cluster.frameworks.values())
    turn.send(framework, { type: EventType.FAILURE, failure: { agentId: { value: agent.id } } })
  // Operators hear only of agents that will not come back (golden/sequences/agent-lifecycle).
  if (leave !== 'silent')
    turn.publish(() => ({ type: OperatorEventType.AGENT_REMOVED, agentRemoved: { agentId: { value: agent.id } } }))
}

function loseTask(
  turn: Turn,
  framework: FrameworkRecord,
  agent: AgentRecord,
  task: TaskRecord,
  leave: Leave,
  since: Millis | undefined,
): void {
  const { cluster } = turn
  if (isTerminal(task.state)) return completeTask(cluster, framework, task)
  // LOST also for a framework that is PARTITION_AWARE: so a Mesos does it (golden/sequences/agent-lifecycle, the SIGUSR1 case).
  const state = leave === 'silent' ? TaskState.TASK_UNREACHABLE : TaskState.TASK_LOST
  const verdict: Verdict = {
    task: task.id,
    agent: agent.id,
    executor: task.executor,
    state,
    reason: TaskStatusReason.REASON_AGENT_REMOVED,
    message: sentence[leave](agent),
    unreachableSince: since,
  }
  const status = statusOf(framework, verdict, turn.now)
  takeStatus(turn, framework, task, status, stateFor(framework.capabilities, state))
  sendStatus(turn, framework, status)
  if (leave !== 'silent') return completeTask(cluster, framework, task)
  if (status.state === TaskState.TASK_UNREACHABLE) turn.count('master/tasks_unreachable')
  removeTask(cluster, framework, task)
  framework.unreachableTasks.set(task.id, task)
  for (const id of framework.unreachableTasks.keys()) {
    if (framework.unreachableTasks.size <= cluster.settings.maxUnreachableTasksPerFramework) break
    framework.unreachableTasks.delete(id)
  }
}

/** Row 4-012. */
function forgetOldest(turn: Turn): void {
  const { unreachable, settings } = turn.cluster
  const forgotten: AgentId[] = []
  for (const id of unreachable.keys()) {
    if (unreachable.size <= settings.maxRememberedIds) break
    unreachable.delete(id)
    forgotten.push(id)
  }
  if (forgotten.length > 0) turn.persist({ change: 'forget-unreachable', agents: forgotten })
}
