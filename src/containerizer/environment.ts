import { type EnvironmentVariable, EnvironmentVariableType, SecretType } from '#wire/mesos.js'
import type { ContainerConfig } from './containerizer.js'
import { ContainerizerErrors } from './errors.js'

/** All that a task has when nobody says more; nothing of the agent's own is inherited (row 2-027). */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Weakest first: PATH, what the agent gives, the sandbox, what isolators add, what the command says (rows 2-024 to 2-029). */
export function taskEnvironment(
  config: ContainerConfig,
  sandboxInside: string,
  fromIsolators: Readonly<Record<string, string>> = {},
): string[] {
  const variables = new Map<string, string>([['PATH', DEFAULT_PATH]])
  const set = (name: string, value: string) => variables.set(checkedName(name), checkedValue(name, value))
  for (const [name, value] of Object.entries(config.environment ?? {})) set(name, value)
  set('MESOS_SANDBOX', sandboxInside)
  for (const [name, value] of Object.entries(fromIsolators)) set(name, value)
  for (const variable of config.command.environment?.variables ?? []) set(variable.name, plainValue(variable))
  return Array.from(variables, ([name, value]) => `${name}=${value}`)
}

/** A secret by value is used as it stands; one by reference needs a resolver, and the agent has none (odd-requests). */
function plainValue(variable: EnvironmentVariable): string {
  if (variable.type !== EnvironmentVariableType.SECRET) return variable.value ?? ''
  const { secret } = variable
  if (secret?.type !== SecretType.VALUE || !secret.value) throw ContainerizerErrors.SECRET_UNRESOLVED({ name: variable.name })
  return Buffer.from(secret.value.data).toString('utf8')
}

function checkedName(name: string): string {
  if (name === '' || name.includes('=') || name.includes('\0')) throw ContainerizerErrors.ENVIRONMENT_NAME_INVALID({ name })
  return name
}

function checkedValue(name: string, value: string): string {
  if (value.includes('\0')) throw ContainerizerErrors.NUL_IN_COMMAND({ where: `environment variable ${name}` })
  return value
}
