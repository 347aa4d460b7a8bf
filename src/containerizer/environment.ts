import { type EnvironmentVariable, EnvironmentVariableType, SecretType } from '#wire/mesos.js'
import type { ContainerConfig } from './containerizer.js'
import { ContainerizerErrors } from './errors.js'
import type { TaskUser } from './identity.js'
import type { ImageRuntimeConfig } from './images/runtime-config.js'

/** All that a task has when nobody says more; nothing of the agent's own is inherited (row 2-027). */
const AGENTS_OWN = /^(MESOS|LIBPROCESS)_/
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Where a task's variables come from besides its own configuration. */
export interface EnvironmentSources {
  readonly sandboxInside: string
  readonly image?: Iterable<readonly [name: string, value: string]> | undefined
  readonly isolators?: Readonly<Record<string, string>> | undefined
}

/**
 * Weakest first: PATH, what the agent gives, the image, the sandbox, what isolators add, what the command says (rows 2-024 to 2-029, 6-086). An image
 * never speaks in the agent's name, such as one that was made out of a task.
 */
export function taskEnvironment(
  config: ContainerConfig,
  { sandboxInside, image = [], isolators = {} }: EnvironmentSources,
): string[] {
  const variables = new Map<string, string>([['PATH', DEFAULT_PATH]])
  const set = (name: string, value: string) => variables.set(checkedName(name), checkedValue(name, value))
  for (const [name, value] of Object.entries(config.environment ?? {})) set(name, value)
  for (const [name, value] of image) if (!(AGENTS_OWN.test(name) && variables.has(name))) set(name, value)
  set('MESOS_SANDBOX', sandboxInside)
  for (const [name, value] of Object.entries(isolators)) set(name, value)
  for (const variable of config.command.environment?.variables ?? []) set(variable.name, plainValue(variable))
  return Array.from(variables, ([name, value]) => `${name}=${value}`)
}

/** `NAME=value` of an image; and the home of its user, whom the image alone knows. */
export function imageVariables({ environment = [] }: ImageRuntimeConfig, user: TaskUser | undefined): [string, string][] {
  const variables = environment.map((entry): [string, string] => {
    const at = entry.indexOf('=')
    return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
  })
  const named = variables.filter(([name]) => name !== '')
  return user?.ofImage && !named.some(([name]) => name === 'HOME') ? [['HOME', user.home], ...named] : named
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
