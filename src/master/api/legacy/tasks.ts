import { Resources } from '#model/resources.js'
import { taskStateName } from '#model/task-state.js'
import {
  CheckStatusInfo,
  ContainerInfo,
  ContainerStatus,
  DiscoveryInfo,
  Environment,
  type ExecutorInfo,
  ExecutorInfoType,
  HealthCheck,
  type Labels,
  type Task,
  type TaskStatus,
} from '#wire/mesos.js'
import type { ExecutorRecord, TaskRecord } from '../../core/cluster.js'
import { taskMessage } from '../../core/tasks.js'
import { Double, type Json, messageJson, optionalMessage } from './json.js'
import { resourcesJson } from './resources.js'

/** A task of `/state`, `/tasks` and `/frameworks` (row 3-101). */
export function taskJson(record: TaskRecord): Json {
  const task = taskMessage(record)
  const resources = Resources.from(task.resources)
  return {
    id: record.id,
    name: task.name,
    framework_id: record.framework,
    executor_id: record.executor ?? '',
    slave_id: record.agent,
    state: taskStateName(record.state),
    resources: resourcesJson(resources),
    ...(task.limits && Object.keys(task.limits).length > 0 && { limits: limitsJson(task.limits) }),
    role: roleOf(resources),
    statuses: (task.statuses ?? []).map(statusJson),
    user: task.user,
    labels: task.labels && labelsJson(task.labels),
    discovery: optionalMessage(DiscoveryInfo, task.discovery),
    container: optionalMessage(ContainerInfo, task.container),
    health_check: optionalMessage(HealthCheck, task.healthCheck),
  }
}

export function labelsJson({ labels = [] }: Labels): Json {
  return labels.map(({ key, value }) => ({ key, value }))
}

function limitsJson(limits: NonNullable<Task['limits']>): Json {
  return Object.fromEntries(
    Object.entries(limits).map(([name, { value }]) => [name, Number.isFinite(value) ? new Double(value) : String(value)]),
  )
}

function statusJson({ state, timestamp, labels, containerStatus, healthy, checkStatus }: TaskStatus): Json {
  return {
    state: taskStateName(state),
    timestamp: new Double(timestamp ?? 0),
    labels: labels && labelsJson(labels),
    container_status: containerStatus && messageJson(ContainerStatus, { ...containerStatus, executorPid: undefined }),
    healthy,
    check_status: optionalMessage(CheckStatusInfo, checkStatus),
  }
}

/** The one role that all of it is allocated to. */
export function roleOf(resources: Resources): string {
  return resources.entries[0]?.identity.allocatedTo ?? '*'
}

/** Row 3-100. */
export function executorJson({ id, info, resources, framework, agent }: ExecutorRecord): Json {
  return {
    executor_id: id,
    name: info.name ?? '',
    framework_id: framework,
    command: commandJson(info.command),
    resources: resourcesJson(resources),
    role: roleOf(resources),
    source: info.source,
    labels: info.labels && labelsJson(info.labels),
    discovery: optionalMessage(DiscoveryInfo, info.discovery),
    container: optionalMessage(ContainerInfo, info.container),
    type: info.type === ExecutorInfoType.DEFAULT ? 'DEFAULT' : 'CUSTOM',
    slave_id: agent,
  }
}

function commandJson(command: ExecutorInfo['command']): Json {
  return {
    shell: command?.shell,
    value: command?.value,
    argv: command?.arguments ?? [],
    environment: optionalMessage(Environment, command?.environment),
    uris: (command?.uris ?? []).map(({ value, executable }) => ({ value, executable: executable ?? false })),
  }
}
