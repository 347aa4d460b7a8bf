import { describe, expect, test } from 'vitest'
import { cgroupFacts } from '#host/cgroup-world.js'
import { CgroupWorld } from '#wire/native.js'

const line = (point: string, type: string, options: string): string =>
  `36 35 0:30 / ${point} rw,relatime shared:1 - ${type} cgroup ${options}`
const none = (): string[] => []

describe('the cgroup world of a host', () => {
  test('v1: a hierarchy for each mount, co-mounted controllers together, options that are no controllers left out', () => {
    const facts = cgroupFacts(
      [
        line('/sys/fs/cgroup/cpu,cpuacct', 'cgroup', 'rw,cpu,cpuacct'),
        line('/sys/fs/cgroup/memory', 'cgroup', 'rw,xattr,memory'),
        line('/sys/fs/cgroup/systemd', 'cgroup', 'rw,xattr,name=systemd'),
        line('/tmp/again', 'cgroup', 'rw,memory'),
        '40 35 8:1 / / rw - ext4 /dev/vda rw',
      ].join('\n'),
      none,
    )
    expect(facts).toEqual({
      world: CgroupWorld.CGROUP_V1,
      hierarchies: [
        { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', controllers: ['cpu', 'cpuacct'] },
        { mountPoint: '/sys/fs/cgroup/memory', controllers: ['memory'] },
      ],
    })
  })

  test('hybrid: v1 controllers are used, whatever the v2 tree carries (row 6-054)', () => {
    const mountinfo = [line('/sys/fs/cgroup/pids', 'cgroup', 'rw,pids'), line('/sys/fs/cgroup/unified', 'cgroup2', 'rw')].join(
      '\n',
    )
    const facts = cgroupFacts(mountinfo, () => ['hugetlb'])
    expect(facts).toEqual({
      world: CgroupWorld.CGROUP_HYBRID,
      hierarchies: [{ mountPoint: '/sys/fs/cgroup/pids', controllers: ['pids'] }],
    })
  })

  test('v2: one tree, in the names of plans', () => {
    const facts = cgroupFacts(line('/sys/fs/cgroup', 'cgroup2', 'rw'), () => ['cpu', 'io', 'memory'])
    expect(facts.world).toBe(CgroupWorld.CGROUP_V2)
    expect(facts.hierarchies).toEqual([
      { mountPoint: '/sys/fs/cgroup', controllers: ['cpu', 'blkio', 'memory', 'freezer', 'cpuacct', 'devices'] },
    ])
  })

  test('a host without cgroups, and a mount point with a blank', () => {
    expect(cgroupFacts('', none)).toEqual({ world: CgroupWorld.CGROUP_NONE, hierarchies: [] })
    const [hierarchy] = cgroupFacts(line('/odd\\040place', 'cgroup', 'rw,cpu'), none).hierarchies
    expect(hierarchy?.mountPoint).toBe('/odd place')
  })
})
