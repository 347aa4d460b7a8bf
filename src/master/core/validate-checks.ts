import {
  type CheckInfo,
  CheckInfoType,
  type CommandInfo,
  EnvironmentVariableType,
  type HealthCheck,
  HealthCheckType,
} from '#wire/mesos.js'

/** Why a health check cannot be carried out (rows 5-042 ff.), or undefined. Without a type it is a COMMAND check, if it has a command. */
export function healthCheckFault(check: HealthCheck): string | undefined {
  const negative = negativeField({
    delay_seconds: check.delaySeconds,
    grace_period_seconds: check.gracePeriodSeconds,
    interval_seconds: check.intervalSeconds,
    timeout_seconds: check.timeoutSeconds,
  })
  return formFault(check) ?? negative
}

function formFault({ type, command, http, tcp }: HealthCheck): string | undefined {
  switch (type ?? (command || http ? undefinedType(command) : undefined)) {
    case HealthCheckType.COMMAND:
      if (!command) return "'command' must be set for a COMMAND health check"
      if (command.shell !== false && command.value === undefined) return 'a COMMAND health check needs a command to run'
      return commandFault(command)
    case HealthCheckType.HTTP:
      if (!http) return "'http' must be set for an HTTP health check"
      return pathFault(http.path)
    case HealthCheckType.TCP:
      return tcp ? undefined : "'tcp' must be set for a TCP health check"
    case HealthCheckType.UNKNOWN:
      return 'its type is not known'
    default:
      return 'it must have a type'
  }
}

function undefinedType(command: CommandInfo | undefined): HealthCheckType {
  return command ? HealthCheckType.COMMAND : HealthCheckType.HTTP
}

/** Why a check cannot be carried out, or undefined. */
export function checkFault({
  type,
  command,
  http,
  tcp,
  delaySeconds,
  intervalSeconds,
  timeoutSeconds,
}: CheckInfo): string | undefined {
  const negative = negativeField({
    delay_seconds: delaySeconds,
    interval_seconds: intervalSeconds,
    timeout_seconds: timeoutSeconds,
  })
  switch (type) {
    case CheckInfoType.COMMAND:
      if (!command) return "'command' must be set for a COMMAND check"
      return commandFault(command.command) ?? negative
    case CheckInfoType.HTTP:
      if (!http) return "'http' must be set for an HTTP check"
      return pathFault(http.path) ?? negative
    case CheckInfoType.TCP:
      return tcp ? negative : "'tcp' must be set for a TCP check"
    case CheckInfoType.UNKNOWN:
      return 'its type is not known'
    default:
      return 'it must have a type'
  }
}

function pathFault(path: string | undefined): string | undefined {
  return path === undefined || path.startsWith('/') ? undefined : `its path '${path}' must begin with '/'`
}

function negativeField(fields: Readonly<Record<string, number | undefined>>): string | undefined {
  const found = Object.entries(fields).find(([, value]) => value !== undefined && !(value >= 0))
  return found && `'${found[0]}' must not be negative`
}

/** Why a command cannot be run (row 1-091), or undefined: each variable must have what its type says. */
export function commandFault({ environment }: CommandInfo): string | undefined {
  for (const { name, type = EnvironmentVariableType.VALUE, value, secret } of environment?.variables ?? []) {
    const variable = `environment variable '${name}'`
    if (type === EnvironmentVariableType.SECRET) {
      if (!secret) return `${variable} of type SECRET must have a secret`
      if (value !== undefined) return `${variable} of type SECRET must not have a value`
    } else if (type === EnvironmentVariableType.VALUE) {
      if (value === undefined) return `${variable} of type VALUE must have a value`
      if (secret) return `${variable} of type VALUE must not have a secret`
    } else return `the type of ${variable} is not known`
  }
  return undefined
}
