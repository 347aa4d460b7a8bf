import { resourcesText } from '#model/resource-text.js'
import { Resources } from '#model/resources.js'
import { AgentEventType } from '#wire/internal.js'
import {
  type ExecutorInfo,
  ExecutorInfoType,
  type OfferOperation,
  type TaskInfo,
  TaskState,
  TaskStatusReason,
} from '#wire/mesos.js'
import type { Budget } from './accept.js'
import type { FrameworkRecord } from './cluster.js'
import { addExecutor, executorOf } from './executors.js'
import { sendVerdict } from './status.js'
import { addTask, newTask } from './tasks.js'
import type { Turn } from './turn.js'
import { executorFault } from './validate-executor.js'
import { taskFault } from './validate-task.js'

/** LAUNCH (row 1-078): each task stands for itself. */
export function launch(turn: Turn, framework: FrameworkRecord, operation: OfferOperation, budget: Budget): void {
  turn.count('master/messages_launch_tasks')
  for (const info of operation.launch?.taskInfos ?? []) {
    const task = allocated(info, framework, budget)
    const fault = operation.id ? 'a LAUNCH cannot have an operation id' : launchFault(task, framework, budget)
    if (fault === undefined) start(turn, framework, task, budget)
    else refuseTask(turn, framework, info, TaskStatusReason.REASON_TASK_INVALID, fault)
  }
}

export function refuseTask(
  turn: Turn,
  framework: FrameworkRecord,
  info: TaskInfo,
  reason: TaskStatusReason,
  message: string,
): void {
  sendVerdict(turn, framework, {
    task: info.taskId.value,
    agent: info.agentId.value,
    state: TaskState.TASK_ERROR,
    reason,
    message,
  })
}

/** The task with its resources marked for the role of the offer where it left that out (row 1-064), its executor complete. */
function allocated(info: TaskInfo, framework: FrameworkRecord, { role }: Budget): TaskInfo {
  return {
    ...info,
    resources: withRole(info.resources, role),
    ...(info.executor && { executor: completed(info.executor, framework, role) }),
  }
}

export function withRole<R extends { allocationInfo?: unknown }>(resources: readonly R[] | undefined, role: string): R[] {
  return (resources ?? []).map((resource) => (resource.allocationInfo ? resource : { ...resource, allocationInfo: { role } }))
}

function completed(info: ExecutorInfo, framework: FrameworkRecord, role: string): ExecutorInfo {
  return {
    ...info,
    type: info.type ?? ExecutorInfoType.CUSTOM,
    frameworkId: info.frameworkId ?? { value: framework.id },
    resources: withRole(info.resources, role),
  }
}

function launchFault(task: TaskInfo, framework: FrameworkRecord, budget: Budget): string | undefined {
  const { command, executor } = task
  if (command ? executor : !executor) return 'a task must have either a command or an executor'
  const fault = taskFault(task, framework, budget) ?? (executor && executorFault(executor, framework, budget.agent))
  return fault ?? shortage(neededFor(task, framework, budget), budget)
}

/** What the task takes, with what its executor takes if that has to be started. */
function neededFor({ resources, executor }: TaskInfo, framework: FrameworkRecord, { agent }: Budget): Resources {
  const own = Resources.from(resources)
  return executor && !executorOf(agent, framework, executor.executorId.value) ? own.add(Resources.from(executor.resources)) : own
}

export function shortage(needed: Resources, { rest }: Budget): string | undefined {
  return rest.contains(needed)
    ? undefined
    : `more is needed (${resourcesText(needed)}) than is left of the offers (${resourcesText(rest)})`
}

function start(turn: Turn, framework: FrameworkRecord, info: TaskInfo, budget: Budget): void {
  const { agent } = budget
  const { executor } = info
  const held = Resources.from(info.resources)
  budget.rest = budget.rest.subtract(neededFor(info, framework, budget))
  const launchExecutor = executor !== undefined && !executorOf(agent, framework, executor.executorId.value)
  if (launchExecutor) addExecutor(framework, agent, executor, Resources.from(executor.resources))
  const task: TaskInfo = { ...info, resources: held.toProto() }
  addTask(turn, framework, agent, newTask(turn, framework, agent, task, held, executor?.executorId.value))
  turn.tell(agent, {
    type: AgentEventType.RUN_TASK,
    runTask: { frameworkInfo: framework.info, task, ...(launchExecutor && { launchExecutor }) },
  })
}
