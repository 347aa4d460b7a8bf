import type { Millis } from '#base/clock.js'
import { stateFor } from '#model/task-state.js'
import {
  type ContainerStatus,
  NetworkInfoProtocol,
  type TaskState,
  type TaskStatus,
  type TaskStatusReason,
  TaskStatusSource,
} from '#wire/mesos.js'
import type { Agent, Executor, Framework } from './state.js'

export interface StatusParts {
  state: TaskState
  message?: string | undefined
  reason?: TaskStatusReason | undefined
  limitation?: TaskStatus['limitation']
}

/** What the agent itself has to say of a task. States that the framework does not know are said in one that it does (row 8-017). */
export function agentStatus(
  agent: Agent,
  framework: Framework,
  task: string,
  executor: string | undefined,
  parts: StatusParts,
  now: Millis,
): TaskStatus {
  return {
    taskId: { value: task },
    state: stateFor(framework.capabilities, parts.state),
    message: parts.message,
    source: TaskStatusSource.SOURCE_AGENT,
    reason: parts.reason,
    agentId: agent.info.id,
    executorId: executor === undefined ? undefined : { value: executor },
    timestamp: now / 1000,
    uuid: agent.random.uuid(),
    limitation: parts.limitation,
  }
}

/** What the agent says in the name of a command task's executor (row 2-030). */
export function commandStatus(agent: Agent, executor: Executor, parts: StatusParts, now: Millis): TaskStatus {
  return {
    ...agentStatus(agent, executor.framework, executor.id, executor.id, parts, now),
    source: TaskStatusSource.SOURCE_EXECUTOR,
    containerStatus: containerStatusOf(agent, executor),
  }
}

/** With the host's network a container's address is the agent's (row 2-044). */
export function containerStatusOf(agent: Agent, executor: Executor): ContainerStatus {
  const ipAddress = agent.config.ip
  const protocol = ipAddress.includes(':') ? NetworkInfoProtocol.IPv6 : NetworkInfoProtocol.IPv4
  return {
    containerId: { value: executor.containerId },
    networkInfos: [{ ipAddresses: [{ protocol, ipAddress }] }],
    ...executor.containerStatus,
  }
}
