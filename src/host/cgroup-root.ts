import { rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { KernelFacts } from './facts.js'

/** Removes the cgroup of all containers from every hierarchy, where no container is left in it. For owners of a root that nobody else uses. */
export async function removeEmptyCgroupRoot(facts: KernelFacts, root: string): Promise<void> {
  // One that is not there, or not empty, stays as it is.
  await Promise.all(facts.cgroups.hierarchies.map(({ mountPoint }) => rmdir(join(mountPoint, root)).catch(() => {})))
}
