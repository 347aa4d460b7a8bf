import { MESOS_VERSION } from '#base/version.js'
import type { Host } from '#host/host.js'
import { parseAttributes } from '#model/attributes.js'
import type { AgentInfo } from '#wire/mesos.js'
import { addressOf, hostnameOf } from './address.js'
import type { AgentConfig } from './core/config.js'
import { AgentErrors } from './errors.js'
import type { AgentFlags } from './flags.js'
import { agentResources } from './host-resources.js'

/** Who this agent is, but for its id. */
export async function describe(flags: AgentFlags, host: Host, port: number): Promise<AgentInfo> {
  const attributes = parseAttributes(flags.attributes)
  return {
    hostname: flags.hostname ?? (await hostnameOf(flags)),
    port: flags.advertisePort ?? port,
    resources: await agentResources(flags, host.facts),
    attributes: attributes.length ? attributes : undefined,
  }
}

export function agentConfig(flags: AgentFlags, port: number): AgentConfig {
  return {
    workDirectory: flags.workDir,
    ip: addressOf(flags),
    port: flags.advertisePort ?? port,
    version: MESOS_VERSION,
    launcherDirectory: flags.launcherDir,
    executorEnvironment: executorVariables(flags.executorEnvironmentVariables),
    httpCommandExecutor: flags.httpCommandExecutor,
    executorRegistrationTimeout: flags.executorRegistrationTimeout,
    executorReregistrationTimeout: flags.executorReregistrationTimeout,
    executorShutdownGracePeriod: flags.executorShutdownGracePeriod,
    recoveryTimeout: flags.recoveryTimeout,
    registrationBackoffFactor: flags.registrationBackoffFactor,
    maxCompletedExecutorsPerFramework: flags.maxCompletedExecutorsPerFramework,
  }
}

function executorVariables(value: unknown): Record<string, string> | undefined {
  if (value === undefined) return undefined
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined
  if (!entries?.every(([, text]) => typeof text === 'string')) throw AgentErrors.EXECUTOR_VARIABLES_INVALID({})
  return Object.fromEntries(entries)
}
