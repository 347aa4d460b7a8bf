import type { MasterOperator } from '#sdk/operator.js'
import {
  CallType,
  type ResponseGetAgents,
  type ResponseGetAgentsAgent,
  type ResponseGetFrameworks,
  type ResponseGetTasks,
} from '#wire/master.js'
import type { Task } from '#wire/mesos.js'
import { CliErrors } from './errors.js'
import { select } from './select.js'

export async function readTasks(master: MasterOperator): Promise<ResponseGetTasks> {
  return present(master, (await master.call({ type: CallType.GET_TASKS }))?.getTasks, 'GET_TASKS')
}

export async function readAgents(master: MasterOperator): Promise<ResponseGetAgents> {
  return present(master, (await master.call({ type: CallType.GET_AGENTS }))?.getAgents, 'GET_AGENTS')
}

export async function readFrameworks(master: MasterOperator): Promise<ResponseGetFrameworks> {
  return present(master, (await master.call({ type: CallType.GET_FRAMEWORKS }))?.getFrameworks, 'GET_FRAMEWORKS')
}

/** A master always says what it has, be it nothing: who says nothing at all is none, and must not look like an empty cluster. */
export function present<T>({ daemon }: MasterOperator, answer: T | undefined, call: string): T {
  if (answer === undefined) throw CliErrors.NOT_A_MASTER({ url: daemon, why: `nothing in its answer to ${call}` })
  return answer
}

/** All that the master remembers, those that live first. */
export const everyTask = (tasks: ResponseGetTasks): Task[] => [
  ...(tasks.tasks ?? []),
  ...(tasks.unreachableTasks ?? []),
  ...(tasks.completedTasks ?? []),
]

/** By id or its beginning; among the living first, so that a run of last week does not stand in the way. */
export function selectTask(tasks: ResponseGetTasks, wanted: string): Task {
  const idOf = (task: Task): string => task.taskId.value
  const living = (tasks.tasks ?? []).filter((task) => idOf(task) === wanted || idOf(task).startsWith(wanted))
  return select('task', living.length > 0 ? living : everyTask(tasks), idOf, wanted, 'meseta ps --all')
}

/** Where the agent with this id answers. */
export function agentUrl(agents: ResponseGetAgents, task: Task): string {
  const agent = (agents.agents ?? []).find(({ agentInfo }) => agentInfo.id?.value === task.agentId.value)
  if (!agent) throw CliErrors.AGENT_GONE({ task: task.taskId.value, agent: task.agentId.value })
  return `http://${agentAddress(agent)}`
}

/** `slave(1)@ip:port` says where it listens; the host name need not resolve here. */
export function agentAddress({ pid, agentInfo }: ResponseGetAgentsAgent): string {
  return pid?.includes('@') ? pid.slice(pid.indexOf('@') + 1) : `${agentInfo.hostname}:${agentInfo.port ?? 5051}`
}

/** Seconds since the epoch of the first status: when it started. */
export const startOf = (task: Task): number | undefined => task.statuses?.[0]?.timestamp
