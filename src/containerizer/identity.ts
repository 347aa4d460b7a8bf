import type { Host, HostUser } from '#host/host.js'
import { ContainerizerErrors } from './errors.js'

/**
 * The user a task runs as (row 5-026). `undefined` is the agent's own: without `--switch_user`, or where the agent cannot switch but need not.
 * Names are resolved here, once, on the agent; the launcher sees numbers only.
 */
export async function taskUser(host: Host, wanted: string | undefined, switchUser: boolean): Promise<HostUser | undefined> {
  if (!switchUser || wanted === undefined) return undefined
  const { root, user: agent } = host.facts
  if (!root && wanted === agent) return undefined
  const user = await host.lookupUser(wanted)
  if (!user) throw ContainerizerErrors.USER_MISSING({ user: wanted })
  if (!root) throw ContainerizerErrors.USER_NEEDS_ROOT({ user: wanted, agent })
  return user
}
