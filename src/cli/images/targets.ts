import { CodedError } from '#base/errors.js'
import { AgentImages } from '#sdk/agent.js'
import { agentAddress, readAgents } from '../cluster.js'
import type { ConnectedOptions } from '../commands/shared-options.js'
import { type CliContext, masterUrl, withMaster } from '../context.js'
import { CliErrors } from '../errors.js'
import { select } from '../select.js'

export interface TargetOptions extends ConnectedOptions {
  agent?: string
  agentId?: string
}

/** An agent that is asked about images. */
export interface Target {
  /** `host:port` */
  readonly address: string
  readonly images: AgentImages
}

/** The agents that a command means: one by its address, one by its id, or every active one. */
export async function withTargets<T>(
  options: TargetOptions,
  context: CliContext,
  use: (targets: readonly Target[]) => Promise<T>,
): Promise<T> {
  const addresses = options.agent === undefined ? await addressesOf(options, context) : [addressOf(options.agent)]
  const targets = addresses.map((address) => ({ address, images: new AgentImages(`http://${address}`) }))
  try {
    return await use(targets)
  } finally {
    await Promise.all(targets.map(({ images }) => images.close()))
  }
}

function addressOf(given: string): string {
  const url = given.includes('://') ? given : `http://${given}`
  if (!URL.canParse(url) || !new URL(url).port) throw CliErrors.AGENT_ADDRESS_INVALID({ address: given })
  return new URL(url).host
}

async function addressesOf({ master, agentId }: TargetOptions, { env }: CliContext): Promise<string[]> {
  const { agents = [] } = await withMaster(masterUrl(master, env), readAgents)
  if (agentId !== undefined) {
    return [agentAddress(select('agent', agents, ({ agentInfo }) => agentInfo.id?.value ?? '', agentId, 'meseta agents'))]
  }
  const active = agents.filter((agent) => agent.active)
  if (active.length === 0) throw CliErrors.AGENTS_NONE({})
  return active.map(agentAddress)
}

/** What came of asking one agent, as an error for a person. */
export function agentError(agent: string, error: unknown): Error {
  if (!(error instanceof CodedError)) return error as Error
  const { status, why, body } = error.details as { status?: number; why?: string; body?: string }
  if (error.code === 'HTTP_UNREACHABLE') return CliErrors.AGENT_UNREACHABLE({ agent, why: why ?? error.message }, error)
  if (error.code === 'HTTP_REFUSED' && status === 404 && body === '404 Not Found.') {
    return CliErrors.AGENT_WITHOUT_IMAGES({ agent }, error)
  }
  return CliErrors.AGENT_SAYS({ agent, why: error.code === 'HTTP_REFUSED' && body ? body : error.message }, error)
}

/** Asks all of them at once; the first failure is the error. */
export function askAll<T>(
  targets: readonly Target[],
  ask: (images: AgentImages) => Promise<T>,
): Promise<(readonly [string, T])[]> {
  return Promise.all(
    targets.map(async ({ address, images }) => {
      try {
        return [address, await ask(images)] as const
      } catch (error) {
        throw agentError(address, error)
      }
    }),
  )
}
