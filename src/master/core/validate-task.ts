import { idFault } from '#model/ids.js'
import { duplicateVolumeFault, mixedRevocableNames, resourceListFault } from '#model/resource-validation.js'
import { Resources } from '#model/resources.js'
import type { TaskInfo } from '#wire/mesos.js'
import type { Budget } from './accept.js'
import type { FrameworkRecord } from './cluster.js'
import { checkFault, commandFault, healthCheckFault } from './validate-checks.js'

/** Why a task cannot be launched, apart from its executor and whether there is enough (rows 1-090 to 1-093), or undefined. */
export function taskFault(task: TaskInfo, framework: FrameworkRecord, { agent }: Budget): string | undefined {
  const id = task.taskId.value
  return (
    prefixed('the task id is not valid', idFault(id)) ??
    (isTaken(framework, id) ? `the task id '${id}' is in use` : undefined) ??
    (task.agentId.value === agent.id
      ? undefined
      : `the task is meant for agent '${task.agentId.value}', the offer is of agent '${agent.id}'`) ??
    negativeFault('kill_policy.grace_period', task.killPolicy?.gracePeriod?.nanoseconds) ??
    negativeFault('max_completion_time', task.maxCompletionTime?.nanoseconds) ??
    (task.check && prefixed('the check is not valid', checkFault(task.check))) ??
    (task.healthCheck && prefixed('the health check is not valid', healthCheckFault(task.healthCheck))) ??
    resourcesFault(task) ??
    (task.command && prefixed('the command is not valid', commandFault(task.command))) ??
    limitsFault(task)
  )
}

/** Live and unreachable tasks own their ids; one that ended does not (row 1-090). */
function isTaken(framework: FrameworkRecord, id: string): boolean {
  return framework.tasks.has(id) || framework.unreachableTasks.has(id)
}

function prefixed(prefix: string, fault: string | undefined): string | undefined {
  return fault && `${prefix}: ${fault}`
}

function negativeFault(field: string, nanoseconds: bigint | undefined): string | undefined {
  return nanoseconds !== undefined && nanoseconds < 0n ? `'${field}' must not be negative` : undefined
}

function resourcesFault({ resources = [], executor }: TaskInfo): string | undefined {
  const all = [...resources, ...(executor?.resources ?? [])]
  const mixed = mixedRevocableNames(all)
  return (
    (resources.length === 0 ? 'the task uses no resources' : undefined) ??
    resourceListFault(resources) ??
    duplicateVolumeFault(all) ??
    (mixed.length > 0 ? `of ${mixed.join(', ')} a part is revocable and a part is not` : undefined)
  )
}

/** Row 1-093. */
function limitsFault({ limits, resources }: TaskInfo): string | undefined {
  const requests = Resources.from(resources)
  for (const [name, { value }] of Object.entries(limits ?? {})) {
    if (name !== 'cpus' && name !== 'mem') return `only cpus and mem can have a limit, not '${name}'`
    if (!(value >= requests.quantity(name))) return `the limit of ${name} is below what the task asks for`
  }
  return undefined
}
