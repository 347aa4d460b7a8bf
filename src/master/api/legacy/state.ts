import { versionInfo } from '#http/daemon-routes.js'
import { taskStateName } from '#model/task-state.js'
import { MasterInfoCapabilityType, TaskState } from '#wire/mesos.js'
import type { AgentRecord, Cluster, FrameworkRecord, TaskRecord } from '../../core/cluster.js'
import type { ApiContext } from '../context.js'
import { agentJson, fullResources, infoJson } from './agents.js'
import { frameworkJson, frameworkSummary } from './frameworks.js'
import { Double, type Json, seconds } from './json.js'

const capabilityNames = new Map<number, string>(Object.entries(MasterInfoCapabilityType).map(([name, type]) => [type, name]))

/** `/state`: the whole cluster (rows 3-066, 3-098). */
export function stateJson({ cluster, flags, startedAt }: ApiContext): Json {
  const { master } = cluster.settings
  const flag = new Map(flags)
  const linked = [...cluster.agents.values()].filter(({ link }) => link !== undefined).length
  return {
    version: versionInfo.version ?? '',
    git_tag: versionInfo.gitTag,
    build_date: versionInfo.buildDate,
    build_time: new Double(versionInfo.buildTime ?? 0),
    build_user: versionInfo.buildUser,
    start_time: seconds(startedAt),
    elected_time: seconds(cluster.electedAt),
    id: master.id,
    pid: master.pid,
    hostname: master.hostname,
    capabilities: (master.capabilities ?? []).flatMap(({ type }) => capabilityNames.get(type ?? 0) ?? []),
    activated_slaves: new Double(linked),
    deactivated_slaves: new Double(cluster.agents.size - linked),
    unreachable_slaves: new Double(cluster.unreachable.size),
    leader: master.pid,
    leader_info: { id: master.id, pid: master.pid, port: master.port, hostname: master.hostname },
    cluster: flag.get('cluster'),
    log_dir: flag.get('log_dir'),
    external_log_file: flag.get('external_log_file'),
    flags: Object.fromEntries(flags),
    slaves: [...cluster.agents.values()].map(agentJson),
    recovered_slaves: [...cluster.recoveredAgents.values()].map(infoJson),
    ...frameworksJson(cluster),
    orphan_tasks: [],
  }
}

/** `/frameworks`, of all or of one (row 3-069). */
export function frameworksJson(cluster: Cluster, only?: string): { [key: string]: Json } {
  const list = (all: ReadonlyMap<string, FrameworkRecord>): Json =>
    [...all.values()].filter(({ id }) => only === undefined || id === only).map(frameworkJson)
  return {
    frameworks: list(cluster.frameworks),
    completed_frameworks: list(cluster.completedFrameworks),
    unregistered_frameworks: [],
  }
}

/** `/slaves`, of all or of one (row 3-068). */
export function agentsJson(cluster: Cluster, only?: string): Json {
  const agents = [...cluster.agents.values()].filter(({ id }) => only === undefined || id === only)
  const recovered = [...cluster.recoveredAgents.values()].filter(({ id }) => only === undefined || id?.value === only)
  return {
    slaves: agents.map((agent) => ({ ...agentJson(agent), ...fullResources(agent) })),
    recovered_slaves: recovered.map(infoJson),
  }
}

const counted: readonly TaskState[] = [
  TaskState.TASK_STAGING,
  TaskState.TASK_STARTING,
  TaskState.TASK_RUNNING,
  TaskState.TASK_KILLING,
  TaskState.TASK_FINISHED,
  TaskState.TASK_KILLED,
  TaskState.TASK_FAILED,
  TaskState.TASK_LOST,
  TaskState.TASK_ERROR,
  TaskState.TASK_UNREACHABLE,
]

/** `/state-summary`: no tasks, only how many there are (row 3-067). */
export function summaryJson({ cluster, flags }: ApiContext): Json {
  const frameworks = [...cluster.frameworks.values()]
  const perAgent = byAgent(frameworks.flatMap(tasksOf))
  return {
    hostname: cluster.settings.master.hostname,
    cluster: new Map(flags).get('cluster'),
    slaves: [...cluster.agents.values()].map((agent) => ({
      ...agentJson(agent),
      ...counts(perAgent.get(agent.id) ?? []),
      framework_ids: frameworksOn(agent),
    })),
    frameworks: frameworks.map((framework) => ({
      ...frameworkSummary(framework),
      ...counts(tasksOf(framework)),
      slave_ids: [...new Set([...framework.tasks.values(), ...framework.executors].map(({ agent }) => agent))],
    })),
  }
}

export function tasksOf({ tasks, unreachableTasks, completedTasks }: FrameworkRecord): TaskRecord[] {
  return [...tasks.values(), ...unreachableTasks.values(), ...completedTasks]
}

function byAgent(tasks: readonly TaskRecord[]): Map<string, TaskRecord[]> {
  const groups = new Map<string, TaskRecord[]>()
  for (const task of tasks) {
    const group = groups.get(task.agent)
    if (group) group.push(task)
    else groups.set(task.agent, [task])
  }
  return groups
}

function frameworksOn(agent: AgentRecord): string[] {
  return [...new Set([...agent.tasks.keys(), ...agent.executors.keys()])]
}

function counts(tasks: readonly TaskRecord[]): Record<string, Json> {
  return Object.fromEntries(counted.map((state) => [taskStateName(state), tasks.filter((task) => task.state === state).length]))
}
