import {
  type ContainerInfo,
  ContainerInfoType,
  type EnvironmentVariable,
  EnvironmentVariableType,
  ImageType,
  type TaskInfo,
} from '#wire/mesos.js'
import { CliErrors } from '../errors.js'

/** What `meseta run` was asked for, checked. */
export interface RunRequest {
  name: string
  argv: readonly string[]
  /** The words of argv are one line for /bin/sh. */
  shell: boolean
  needs: Needs
  environment: readonly string[]
  user?: string | undefined
  imageDirectory?: string | undefined
  role: string
  detach: boolean
}

export interface Needs {
  cpus: number
  mem: number
  disk: number
}

/** All of the task but where it runs and with which resources. */
export function taskInfo(request: RunRequest, taskId: string): Omit<TaskInfo, 'agentId' | 'resources'> {
  const { argv, shell, user } = request
  if (argv.length === 0) throw CliErrors.COMMAND_MISSING({})
  const program = shell ? { shell: true, value: argv.join(' ') } : { shell: false, value: argv[0]!, arguments: [...argv] }
  const environment = { variables: request.environment.map(variable) }
  return {
    name: request.name,
    taskId: { value: taskId },
    command: { ...program, user, ...(environment.variables.length > 0 && { environment }) },
    ...(request.imageDirectory !== undefined && { container: imageOf(request.imageDirectory) }),
  }
}

/** A directory of the agent's disk as root file system; docs/design/local-rootfs.md. */
function imageOf(directory: string): ContainerInfo {
  if (!directory.startsWith('/')) throw CliErrors.DIRECTORY_NOT_ABSOLUTE({ path: directory })
  return { type: ContainerInfoType.MESOS, mesos: { image: { type: ImageType.DOCKER, docker: { name: directory } } } }
}

function variable(text: string): EnvironmentVariable {
  const at = text.indexOf('=')
  if (at < 1) throw CliErrors.VARIABLE_INVALID({ text })
  return { name: text.slice(0, at), type: EnvironmentVariableType.VALUE, value: text.slice(at + 1) }
}
