import { type CgroupHierarchy, CgroupWorld } from '#wire/native.js'
import { type MountLine, parseMountTable } from './mount-table.js'

export interface CgroupFacts {
  readonly world: CgroupWorld
  readonly hierarchies: readonly CgroupHierarchy[]
}

/** Options of a v1 mount that are no controllers. */
const notControllers = new Set(['rw', 'ro', 'xattr', 'noprefix', 'clone_children', 'favordynmods', 'cpuset_v2_mode'])

/** Part of every v2 cgroup, or of what the kernel can attach to one, under the names that plans use; v1 has a controller for each. */
const partOfEveryV2 = ['freezer', 'cpuacct', 'devices', 'perf_event']

/**
 * Which of the three cgroup worlds this host lives in, from /proc/self/mountinfo. `v2Controllers` reads cgroup.controllers of a mount point.
 * Hybrid hosts (v1 controllers beside a v2 tree) are used through v1 where v1 has a controller, and through the v2 tree for all others: the kernel
 * gives each controller to one of the two (rows 6-054, 9-061).
 */
export function cgroupFacts(mountinfo: string, v2Controllers: (mountPoint: string) => string[]): CgroupFacts {
  const mounts = parseMountTable(mountinfo)
  const v1 = withoutDoubles(
    mounts
      .filter((mount) => mount.type === 'cgroup' && controllersOf(mount).length > 0)
      .map((mount) => ({ mountPoint: mount.point, controllers: controllersOf(mount), unified: false })),
  )
  const mount = mounts.find(({ type }) => type === 'cgroup2')
  const v2 = mount ? [unifiedTree(mount.point, v2Controllers(mount.point), v1)] : []
  return { world: worldOf(v1.length > 0, v2.length > 0), hierarchies: [...v1, ...v2] }
}

function worldOf(v1: boolean, v2: boolean): CgroupWorld {
  if (v1) return v2 ? CgroupWorld.CGROUP_HYBRID : CgroupWorld.CGROUP_V1
  return v2 ? CgroupWorld.CGROUP_V2 : CgroupWorld.CGROUP_NONE
}

function unifiedTree(mountPoint: string, own: string[], v1: readonly CgroupHierarchy[]): CgroupHierarchy {
  const taken = new Set(v1.flatMap((hierarchy) => hierarchy.controllers ?? []))
  // Usage of cpus stands in the files of the cpu controller.
  if (taken.has('cpu')) taken.add('cpuacct')
  const names = [...own.map((name) => (name === 'io' ? 'blkio' : name)), ...partOfEveryV2]
  return { mountPoint, controllers: names.filter((name) => !taken.has(name)), unified: true }
}

function controllersOf(mount: MountLine): string[] {
  return mount.options.filter((option) => !notControllers.has(option) && !option.includes('='))
}

/** A hierarchy that is mounted twice is used where it was mounted first. */
function withoutDoubles(hierarchies: CgroupHierarchy[]): CgroupHierarchy[] {
  const seen = new Set<string>()
  return hierarchies.filter((hierarchy) => {
    const key = (hierarchy.controllers ?? []).join()
    return !seen.has(key) && seen.add(key)
  })
}
