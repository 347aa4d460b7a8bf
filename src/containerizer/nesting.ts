import type { NamespaceKind } from '#host/host.js'
import type { ContainerID } from '#wire/mesos.js'
import type { ContainerConfig } from './containerizer.js'
import { ContainerizerErrors } from './errors.js'
import type { PreparedContainer } from './isolator.js'
import type { PlanFragment } from './launch-plan.js'

/** Row 6-013. */
export const MAX_DEPTH = 32

/** The id of a nested container is its parent's, a dot, and a name of its own; so ids of any depth are names of directories. */
export function checkNestedId({ id, parent }: ContainerConfig): void {
  if (parent === undefined) return
  const name = id.startsWith(`${parent}.`) ? id.slice(parent.length + 1) : ''
  if (name === '' || name.includes('.')) throw ContainerizerErrors.NESTED_ID_INVALID({ id, parent })
  if (id.split('.').length > MAX_DEPTH) throw ContainerizerErrors.NESTED_TOO_DEEP({ id, depth: MAX_DEPTH })
}

/** How many are around it. */
export function depthOf({ id, parent }: ContainerConfig): number {
  return parent === undefined ? 0 : id.split('.').length
}

/** As messages of the API have it. */
export function containerId({ id, parent }: Pick<ContainerConfig, 'id' | 'parent'>): ContainerID {
  if (parent === undefined) return { value: id }
  const above = parent.lastIndexOf('.')
  return {
    value: id.slice(parent.length + 1),
    parent: containerId({ id: parent, parent: above > 0 ? parent.slice(0, above) : undefined }),
  }
}

/** Below the cgroup of its parent, so that what limits that one limits both (row 6-064). */
export function cgroupPath(root: string, { config, parent }: PreparedContainer): string {
  if (!parent) return `${root}/${config.id}`
  return `${cgroupPath(root, parent.container)}/mesos/${config.id.slice(parent.container.config.id.length + 1)}`
}

/** Limits of its own only where it asks for them; those of its parent hold in any case. */
export function sharesCgroups({ config, parent }: PreparedContainer): boolean {
  return parent !== undefined && (config.debug === true || (config.container?.linuxInfo?.shareCgroups ?? true))
}

/**
 * A container to look into another one (row 6-068): what it does not say itself, its environment among it, is as in the parent, and it is bound by
 * the same filter of system calls and the same capabilities (S30). Volumes and root are there already.
 */
export function debugConfig(config: ContainerConfig, parent: ContainerConfig): ContainerConfig {
  if (config.container?.mesos?.image) throw ContainerizerErrors.DEBUG_IMAGE({ id: config.id })
  const variables = [parent, config].flatMap(({ command }) => command.environment?.variables ?? [])
  const container = parent.container ?? config.container
  return {
    ...config,
    user: config.user ?? parent.user,
    environment: { ...parent.environment, ...config.environment },
    command: { ...config.command, environment: { variables } },
    container: container && { ...container, volumes: [], ttyInfo: config.container?.ttyInfo },
  }
}

const ALL_NAMESPACES: readonly NamespaceKind[] = ['net', 'ipc', 'uts', 'cgroup', 'time', 'pid', 'mnt']

/** What a nested container shares with its parent whatever it says: the network and, unless it has a name of its own, the name of the host (row 6-067). */
export async function sharedNamespaces({ config, parent, ids }: PreparedContainer): Promise<PlanFragment> {
  if (!parent) return {}
  if (config.debug) {
    const kinds: readonly NamespaceKind[] = ids ? [...ALL_NAMESPACES, 'user'] : ALL_NAMESPACES
    const mappings = ids && { uidMappings: [...ids.uid], gidMappings: [...ids.gid] }
    return { namespaces: { joined: await parent.process.namespaces(kinds), ...mappings } }
  }
  return { namespaces: { joined: await parent.process.namespaces(config.container?.hostname ? ['net'] : ['net', 'uts']) } }
}

/** Namespaces, mounts and devices are the parent's; of what remains, these say what its processes may do and use. */
export function concernsDebug(isolator: string): boolean {
  return /^(cgroups|linux|posix)\//.test(isolator)
}
