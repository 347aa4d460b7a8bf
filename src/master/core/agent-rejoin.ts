import { Resources } from '#model/resources.js'
import { isTerminal } from '#model/task-state.js'
import { type AgentCall, AgentEventType } from '#wire/internal.js'
import { EventType } from '#wire/master.js'
import type { FrameworkInfo } from '#wire/mesos.js'
import { agentMessage, linkAgent, unlinkAgent, usedOn } from './agents.js'
import type { AgentRecord, TaskRecord } from './cluster.js'
import { addExecutor, removeExecutor } from './executors.js'
import { addFramework, publishFramework, saveFramework } from './frameworks.js'
import type { AgentId, FrameworkId, LinkId } from './ids.js'
import { loseAgent } from './lose-agent.js'
import { awaitScheduler } from './recover.js'
import { endTwins, giveUpUnreachable, takeTasks } from './reported-tasks.js'
import { completeTask } from './tasks.js'
import type { Turn } from './turn.js'

type Subscribe = NonNullable<AgentCall['subscribe']>

/**
 * Takes over what an agent reports: it is the truth about its tasks (design §4.3).
 * Invariant: afterwards the master knows exactly the tasks that the agent reported of frameworks that are not completed, and those that it sent
 * and the agent does not know; of the latter it asks.
 */
export function rejoin(turn: Turn, id: AgentId, link: LinkId, subscribe: Subscribe): void {
  const { cluster } = turn
  const known = cluster.agents.get(id)
  if (known) unlinkAgent(turn, known)
  const wasUnreachable = cluster.unreachable.delete(id)
  const agent = known ? refresh(turn, known, subscribe) : enter(turn, id, subscribe)
  cluster.recoveredAgents.delete(id)
  turn.count(known || wasUnreachable || subscribe.agentInfo.id ? 'master/slave_reregistrations' : 'master/slave_registrations')
  for (const info of subscribe.frameworks ?? []) recoverFramework(turn, info)
  const { missing, twins } = takeTasks(turn, agent, subscribe.tasks ?? [])
  if (wasUnreachable) giveUpUnreachable(turn, agent)
  takeExecutors(turn, agent, subscribe)
  // Offers were taken back with the old link, so that nothing but tasks and executors holds anything here.
  cluster.allocator.updateAllocation(id, usedOn(agent))
  linkAgent(turn, agent, link)
  welcome(turn, agent, subscribe)
  askFor(turn, agent, missing)
  endTwins(turn, agent, twins)
  repeatKills(turn, agent)
  if (!known) turn.publish(() => ({ type: EventType.AGENT_ADDED, agentAdded: { agent: agentMessage(agent) } }))
}

function enter(turn: Turn, id: AgentId, subscribe: Subscribe): AgentRecord {
  const { cluster } = turn
  removeNamesake(turn, id, subscribe.pid)
  const agent: AgentRecord = {
    id,
    info: { ...subscribe.agentInfo, id: { value: id } },
    pid: subscribe.pid,
    version: subscribe.version,
    capabilities: subscribe.capabilities ?? [],
    link: undefined,
    registeredAt: turn.now,
    reregisteredAt: subscribe.agentInfo.id ? turn.now : undefined,
    heardAt: turn.now,
    total: Resources.from(subscribe.totalResources),
    offers: new Set(),
    tasks: new Map(),
    executors: new Map(),
  }
  cluster.agents.set(id, agent)
  cluster.allocator.addAgent(id, { info: agent.info, total: agent.total })
  return agent
}

function refresh(turn: Turn, agent: AgentRecord, subscribe: Subscribe): AgentRecord {
  agent.info = { ...subscribe.agentInfo, id: { value: agent.id } }
  agent.pid = subscribe.pid
  agent.version = subscribe.version
  agent.capabilities = subscribe.capabilities ?? []
  agent.total = Resources.from(subscribe.totalResources)
  agent.reregisteredAt = turn.now
  turn.cluster.allocator.updateAgent(agent.id, { info: agent.info, total: agent.total })
  return agent
}

/** A new agent at the address of another one that is away: its work directory was lost, and the old one will not come back (row 4-026). */
function removeNamesake(turn: Turn, id: AgentId, pid: string): void {
  for (const other of turn.cluster.agents.values())
    if (other.id !== id && other.pid === pid && other.link === undefined && !turn.cluster.leaving.has(other.id))
      loseAgent(turn, other, 'replaced')
}

function recoverFramework(turn: Turn, info: FrameworkInfo): void {
  const id = info.id?.value
  if (id === undefined || turn.cluster.frameworks.has(id) || turn.cluster.completedIds.has(id)) return
  const framework = addFramework(turn, id, { info, suppressed: [], constraints: undefined }, true)
  awaitScheduler(turn, framework)
  saveFramework(turn, framework)
  publishFramework(turn, framework, 'added')
}

function takeExecutors(turn: Turn, agent: AgentRecord, { executors = [] }: Subscribe): void {
  const reported = new Set(executors.map((info) => `${info.frameworkId?.value} ${info.executorId.value}`))
  for (const [frameworkId, ofFramework] of agent.executors) {
    const framework = turn.cluster.frameworks.get(frameworkId)
    for (const executor of ofFramework.values())
      if (framework && !reported.has(`${frameworkId} ${executor.id}`)) removeExecutor(turn, framework, executor)
  }
  for (const info of executors) {
    const framework = turn.cluster.frameworks.get(info.frameworkId?.value ?? '')
    if (!framework || framework.ending || agent.executors.get(framework.id)?.has(info.executorId.value)) continue
    addExecutor(framework, agent, info, Resources.from(info.resources))
  }
}

function welcome(turn: Turn, agent: AgentRecord, { frameworks = [] }: Subscribe): void {
  const { settings, completedIds, frameworks: live } = turn.cluster
  const over = (id: FrameworkId): boolean => completedIds.has(id) || !live.has(id)
  turn.tell(agent, {
    type: AgentEventType.SUBSCRIBED,
    subscribed: {
      agentId: { value: agent.id },
      heartbeatIntervalSeconds: settings.agentPingTimeout / 1000,
      masterInfo: settings.master,
      completedFrameworks: frameworks.flatMap(({ id }) => (id && over(id.value) ? [id] : [])),
    },
  })
}

/** A launch may have been lost on the way; only the agent can say so for good (row 4-027). */
function askFor(turn: Turn, agent: AgentRecord, missing: readonly TaskRecord[]): void {
  const { cluster } = turn
  const { frameworks } = cluster
  for (const task of missing) {
    const framework = frameworks.get(task.framework)
    // Its end was known already, and the agent has the acknowledgement.
    if (framework && isTerminal(task.state)) completeTask(cluster, framework, task)
  }
  const open = missing.filter(({ state }) => !isTerminal(state))
  if (open.length === 0) return
  const tasks = open.map((task) => ({
    frameworkId: { value: task.framework },
    taskId: { value: task.id },
    partitionAware: frameworks.get(task.framework)?.capabilities.partitionAware ?? false,
  }))
  turn.tell(agent, { type: AgentEventType.RECONCILE_TASKS, reconcileTasks: { tasks } })
}

/** Kills that were asked for while the agent was away (row 1-026). */
function repeatKills(turn: Turn, agent: AgentRecord): void {
  for (const ofFramework of agent.tasks.values())
    for (const task of ofFramework.values())
      if (task.kill && !isTerminal(task.state)) turn.tell(agent, { type: AgentEventType.KILL_TASK, killTask: task.kill })
}
