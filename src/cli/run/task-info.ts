import {
  type CommandInfo,
  ContainerInfoType,
  type EnvironmentVariable,
  EnvironmentVariableType,
  type Image,
  ImageType,
  SecretType,
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
  /** Root file system: an image, or a directory of the agent's disk. */
  image?: WantedImage | { directory: string } | undefined
  role: string
  detach: boolean
}

export interface WantedImage {
  name: string
  /** Look for something newer although the agent has it. */
  fresh: boolean
  dockerConfig?: Uint8Array | undefined
}

export interface Needs {
  cpus: number
  mem: number
  disk: number
}

/** All of the task but where it runs and with which resources. */
export function taskInfo(request: RunRequest, taskId: string): Omit<TaskInfo, 'agentId' | 'resources'> {
  const { image, user } = request
  const environment = { variables: request.environment.map(variable) }
  return {
    name: request.name,
    taskId: { value: taskId },
    command: { ...programOf(request), user, ...(environment.variables.length > 0 && { environment }) },
    ...(image && { container: { type: ContainerInfoType.MESOS, mesos: { image: imageOf(image) } } }),
  }
}

/** Without a command an image runs its own. */
function programOf({ argv, shell, image }: RunRequest): Pick<CommandInfo, 'shell' | 'value' | 'arguments'> {
  if (argv.length > 0) {
    return shell ? { shell: true, value: argv.join(' ') } : { shell: false, value: argv[0]!, arguments: [...argv] }
  }
  if (!image || 'directory' in image) throw CliErrors.COMMAND_MISSING({})
  return { shell: false }
}

/** A directory stands where a name would: docs/design/local-rootfs.md. */
function imageOf(image: NonNullable<RunRequest['image']>): Image {
  if ('directory' in image) {
    if (!image.directory.startsWith('/')) throw CliErrors.DIRECTORY_NOT_ABSOLUTE({ path: image.directory })
    return { type: ImageType.DOCKER, docker: { name: image.directory } }
  }
  const { name, fresh, dockerConfig } = image
  const config = dockerConfig && { type: SecretType.VALUE, value: { data: dockerConfig } }
  return { type: ImageType.DOCKER, docker: { name, ...(config && { config }) }, ...(fresh && { cached: false }) }
}

function variable(text: string): EnvironmentVariable {
  const at = text.indexOf('=')
  if (at < 1) throw CliErrors.VARIABLE_INVALID({ text })
  return { name: text.slice(0, at), type: EnvironmentVariableType.VALUE, value: text.slice(at + 1) }
}
