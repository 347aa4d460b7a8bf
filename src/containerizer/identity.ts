import type { Host, HostUser } from '#host/host.js'
import type { ContainerConfig } from './containerizer.js'
import { ContainerizerErrors } from './errors.js'
import type { ContainerizerFlags } from './flags.js'
import { imageUser } from './images/image-user.js'
import type { ContainerRoot } from './isolator.js'

/** As whom a task runs. */
export interface TaskUser extends HostUser {
  /** The image names it, and only its own files know it. */
  readonly ofImage?: boolean
}

/**
 * The user a task runs as (row 5-026). `undefined` is the agent's own: without `--switch_user`, or where the agent cannot switch but need not.
 * Names are resolved here, once; the launcher sees numbers only. The USER of an image (row 9-067) counts where nobody named one for this command and the
 * framework's is root: it may take power away and never give any, since ids of an image are ids of this host.
 */
export async function userOf(
  { user: wanted, userIsDefault }: Pick<ContainerConfig, 'user' | 'userIsDefault'>,
  root: ContainerRoot | undefined,
  host: Host,
  { switchUser }: Pick<ContainerizerFlags, 'switchUser'>,
): Promise<TaskUser | undefined> {
  if (!switchUser) return undefined
  const user = await userOnHost(host, wanted)
  const yields = userIsDefault && host.facts.root && (user?.identity.uid ?? 0) === 0
  if (!yields || !root?.config.user) return user
  return {
    ...(await imageUser(root.config.user, [root.directory, ...root.lower], (directory) => host.isOpaque(directory))),
    ofImage: true,
  }
}

async function userOnHost(host: Host, wanted: string | undefined): Promise<HostUser | undefined> {
  if (wanted === undefined) return undefined
  const { root, user: agent } = host.facts
  if (!root && wanted === agent) return undefined
  const user = await host.lookupUser(wanted)
  if (!user) throw ContainerizerErrors.USER_MISSING({ user: wanted })
  if (!root) throw ContainerizerErrors.USER_NEEDS_ROOT({ user: wanted, agent })
  return user
}
