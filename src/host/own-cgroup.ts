import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CgroupWorld } from '#wire/native.js'
import type { CgroupFacts } from './cgroup-world.js'

/** Beside the root of the containers (row 6-055). */
const AGENT = 'agent'
/** A process that forks while it is moved leaves a child behind, which the next round moves. */
const ROUNDS = 100

/**
 * An agent that itself runs in a container sees a part of the v2 tree as the whole (a cgroup namespace). That part is its own, but it stands in the way:
 * a cgroup that hands controllers down may hold no processes, and only the true root is excepted. So all that is there moves one level down.
 */
export async function stepAside({ world, hierarchies }: CgroupFacts): Promise<void> {
  const root = hierarchies[0]?.mountPoint
  // The true root has no type.
  if (world !== CgroupWorld.CGROUP_V2 || root === undefined || !existsSync(join(root, 'cgroup.type'))) return
  for (let round = 0; round < ROUNDS; round++) {
    const pids = (await readFile(join(root, 'cgroup.procs'), 'utf8')).trim().split('\n')
    // Those of other pid namespaces read as 0.
    const movable = pids.filter((pid) => Number(pid) > 0)
    if (movable.length === 0) return
    await mkdir(join(root, AGENT), { recursive: true })
    // One that has ended meanwhile needs no move.
    for (const pid of movable) await writeFile(join(root, AGENT, 'cgroup.procs'), pid).catch(() => undefined)
  }
}
