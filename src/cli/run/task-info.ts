import { fromJson } from '#wire/json.js'
import {
  type CommandInfo,
  CommandInfoURI,
  ContainerInfo,
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
  /** What the fetcher brings into the sandbox. */
  uris: readonly CommandInfoURI[]
  user?: string | undefined
  /** Root file system: an image, or a directory of the agent's disk. */
  image?: WantedImage | { directory: string } | undefined
  /** What else the container is to be. */
  container?: ContainerInfo | undefined
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
  const { image, user, container } = request
  const environment = { variables: request.environment.map(variable) }
  return {
    name: request.name,
    taskId: { value: taskId },
    command: {
      ...programOf(request),
      user,
      ...(request.uris.length > 0 && { uris: [...request.uris] }),
      ...(environment.variables.length > 0 && { environment }),
    },
    ...((image || container) && { container: withImage(container, image) }),
  }
}

/** As it is written by hand: the type goes without saying. */
export function containerFrom(text: string): ContainerInfo {
  try {
    return fromJson(ContainerInfo, JSON.stringify({ type: 'MESOS', ...(JSON.parse(text) as object) }))
  } catch (error) {
    throw CliErrors.CONTAINER_INVALID({ why: (error as Error).message }, error)
  }
}

/** By itself, or with what the fetcher is to do with it. */
export function uriFrom(text: string): CommandInfoURI {
  try {
    if (text.trim() === '') throw new Error('it is empty')
    return text.startsWith('{') ? fromJson(CommandInfoURI, text) : { value: text }
  } catch (error) {
    throw CliErrors.URI_INVALID({ why: (error as Error).message }, error)
  }
}

function withImage(container: ContainerInfo | undefined, image: RunRequest['image']): ContainerInfo {
  const own = image && { mesos: { ...container?.mesos, image: imageOf(image) } }
  return { type: ContainerInfoType.MESOS, ...container, ...own }
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
