import { describe, expect, test } from 'vitest'
import { chooseIsolation } from '#containerizer/isolation.js'
import type { IsolatorModule } from '#containerizer/isolator.js'
import { cgroupsBlkio } from '#containerizer/isolators/cgroups-blkio.js'
import { cgroupsCpu } from '#containerizer/isolators/cgroups-cpu.js'
import { cgroupsMem } from '#containerizer/isolators/cgroups-mem.js'
import { cgroupsNetCls } from '#containerizer/isolators/cgroups-net-cls.js'
import { cgroupsPerfEvent } from '#containerizer/isolators/cgroups-perf-event.js'
import type { Host, HostFacts } from '#host/host.js'
import { CgroupWorld } from '#wire/native.js'
import { config, flags, hybrid, MEGABYTE, MemoryFiles, prepared } from './fixture.js'
import { ScriptedContainer, ScriptedHost } from './scripted-host.js'

const v2: HostFacts = {
  ...hybrid,
  cgroups: {
    world: CgroupWorld.CGROUP_V2,
    hierarchies: [
      {
        mountPoint: '/sys/fs/cgroup',
        controllers: ['cpuset', 'cpu', 'blkio', 'memory', 'hugetlb', 'pids', 'freezer', 'cpuacct', 'devices', 'perf_event'],
        unified: true,
      },
    ],
  },
}
const create = (module: IsolatorModule, facts: HostFacts, host: Partial<Host>, ...argv: string[]) =>
  module.create({ host: { ...host, facts } as Host, files: new MemoryFiles(), flags: flags(...argv) })
const named = (id: string) => prepared({ config: config({ id }) })

describe('which isolators a name stands for', () => {
  const names = (flag: string, facts: HostFacts) => chooseIsolation(flag, 'linux', facts).modules.map(({ name }) => name)

  test('cgroups/all is every one whose controllers the host has (row 6-031)', () => {
    const ours = (facts: HostFacts) => names('cgroups/all', facts).filter((name) => name.startsWith('cgroups/'))
    expect(ours(hybrid)).toEqual(['cgroups/cpu', 'cgroups/mem', 'cgroups/pids', 'cgroups/devices'])
    expect(ours(v2)).toEqual([
      'cgroups/cpu',
      'cgroups/mem',
      'cgroups/pids',
      'cgroups/blkio',
      'cgroups/cpuset',
      'cgroups/hugetlb',
      'cgroups/perf_event',
      'cgroups/devices',
    ])
  })

  test('blkio is the old name of io, and both work in both worlds (row 9-048)', () => {
    expect(names('cgroups/io', v2)).toEqual(names('cgroups/blkio', v2))
  })

  test('what died with v1 is refused with the reason (rows 6-062, 9-047)', () => {
    expect(() => names('cgroups/net_cls', v2)).toThrow(
      '--isolation: cgroups/net_cls needs cgroup controller net_cls, which only cgroup v1 has, and is not mounted here',
    )
  })
})

describe('cgroups/mem', () => {
  const memory = async (facts: HostFacts, ...argv: string[]) =>
    (await create(cgroupsMem, facts, {}, ...argv).prepare!(prepared())).cgroups?.settings?.memory

  test('--cgroups_limit_swap holds memory and swap together to the limit (row 9-050)', async () => {
    expect(await memory(v2)).not.toHaveProperty('swapLimitBytes')
    expect(await memory(v2, '--cgroups_limit_swap')).toMatchObject({ swapLimitBytes: BigInt(64 * MEGABYTE) })
  })

  test('and is refused where the kernel cannot', () => {
    expect(() => create(cgroupsMem, { ...hybrid, limitsSwap: false }, {}, '--cgroups_limit_swap')).toThrow('swapaccount=1')
    expect(() => create(cgroupsMem, { ...hybrid, limitsSwap: false }, {})).not.toThrow()
  })

  test('v2 kills the whole container at once, v1 counts pressure', async () => {
    expect(await memory(v2)).toMatchObject({ oomGroup: true })
    expect(await memory(hybrid)).toMatchObject({ countPressure: true })
  })
})

test('cgroups/cpu tells processes and threads only when it is told to (row 6-022)', () => {
  const statistics = { timestampMs: 1n, processes: 3n, threads: 5n }
  expect(create(cgroupsCpu, hybrid, {}).usage!(prepared(), statistics)).not.toHaveProperty('processes')
  const counting = create(cgroupsCpu, hybrid, {}, '--cgroups_cpu_enable_pids_and_tids_count')
  expect(counting.usage!(prepared(), statistics)).toMatchObject({ processes: 3, threads: 5 })
})

