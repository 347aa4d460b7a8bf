import { toJson } from '#wire/json.js'
import { type CommandInfo, type CommandInfoURI, Environment, type ExecutorInfo, ExecutorInfoType } from '#wire/mesos.js'
import { Resources } from '../resources.js'
import { labelsModel } from './labels.js'
import { resourcesModel, roleModel } from './resources.js'
import { array, boolean, type JsonText, object, string } from './text.js'

/** An executor as the master shows it (row 3-100). */
export function executorModel(executor: ExecutorInfo, agentId: string): JsonText {
  return object({
    executor_id: string(executor.executorId.value),
    name: string(executor.name ?? ''),
    framework_id: string(executor.frameworkId?.value ?? ''),
    command: commandModel(executor.command ?? {}),
    resources: resourcesModel(Resources.from(executor.resources)),
    role: roleModel(executor.resources),
    labels: labelsModel(executor.labels),
    type: executorTypeModel(executor),
    slave_id: string(agentId),
  })
}

/** What an agent shows of an executor beside its tasks and where it runs. */
export function executorTypeModel({ type }: ExecutorInfo): JsonText | undefined {
  const name = Object.entries(ExecutorInfoType).find(([, value]) => value === type)?.[0]
  return name === undefined || type === ExecutorInfoType.UNKNOWN ? undefined : string(name)
}

export function commandModel(command: CommandInfo): JsonText {
  return object({
    shell: command.shell === undefined ? undefined : boolean(command.shell),
    value: command.value === undefined ? undefined : string(command.value),
    argv: array((command.arguments ?? []).map(string)),
    environment: command.environment && (toJson(Environment, command.environment) as JsonText),
    uris: array((command.uris ?? []).map(uriModel)),
  })
}

function uriModel({ value, executable = false }: CommandInfoURI): JsonText {
  return object({ value: string(value), executable: boolean(executable) })
}
