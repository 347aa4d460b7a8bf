import type { Task as TaskMessage } from '#wire/mesos.js'
import type { Executor, Task } from './state.js'

/** A task as it is shown to the master and to operators. Command tasks have no executor id there (row 3-101). */
export function taskMessage(executor: Executor, task: Task): TaskMessage {
  const { info } = task
  return {
    name: info.name,
    taskId: info.taskId,
    frameworkId: { value: executor.framework.id },
    executorId: executor.command ? undefined : { value: executor.id },
    agentId: info.agentId,
    state: task.state,
    resources: info.resources,
    statuses: task.statuses.length ? task.statuses : undefined,
    ...task.forwarded,
    labels: info.labels,
    discovery: info.discovery,
    container: info.container,
    healthCheck: info.healthCheck,
    killPolicy: info.killPolicy,
    user: (info.command ?? info.executor?.command)?.user,
    limits: info.limits,
  }
}
