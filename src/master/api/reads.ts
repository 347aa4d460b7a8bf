import { Resources } from '#model/resources.js'
import type {
  ResponseGetAgents,
  ResponseGetExecutors,
  ResponseGetFrameworks,
  ResponseGetRoles,
  ResponseGetState,
  ResponseGetTasks,
} from '#wire/master.js'
import { ValueType } from '#wire/mesos.js'
import { agentMessage } from '../core/agents.js'
import type { Cluster, FrameworkRecord } from '../core/cluster.js'
import { frameworkMessage, offeredTo, usedBy } from '../core/framework-message.js'
import { taskMessage } from '../core/tasks.js'

export function allFrameworks(cluster: Cluster): FrameworkRecord[] {
  return [...cluster.frameworks.values(), ...cluster.completedFrameworks.values()]
}

/** Row 3-016. */
export function getAgents({ agents, recoveredAgents }: Cluster): ResponseGetAgents {
  return { agents: [...agents.values()].map(agentMessage), recoveredAgents: [...recoveredAgents.values()] }
}

/** Row 3-017. */
export function getFrameworks({ frameworks, completedFrameworks }: Cluster): ResponseGetFrameworks {
  const message = (framework: FrameworkRecord) => frameworkMessage(framework, { unregistered: false, holdings: true })
  return {
    frameworks: [...frameworks.values()].map(message),
    completedFrameworks: [...completedFrameworks.values()].map(message),
  }
}

/** Row 3-018. */
export function getExecutors({ frameworks }: Cluster): ResponseGetExecutors {
  const executors = [...frameworks.values()].flatMap((framework) => [...framework.executors])
  return { executors: executors.map(({ info, agent }) => ({ executorInfo: info, agentId: { value: agent } })) }
}

/** Row 3-019. A task that ended counts as completed once its last update is acknowledged. */
export function getTasks(cluster: Cluster): ResponseGetTasks {
  const frameworks = allFrameworks(cluster)
  return {
    tasks: frameworks.flatMap(({ tasks }) => [...tasks.values()].map(taskMessage)),
    unreachableTasks: frameworks.flatMap(({ unreachableTasks }) => [...unreachableTasks.values()].map(taskMessage)),
    completedTasks: frameworks.flatMap(({ completedTasks }) => completedTasks.map(taskMessage)),
  }
}

/** Row 3-015. */
export function getState(cluster: Cluster): ResponseGetState {
  return {
    getTasks: getTasks(cluster),
    getExecutors: getExecutors(cluster),
    getFrameworks: getFrameworks(cluster),
    getAgents: getAgents(cluster),
  }
}

/** A role as it is now: who subscribes to it and what is reserved for it, offered or used in it (row 3-021). */
export interface RoleView {
  readonly name: string
  readonly frameworks: readonly FrameworkRecord[]
  readonly used: Resources
  readonly offered: Resources
  readonly reserved: Resources
}

/** Roles that a framework or a reservation refers to (row 4-044), by name. */
export function rolesOf(cluster: Cluster): RoleView[] {
  const frameworks = [...cluster.frameworks.values()]
  const reserved = Resources.sum([...cluster.agents.values()].map(({ total }) => total)).byReservation()
  const subscribed = new Map<string, FrameworkRecord[]>([...reserved.keys()].map((name) => [name, []]))
  for (const framework of frameworks)
    for (const role of framework.roles) {
      const others = subscribed.get(role)
      if (others) others.push(framework)
      else subscribed.set(role, [framework])
    }
  const used = byRole(frameworks, usedBy)
  const offered = byRole(frameworks, offeredTo)
  return [...subscribed.keys()].sort().map((name) => ({
    name,
    frameworks: subscribed.get(name) ?? [],
    used: Resources.sum(used.get(name) ?? []),
    offered: Resources.sum(offered.get(name) ?? []),
    reserved: reserved.get(name) ?? Resources.none,
  }))
}

/** What frameworks have, by the role for which they have it; one pass, however many roles there are. */
function byRole(frameworks: readonly FrameworkRecord[], of: (framework: FrameworkRecord) => Resources): Map<string, Resources[]> {
  const found = new Map<string, Resources[]>()
  for (const framework of frameworks)
    for (const [role, resources] of of(framework).byAllocation()) {
      const others = found.get(role)
      if (others) others.push(resources)
      else found.set(role, [resources])
    }
  return found
}

export function getRoles(cluster: Cluster): ResponseGetRoles {
  return {
    roles: rolesOf(cluster).map(({ name, frameworks, used, offered }) => ({
      name,
      weight: 1,
      frameworks: frameworks.map(({ id }) => ({ value: id })),
      resources: scalarsOf(used.add(offered)),
    })),
  }
}

/** Quantities as plain scalars, by name. */
function scalarsOf(resources: Resources): NonNullable<NonNullable<ResponseGetRoles['roles']>[number]['resources']> {
  const names = ['cpus', 'disk', 'gpus', 'mem']
  return names.flatMap((name) => {
    const value = resources.quantity(name)
    return value > 0 ? [{ name, type: ValueType.SCALAR, scalar: { value } }] : []
  })
}