test('cgroups/blkio tells each disk, and the sum of all (row 6-024)', () => {
  const devices = [
    { major: 8, minor: 0, readBytes: 4096n, writeBytes: 8192n, readOperations: 1n, writeOperations: 2n },
    { major: 8, minor: 16, readBytes: 512n, discardBytes: 1024n, readOperations: 1n, discardOperations: 3n },
  ]
  const { blkioStatistics } = create(cgroupsBlkio, hybrid, {}).usage!(prepared(), { timestampMs: 1n, blkio: { devices } })
  expect(blkioStatistics?.throttling).toEqual([
    {
      device: { majorNumber: 8n, minorNumber: 0n },
      ioServiced: [
        { op: 2, value: 1n },
        { op: 3, value: 2n },
        { op: 1, value: 3n },
      ],
      ioServiceBytes: [
        { op: 2, value: 4096n },
        { op: 3, value: 8192n },
        { op: 1, value: 12_288n },
      ],
    },
    {
      device: { majorNumber: 8n, minorNumber: 16n },
      ioServiced: [
        { op: 2, value: 1n },
        { op: 3, value: 0n },
        { op: 6, value: 3n },
        { op: 1, value: 4n },
      ],
      ioServiceBytes: [
        { op: 2, value: 512n },
        { op: 3, value: 0n },
        { op: 6, value: 1024n },
        { op: 1, value: 1536n },
      ],
    },
    { ioServiced: [{ op: 1, value: 7n }], ioServiceBytes: [{ op: 1, value: 13_824n }] },
  ])
})

describe('cgroups/net_cls (row 6-027)', () => {
  const host = { find: (id: string) => ({ settings: id === 'old' ? { netCls: { classId: 0x12_0001 } } : undefined }) as never }
  const made = (...argv: string[]) => create(cgroupsNetCls, hybrid, host, ...argv)
  const classOf = async (isolator: ReturnType<typeof made>, id: string) =>
    (await isolator.prepare!(named(id))).cgroups?.settings?.netCls?.classId

  test('each container has a class of its own, which its status tells, also after a restart of the agent', async () => {
    const isolator = made('--cgroups_net_cls_primary_handle=0x0012', '--cgroups_net_cls_secondary_handles=0x0001,0x0002')
    await isolator.recover!(named('old'))
    expect(isolator.status!(named('old'))).toEqual({ cgroupInfo: { netCls: { classid: 0x12_0001 } } })
    expect(await classOf(isolator, 'a')).toBe(0x12_0002)
    await expect(async () => classOf(isolator, 'b')).rejects.toThrow(
      'all classes of --cgroups_net_cls_secondary_handles=0x0001,0x0002',
    )
    await isolator.cleanup!('old')
    expect(await classOf(isolator, 'b')).toBe(0x12_0001)
  })

  test('nested containers have the class of the outermost', async () => {
    const isolator = made('--cgroups_net_cls_primary_handle=0x0012')
    await classOf(isolator, 'a')
    const nested = { ...named('a.b'), parent: { container: named('a'), process: new ScriptedContainer('a') } }
    expect(await isolator.prepare!(nested)).toEqual({ cgroups: { controllers: ['net_cls'] } })
    expect(isolator.status!(nested)).toEqual({ cgroupInfo: { netCls: { classid: 0x12_0001 } } })
  })

  test('without a primary handle there is a cgroup and no class', async () => {
    const isolator = made()
    expect(await classOf(isolator, 'a')).toBeUndefined()
    expect(isolator.status!(named('a'))).toEqual({})
  })

  test.each(['0', '0x0', '0x10000', '18'])('handle %s is refused', (handle) => {
    expect(() => flags(`--cgroups_net_cls_primary_handle=${handle}`)).toThrow('is not a handle')
  })
})

describe('cgroups/perf_event (row 6-029)', () => {
  const made = (...argv: string[]) =>
    create(cgroupsPerfEvent, hybrid, { uncountable: (events) => new ScriptedHost().uncountable(events) }, ...argv)

  test('samples are told in the fields of the wire, clocks in milliseconds', async () => {
    const isolator = made('--perf_events=context-switches, task-clock', '--perf_duration=1ms', '--perf_interval=1ms')
    const process = new ScriptedContainer('c1')
    isolator.watch!(prepared(), process, () => undefined)
    process.run()
    const perf = () => isolator.usage!(prepared(), { timestampMs: 1n }).perf
    await expect.poll(perf).toMatchObject({ contextSwitches: 5_000_000n, taskClock: 5 })
    process.end({ how: 'exited', waitStatus: 0, oomKills: 0, finishedAt: 0 })
  })

  test('without events nothing is joined', () => expect(made().prepare).toBeUndefined())

  test('what the machine cannot count, and what cannot be told, is refused at start', () => {
    expect(() => made('--perf_events=task-clock,cycles')).toThrow('--perf_events: cycles cannot be counted on this machine')
    expect(() => made('--perf_events=no-such-event')).toThrow('no-such-event cannot be counted')
    expect(() => made('--perf_events=task-clock', '--perf_duration=2mins')).toThrow('must not be longer')
  })
})
