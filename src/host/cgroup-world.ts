import { type CgroupHierarchy, CgroupWorld } from '#wire/native.js'

export interface CgroupFacts {
  readonly world: CgroupWorld
  readonly hierarchies: readonly CgroupHierarchy[]
}

/** Options of a v1 mount that are no controllers. */
const notControllers = new Set(['rw', 'ro', 'xattr', 'noprefix', 'clone_children', 'favordynmods', 'cpuset_v2_mode'])

/**
 * Which of the three cgroup worlds this host lives in, from /proc/self/mountinfo. `v2Controllers` reads cgroup.controllers of a mount point.
 * Hybrid hosts (v1 controllers beside a v2 tree, whatever that carries) are used through v1, as in Mesos (row 6-054).
 */
export function cgroupFacts(mountinfo: string, v2Controllers: (mountPoint: string) => string[]): CgroupFacts {
  const mounts = mountinfo.split('\n').flatMap(parseMount)
  const v1 = mounts.filter((mount) => mount.type === 'cgroup' && controllersOf(mount).length > 0)
  const v2 = mounts.find((mount) => mount.type === 'cgroup2')
  if (v1.length > 0) {
    const hierarchies = v1.map((mount) => ({ mountPoint: mount.point, controllers: controllersOf(mount) }))
    return { world: v2 ? CgroupWorld.CGROUP_HYBRID : CgroupWorld.CGROUP_V1, hierarchies: withoutDoubles(hierarchies) }
  }
  if (!v2) return { world: CgroupWorld.CGROUP_NONE, hierarchies: [] }
  const own = v2Controllers(v2.point).map((name) => (name === 'io' ? 'blkio' : name))
  // Part of every v2 cgroup, under the names that plans use.
  return {
    world: CgroupWorld.CGROUP_V2,
    hierarchies: [{ mountPoint: v2.point, controllers: [...own, 'freezer', 'cpuacct', 'devices'] }],
  }
}

interface MountLine {
  point: string
  type: string
  options: string[]
}

/** One line: `36 35 98:0 /root /point rw - type source options`; blanks in paths are octal escapes. */
function parseMount(line: string): MountLine[] {
  const [before, after] = line.split(' - ')
  const point = before?.split(' ')[4]
  const [type, , options] = after?.split(' ') ?? []
  if (!point || !type) return []
  const path = point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  return [{ point: path, type, options: options?.split(',') ?? [] }]
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
