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
        { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', controllers: ['cpu', 'cpuacct'], unified: false },
        { mountPoint: '/sys/fs/cgroup/memory', controllers: ['memory'], unified: false },
      ],
    })
  })

  test('hybrid: v1 where v1 has a controller, the v2 tree for all others (rows 6-054, 9-061)', () => {
    const v1 = ['cpu', 'devices', 'freezer'].map((name) => line(`/sys/fs/cgroup/${name}`, 'cgroup', `rw,${name}`))
    const facts = cgroupFacts([...v1, line('/sys/fs/cgroup/unified', 'cgroup2', 'rw')].join('\n'), () => ['hugetlb'])
    expect(facts.world).toBe(CgroupWorld.CGROUP_HYBRID)
    expect(facts.hierarchies.slice(1)).toEqual([
      { mountPoint: '/sys/fs/cgroup/devices', controllers: ['devices'], unified: false },
      { mountPoint: '/sys/fs/cgroup/freezer', controllers: ['freezer'], unified: false },
      { mountPoint: '/sys/fs/cgroup/unified', controllers: ['hugetlb', 'perf_event'], unified: true },
    ])
  })

  test('v2: one tree, in the names of plans', () => {
    const facts = cgroupFacts(line('/sys/fs/cgroup', 'cgroup2', 'rw'), () => ['cpu', 'io', 'memory'])
    expect(facts.world).toBe(CgroupWorld.CGROUP_V2)
    const controllers = ['cpu', 'blkio', 'memory', 'freezer', 'cpuacct', 'devices', 'perf_event']
    expect(facts.hierarchies).toEqual([{ mountPoint: '/sys/fs/cgroup', controllers, unified: true }])
  })

  test('a host without cgroups, and a mount point with a blank', () => {
    expect(cgroupFacts('', none)).toEqual({ world: CgroupWorld.CGROUP_NONE, hierarchies: [] })
    const [hierarchy] = cgroupFacts(line('/odd\\040place', 'cgroup', 'rw,cpu'), none).hierarchies
    expect(hierarchy?.mountPoint).toBe('/odd place')
  })
})
