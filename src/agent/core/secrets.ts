import type { CommandInfo, ContainerInfo, Image, Secret, Volume } from '#wire/mesos.js'

interface Launchable {
  command?: CommandInfo | undefined
  container?: ContainerInfo | undefined
}

/**
 * The same without the values of its secrets, for what is written to a disk (row 6-043): nobody needs them any more when the container runs, and one that
 * does not run yet is not launched by a later agent. What holds none is given back as it is.
 */
export function withoutSecrets<T extends Launchable>(info: T): T {
  const command = info.command && withoutSecretsOfCommand(info.command)
  const container = info.container && withoutSecretsOfContainer(info.container)
  return command === info.command && container === info.container ? info : { ...info, command, container }
}

function withoutSecretsOfCommand(command: CommandInfo): CommandInfo {
  const { environment } = command
  if (!environment?.variables?.some(({ secret }) => holdsValue(secret))) return command
  const variables = environment.variables.map((variable) => ({ ...variable, secret: withoutValue(variable.secret) }))
  return { ...command, environment: { ...environment, variables } }
}

function withoutSecretsOfContainer(container: ContainerInfo): ContainerInfo {
  const volumes = eachOr(container.volumes, withoutSecretsOfVolume)
  const image = container.mesos?.image && withoutSecretsOfImage(container.mesos.image)
  if (volumes === container.volumes && image === container.mesos?.image) return container
  return { ...container, volumes, mesos: container.mesos && { ...container.mesos, image } }
}

function withoutSecretsOfVolume(volume: Volume): Volume {
  const { source } = volume
  const image = volume.image && withoutSecretsOfImage(volume.image)
  if (!holdsValue(source?.secret) && image === volume.image) return volume
  return { ...volume, image, source: source?.secret ? { ...source, secret: withoutValue(source.secret) } : source }
}

/** Credentials for its registry. */
function withoutSecretsOfImage(image: Image): Image {
  const { docker } = image
  return docker && holdsValue(docker.config) ? { ...image, docker: { ...docker, config: withoutValue(docker.config) } } : image
}

/** The same list if nothing in it changes. */
function eachOr<T>(items: T[] | undefined, change: (item: T) => T): T[] | undefined {
  const changed = items?.map(change)
  return changed?.some((item, index) => item !== items?.[index]) ? changed : items
}

const holdsValue = (secret: Secret | undefined): boolean => secret?.value !== undefined

const withoutValue = (secret: Secret | undefined): Secret | undefined => secret && { ...secret, value: undefined }
