import type { CommandInfo, ContainerInfo, Secret } from '#wire/mesos.js'

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
  if (!container.volumes?.some(({ source }) => holdsValue(source?.secret))) return container
  const volumes = container.volumes.map((volume) =>
    volume.source?.secret ? { ...volume, source: { ...volume.source, secret: withoutValue(volume.source.secret) } } : volume,
  )
  return { ...container, volumes }
}

const holdsValue = (secret: Secret | undefined): boolean => secret?.value !== undefined

const withoutValue = (secret: Secret | undefined): Secret | undefined => secret && { ...secret, value: undefined }
