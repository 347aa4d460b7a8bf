import { Resources } from '#model/resources.js'
import { AgentEventType } from '#wire/internal.js'
import {
  ContainerInfoType,
  type ExecutorInfo,
  ExecutorInfoType,
  type OfferOperation,
  type TaskInfo,
  TaskStatusReason,
} from '#wire/mesos.js'
import type { Budget } from './accept.js'
import type { FrameworkRecord } from './cluster.js'
import { addExecutor, executorOf } from './executors.js'
import { refuseTask, shortage, withRole } from './launch.js'
import { addTask, newTask } from './tasks.js'
import type { Turn } from './turn.js'
import { executorFault, groupExecutorMinimumFault } from './validate-executor.js'
import { taskFault } from './validate-task.js'

interface Group {
  readonly executor: ExecutorInfo
  readonly tasks: readonly TaskInfo[]
}

/** LAUNCH_GROUP (row 1-079): all of its tasks or none. */
export function launchGroup(turn: Turn, framework: FrameworkRecord, operation: OfferOperation, budget: Budget): void {
  const call = operation.launchGroup
  if (!call) return turn.count('master/dropped_messages')
  const infos = call.taskGroup.tasks ?? []
  const group = allocated(call.executor, infos, budget)
  const fault = operation.id ? 'a LAUNCH_GROUP cannot have an operation id' : groupFault(group, framework, budget)
  if (fault === undefined) return start(turn, framework, group, budget)
  for (const info of infos) refuseTask(turn, framework, info, TaskStatusReason.REASON_TASK_GROUP_INVALID, fault)
}

function allocated(executor: ExecutorInfo, infos: readonly TaskInfo[], { role }: Budget): Group {
  return {
    executor: { ...executor, resources: withRole(executor.resources, role) },
    tasks: infos.map((info) => ({ ...info, resources: withRole(info.resources, role) })),
  }
}

function groupFault({ executor, tasks }: Group, framework: FrameworkRecord, budget: Budget): string | undefined {
  return (
    tasksFault(executor, tasks, framework, budget) ??
    duplicateFault(tasks) ??
    typeFault(executor) ??
    executorFault(executor, framework, budget.agent) ??
    groupExecutorMinimumFault(executor.executorId.value, Resources.from(executor.resources)) ??
    memberShortage(tasks, budget) ??
    shortage(neededFor({ executor, tasks }, framework, budget), budget)
  )
}

function tasksFault(
  executor: ExecutorInfo,
  tasks: readonly TaskInfo[],
  framework: FrameworkRecord,
  budget: Budget,
): string | undefined {
  if (tasks.length === 0) return 'the group has no tasks'
  for (const task of tasks) {
    const fault = taskFault(task, framework, budget) ?? memberFault(executor, task)
    if (fault !== undefined) return `task '${task.taskId.value}': ${fault}`
  }
  return undefined
}

/** Also keeps the sum of all of them, which costs the square of its kinds, to kinds that the offers have. */
function memberShortage(tasks: readonly TaskInfo[], budget: Budget): string | undefined {
  for (const { resources } of tasks) {
    const fault = shortage(Resources.from(resources), budget)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** Row 1-094. */
function memberFault(executor: ExecutorInfo, { executor: own, container, command }: TaskInfo): string | undefined {
  if (own && own.executorId.value !== executor.executorId.value) return 'it names another executor than its group'
  if (!command && executor.type === ExecutorInfoType.DEFAULT) return 'it has no command'
  if (container?.type === ContainerInfoType.DOCKER) return 'a member of a group cannot have a container of type DOCKER'
  return undefined
}

function duplicateFault(tasks: readonly TaskInfo[]): string | undefined {
  const seen = new Set<string>()
  for (const { taskId } of tasks) {
    if (seen.has(taskId.value)) return `the task id '${taskId.value}' is in the group twice`
    seen.add(taskId.value)
  }
  return undefined
}

function typeFault({ frameworkId, type }: ExecutorInfo): string | undefined {
  if (!frameworkId) return "'framework_id' of the executor must be set"
  if (type === undefined) return "'type' of the executor must be set"
  return type === ExecutorInfoType.UNKNOWN ? 'the type of the executor is not known' : undefined
}

function neededFor({ executor, tasks }: Group, framework: FrameworkRecord, { agent }: Budget): Resources {
  const own = Resources.sum(tasks.map(({ resources }) => Resources.from(resources)))
  return executorOf(agent, framework, executor.executorId.value) ? own : own.add(Resources.from(executor.resources))
}

function start(turn: Turn, framework: FrameworkRecord, group: Group, budget: Budget): void {
  const { agent } = budget
  const { executor } = group
  budget.rest = budget.rest.subtract(neededFor(group, framework, budget))
  const launchExecutor = !executorOf(agent, framework, executor.executorId.value)
  if (launchExecutor) addExecutor(framework, agent, executor, Resources.from(executor.resources))
  const tasks = group.tasks.map((info) => {
    const held = Resources.from(info.resources)
    const task: TaskInfo = { ...info, resources: held.toProto() }
    addTask(turn, framework, agent, newTask(turn, framework, agent, task, held, executor.executorId.value))
    return task
  })
  turn.tell(agent, {
    type: AgentEventType.RUN_TASK_GROUP,
    runTaskGroup: { frameworkInfo: framework.info, executor, taskGroup: { tasks }, ...(launchExecutor && { launchExecutor }) },
  })
}
