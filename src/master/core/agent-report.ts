import { idFault } from '#model/ids.js'
import { resourceListFault } from '#model/resource-validation.js'
import type { AgentCall } from '#wire/internal.js'
import type { ExecutorInfo, FrameworkInfo, Task } from '#wire/mesos.js'
import { frameworkFormFault } from './framework-info.js'

type Subscribe = NonNullable<AgentCall['subscribe']>

/** An agent may have many reservations and volumes; more than a task ever names. */
const mostKindsOfAnAgent = 10_000

/**
 * Why what an agent brings along cannot be true, or undefined: every task, executor and framework of it was admitted by a master once, under
 * these same rules. All of it is looked at before any of it is taken over, so that a refused report leaves no trace (rows 4-028, B67).
 */
export function reportFault({ totalResources, frameworks = [], executors = [], tasks = [] }: Subscribe): string | undefined {
  return (
    resourceListFault(totalResources, mostKindsOfAnAgent) ??
    firstFault(frameworks, frameworkFault) ??
    firstFault(executors, executorFault) ??
    firstFault(tasks, taskFault)
  )
}

function firstFault<T>(all: readonly T[], faultOf: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const fault = faultOf(one)
    if (fault !== undefined) return fault
  }
  return undefined
}

function frameworkFault(info: FrameworkInfo): string | undefined {
  return info.id ? frameworkFormFault({ ...info, id: info.id }) : 'a framework has no id'
}

function executorFault({ executorId, frameworkId, resources }: ExecutorInfo): string | undefined {
  return prefixed('an executor', idFault(executorId.value) ?? idFault(frameworkId?.value ?? '') ?? resourceListFault(resources))
}

function taskFault({ taskId, frameworkId, resources }: Task): string | undefined {
  return prefixed('a task', idFault(taskId.value) ?? idFault(frameworkId.value) ?? resourceListFault(resources))
}

const prefixed = (what: string, fault: string | undefined): string | undefined => fault && `${what} is not valid: ${fault}`
