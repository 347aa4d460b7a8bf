import type { ResponseGetExecutors, ResponseGetFrameworks, ResponseGetState, ResponseGetTasks } from '#wire/agent.js'
import type { Agent, Executor, Framework } from '../core/state.js'
import { taskMessage } from '../core/task-message.js'

/** What the GET calls show of the agent's state (rows 3-046 to 3-049). */
export const getState = (agent: Agent): ResponseGetState => ({
  getTasks: getTasks(agent),
  getExecutors: getExecutors(agent),
  getFrameworks: getFrameworks(agent),
})

export function getTasks(agent: Agent): ResponseGetTasks {
  const running = liveExecutors(agent)
  const ended = endedExecutors(agent)
  const live = running.flatMap((executor) => [...executor.tasks.values()].map((task) => ({ executor, task })))
  return {
    pendingTasks: [],
    queuedTasks: live.filter(({ task }) => !task.delivered).map(({ executor, task }) => taskMessage(executor, task)),
    launchedTasks: live.filter(({ task }) => task.delivered).map(({ executor, task }) => taskMessage(executor, task)),
    terminatedTasks: running.flatMap((executor) => [...executor.terminated.values()].map((task) => taskMessage(executor, task))),
    completedTasks: [...running, ...ended].flatMap((executor) => executor.completed.map((task) => taskMessage(executor, task))),
  }
}

export function getExecutors(agent: Agent): ResponseGetExecutors {
  return {
    executors: liveExecutors(agent).map((it) => ({ executorInfo: it.info })),
    completedExecutors: endedExecutors(agent).map((it) => ({ executorInfo: it.info })),
  }
}

export function getFrameworks(agent: Agent): ResponseGetFrameworks {
  return {
    frameworks: [...agent.frameworks.values()].map((it) => ({ frameworkInfo: it.info })),
    completedFrameworks: agent.completedFrameworks.map((it) => ({ frameworkInfo: it.info })),
  }
}

export function liveExecutors(agent: Agent): Executor[] {
  return [...agent.frameworks.values()].flatMap((it) => executorsOf(it).live)
}

function endedExecutors(agent: Agent): Executor[] {
  return [...agent.frameworks.values(), ...agent.completedFrameworks].flatMap((it) => executorsOf(it).ended)
}

/** One whose container is gone is over for whoever looks, whatever is still to be acknowledged. */
export function executorsOf(framework: Framework): { live: Executor[]; ended: Executor[] } {
  const known = [...framework.executors.values()]
  return {
    live: known.filter((it) => it.phase !== 'terminated' || it.terminated.size > 0),
    ended: [...framework.completedExecutors, ...known.filter((it) => it.phase === 'terminated' && it.terminated.size === 0)],
  }
}
