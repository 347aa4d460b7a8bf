import { toJson } from '#wire/json.js'
import {
  CheckStatusInfo,
  ContainerInfo,
  ContainerStatus,
  DiscoveryInfo,
  HealthCheck,
  type Task,
  type TaskInfo,
  type TaskStatus,
  type ValueScalar,
} from '#wire/mesos.js'
import { Resources } from '../resources.js'
import { taskStateName } from '../task-state.js'
import { commandModel } from './executor.js'
import { labelsModel } from './labels.js'
import { resourcesModel, roleModel } from './resources.js'
import { array, boolean, double, entries, type JsonText, object, string } from './text.js'

/** A task as `/state` and `/tasks` show it (row 3-101). `executor_id` is empty for command tasks, whatever the executor is called inside. */
export function taskModel(task: Task): JsonText {
  return object({
    id: string(task.taskId.value),
    name: string(task.name),
    framework_id: string(task.frameworkId.value),
    executor_id: string(task.executorId?.value ?? ''),
    slave_id: string(task.agentId.value),
    state: string(taskStateName(task.state)),
    resources: resourcesModel(Resources.from(task.resources)),
    limits: limitsModel(task.limits),
    role: roleModel(task.resources),
    statuses: array((task.statuses ?? []).map(statusModel)),
    user: task.user === undefined ? undefined : string(task.user),
    labels: labelsModel(task.labels),
    discovery: task.discovery && (toJson(DiscoveryInfo, task.discovery) as JsonText),
    container: task.container && (toJson(ContainerInfo, task.container) as JsonText),
    health_check: task.healthCheck && (toJson(HealthCheck, task.healthCheck) as JsonText),
  })
}

/** A task that an agent has not given to its executor yet; it has no state so far. */
export function queuedTaskModel(task: TaskInfo): JsonText {
  return object({
    id: string(task.taskId.value),
    name: string(task.name),
    slave_id: string(task.agentId.value),
    resources: resourcesModel(Resources.from(task.resources)),
    role: roleModel(task.resources),
    command: task.command && commandModel(task.command),
    executor_id: task.executor && string(task.executor.executorId.value),
    labels: labelsModel(task.labels),
    discovery: task.discovery && (toJson(DiscoveryInfo, task.discovery) as JsonText),
    container: task.container && (toJson(ContainerInfo, task.container) as JsonText),
    health_check: task.healthCheck && (toJson(HealthCheck, task.healthCheck) as JsonText),
  })
}

function statusModel(status: TaskStatus): JsonText {
  return object({
    state: string(taskStateName(status.state)),
    timestamp: double(status.timestamp ?? 0),
    labels: labelsModel(status.labels),
    container_status: status.containerStatus && containerStatusModel(status.containerStatus),
    healthy: status.healthy === undefined ? undefined : boolean(status.healthy),
    check_status: status.checkStatus && (toJson(CheckStatusInfo, status.checkStatus) as JsonText),
  })
}

/** Without the pid, which only the newer calls show. */
function containerStatusModel({ executorPid: _, ...shown }: ContainerStatus): JsonText {
  return toJson(ContainerStatus, shown) as JsonText
}

/** `"Infinity"` where there is no limit. */
function limitsModel(limits: Readonly<Record<string, ValueScalar>> | undefined): JsonText | undefined {
  const all = Object.entries(limits ?? {})
  return all.length === 0 ? undefined : entries(all.map(([name, { value }]) => [name, double(value)]))
}
