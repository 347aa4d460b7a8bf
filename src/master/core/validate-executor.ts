import { idFault } from '#model/ids.js'
import { resourceListFault } from '#model/resource-validation.js'
import type { Resources } from '#model/resources.js'
import { ContainerInfoType, ExecutorInfo, ExecutorInfoType } from '#wire/mesos.js'
import { encode } from '#wire/protobuf.js'
import type { AgentRecord, FrameworkRecord } from './cluster.js'
import { executorOf } from './executors.js'
import { commandFault } from './validate-checks.js'

/** Why an executor cannot be started or used (rows 1-091, 1-094), or undefined. */
export function executorFault(info: ExecutorInfo, framework: FrameworkRecord, agent: AgentRecord): string | undefined {
  const id = idFault(info.executorId.value)
  if (id) return `the executor id is not valid: ${id}`
  if (info.frameworkId && info.frameworkId.value !== framework.id)
    return `the executor names the framework '${info.frameworkId.value}' instead of '${framework.id}'`
  return (
    typeFault(info) ??
    (info.shutdownGracePeriod && info.shutdownGracePeriod.nanoseconds < 0n
      ? "'shutdown_grace_period' of the executor must not be negative"
      : undefined) ??
    (info.command && prefixed('the command of the executor is not valid', commandFault(info.command))) ??
    resourceListFault(info.resources) ??
    sharedFault(info) ??
    differenceFault(info, framework, agent)
  )
}

function prefixed(prefix: string, fault: string | undefined): string | undefined {
  return fault && `${prefix}: ${fault}`
}

function typeFault({ type, command, container }: ExecutorInfo): string | undefined {
  if (type === ExecutorInfoType.DEFAULT) {
    if (command) return 'an executor of type DEFAULT must not have a command'
    if (container && container.type !== ContainerInfoType.MESOS)
      return 'an executor of type DEFAULT may only have a container of type MESOS'
    if (container?.mesos?.image) return 'an executor of type DEFAULT must not have an image'
    return undefined
  }
  if (type === ExecutorInfoType.CUSTOM && !command) return 'an executor of type CUSTOM must have a command'
  return undefined
}

function sharedFault({ resources }: ExecutorInfo): string | undefined {
  return resources?.some(({ shared }) => shared) ? 'an executor may not use shared resources' : undefined
}

/** One executor id on one agent is one executor: who names it again must mean the same. */
function differenceFault(info: ExecutorInfo, framework: FrameworkRecord, agent: AgentRecord): string | undefined {
  const running = executorOf(agent, framework, info.executorId.value)
  if (
    !running ||
    encode(ExecutorInfo, comparable(running.info, framework)).equals(encode(ExecutorInfo, comparable(info, framework)))
  )
    return undefined
  return `executor '${info.executorId.value}' already runs on the agent and is another one`
}

function comparable(info: ExecutorInfo, framework: FrameworkRecord): ExecutorInfo {
  return { ...info, frameworkId: { value: framework.id }, resources: undefined, type: info.type ?? ExecutorInfoType.CUSTOM }
}

/** What the executor of a group must at least have (row 1-094). */
export function groupExecutorMinimumFault(id: string, resources: Resources): string | undefined {
  const minimum = { cpus: 0.01, mem: 32 }
  for (const [name, least] of Object.entries(minimum))
    if (resources.quantity(name) < least) return `executor '${id}' has less ${name} than the ${least} that it needs`
  return resources.quantity('disk') > 0 ? undefined : `executor '${id}' has no disk`
}
