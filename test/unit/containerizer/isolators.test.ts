import { describe, expect, test } from 'vitest'
import { cgroupsCpu } from '#containerizer/isolators/cgroups-cpu.js'
import { cgroupsMem } from '#containerizer/isolators/cgroups-mem.js'
import { cgroupsPids } from '#containerizer/isolators/cgroups-pids.js'
import { filesystemLinux } from '#containerizer/isolators/filesystem-linux.js'
import { namespacesIpc } from '#containerizer/isolators/namespaces-ipc.js'
import { namespacesPid } from '#containerizer/isolators/namespaces-pid.js'
import { namespacesUts } from '#containerizer/isolators/namespaces-uts.js'
import { networkHost } from '#containerizer/isolators/network-host.js'
import { posixCpu } from '#containerizer/isolators/posix-cpu.js'
import { posixMem } from '#containerizer/isolators/posix-mem.js'
import { posixRlimits } from '#containerizer/isolators/posix-rlimits.js'
import type { ContainerResources } from '#containerizer/resources.js'
import { LinuxInfoIpcMode, type RLimitInfoRLimit, RLimitInfoRLimitType } from '#wire/mesos.js'
import {
  config,
  container,
  flags,
  fragmentOf,
  hostOf,
  hybrid,
  MEGABYTE,
  MemoryFiles,
  prepared,
  resources,
  rootAt,
} from './fixture.js'

const holding = (over: Partial<ContainerResources>) => prepared({ config: config({ resources: resources(over) }) })
const asking = (info: Parameters<typeof container>[0]) => prepared({ config: config({ container: container(info) }) })
const made = (module: typeof cgroupsCpu, ...argv: string[]) =>
  module.create({ host: hostOf(hybrid), files: new MemoryFiles(), flags: flags(...argv) })

describe('cgroups/cpu (row 6-022)', () => {
  const cpu = async (over: Partial<ContainerResources>, ...argv: string[]) =>
    (await fragmentOf(cgroupsCpu, holding(over), { argv })).cgroups?.settings?.cpu

  test('1024 shares a cpu, at least 2, and no quota', async () => {
    expect(await cpu({ cpus: 1.5 })).toEqual({ shares: 1536n })
    expect(await cpu({ cpus: 0.001 })).toEqual({ shares: 2n })
  })
  test('revocable cpus yield to all others', async () => {
    expect(await cpu({ cpus: 2, revocableCpus: 2 })).toEqual({ shares: 20n })
    expect(await cpu({ cpus: 2, revocableCpus: 2 }, '--no-revocable_cpu_low_priority')).toEqual({ shares: 2048n })
  })
  test('a limit is a quota, an infinite one is none', async () => {
    expect(await cpu({ cpus: 1, cpuLimit: 2.5 })).toEqual({ shares: 1024n, quotaUs: 250_000n, periodUs: 100_000n })
    expect(await cpu({ cpus: 1, cpuLimit: Infinity }, '--cgroups_enable_cfs')).toEqual({ shares: 1024n })
  })
  test('--cgroups_enable_cfs caps at the request, at least at 1 ms', async () => {
    expect(await cpu({ cpus: 0.5 }, '--cgroups_enable_cfs')).toMatchObject({ quotaUs: 50_000n })
    expect(await cpu({ cpus: 0.001 }, '--cgroups_enable_cfs')).toMatchObject({ quotaUs: 1_000n })
  })
  test('a limit that went away is lifted by the update', () => {
    const update = made(cgroupsCpu).update!
    expect(update(holding({ cpuLimit: 2 }), resources({ cpus: 1 }))).toEqual({ cpu: { shares: 1024n, quotaUs: -1n } })
    expect(update(holding({}), resources({ cpus: 1 }))).toEqual({ cpu: { shares: 1024n } })
  })
  test('usage tells request and limit beside the counters', () => {
    const statistics = { timestampMs: 1n, cpu: { userNs: 1_500_000_000n, systemNs: 250_000_000n } }
    expect(made(cgroupsCpu).usage!(holding({ cpus: 1, cpuLimit: 2 }), statistics)).toMatchObject({
      cpusUserTimeSecs: 1.5,
      cpusSystemTimeSecs: 0.25,
      cpusSoftLimit: 1,
      cpusLimit: 2,
    })
  })
})

describe('cgroups/mem (row 6-023)', () => {
  const memory = async (over: Partial<ContainerResources>) =>
    (await fragmentOf(cgroupsMem, holding(over))).cgroups?.settings?.memory

  test('soft by request, hard by limit or request, both at least 32 MB', async () => {
    const [mb32, mb64, mb128] = [32, 64, 128].map((size) => BigInt(size * MEGABYTE))
    expect(await memory({ memory: 64 * MEGABYTE })).toMatchObject({ softLimitBytes: mb64, limitBytes: mb64 })
    expect(await memory({ memory: MEGABYTE })).toMatchObject({ softLimitBytes: mb32, limitBytes: mb32 })
    expect(await memory({ memory: 64 * MEGABYTE, memoryLimit: 128 * MEGABYTE })).toMatchObject({
      softLimitBytes: mb64,
      limitBytes: mb128,
    })
    expect(await memory({ memory: 64 * MEGABYTE, memoryLimit: Infinity })).toMatchObject({
      softLimitBytes: mb64,
      limitBytes: -1n,
    })
  })
  test('a container that may burst is killed the earlier the less it asked for', async () => {
    const score = async (over: Partial<ContainerResources>) =>
      (await fragmentOf(cgroupsMem, holding(over))).process?.oomScoreAdjustment
    expect(await score({})).toBeUndefined()
    expect(await score({ memory: 4096 * MEGABYTE, memoryLimit: Infinity })).toBe(500)
    expect(await score({ memory: 1, memoryLimit: Infinity })).toBe(999)
    expect(await score({ memory: 9000 * MEGABYTE, memoryLimit: Infinity })).toBe(2)
  })
  test('an out-of-memory event is reported as recorded of Mesos (golden/errors/agentloss)', () => {
    const reports: unknown[] = []
    const process = {
      onOom: (listener: (pressure: object) => void) =>
        listener({ limitBytes: 67108864n, maxUsageBytes: 67108864n, memoryStat: 'cache 1\nrss 2' }),
    }
    made(cgroupsMem).watch!(holding({}), process as never, (limitation) => reports.push(limitation))
    expect(reports).toEqual([
      {
        reason: 8,
        message: 'Memory limit exceeded: Requested: 64MB Maximum Used: 64MB\n\nMEMORY STATISTICS: \ncache 1\nrss 2\n',
        resources: [{ name: 'mem', type: 0, scalar: { value: 64 } }],
      },
    ])
  })
  test('a kill that nobody watched is told from the end', () => {
    const { explain } = made(cgroupsMem)
    const end = { how: 'exited', waitStatus: 9, finishedAt: 1 } as const
    expect(explain!(holding({}), { ...end, oomKills: 1 })?.message).toBe(
      'Memory limit exceeded: Requested: 64MB Maximum Used: 64MB',
    )
    expect(explain!(holding({}), { ...end, oomKills: 0 })).toBeUndefined()
  })
})

describe('cgroups/pids', () => {
  const max = async (...argv: string[]) => (await fragmentOf(cgroupsPids, prepared(), { argv })).cgroups?.settings?.pids?.max
  test('the flag is the cap, and 0 is none', async () => {
    expect(await max('--cgroups_pids_max=50')).toBe(50n)
    expect(await max('--cgroups_pids_max=0')).toBe(-1n)
  })
})

describe('namespaces', () => {
  test('pid: its own, or the one of the agent unless that is disallowed (row 6-038)', async () => {
    const sharing = asking({ linuxInfo: { sharePidNamespace: true } })
    expect(await fragmentOf(namespacesPid, prepared())).toEqual({ namespaces: { pid: true, mount: true } })
    expect(await fragmentOf(namespacesPid, sharing)).toEqual({})
    await expect(fragmentOf(namespacesPid, sharing, { argv: ['--disallow_sharing_agent_pid_namespace'] })).rejects.toThrow(
      /disallowed/,
    )
  })

  const ipc = (linuxInfo: object, argv: string[] = []) => fragmentOf(namespacesIpc, asking({ linuxInfo }), { argv })
  test('ipc: its own with the /dev/shm of the host, if nothing is said and there is no image (row 6-039)', async () => {
    expect(await ipc({})).toEqual({ namespaces: { ipc: true, mount: true } })
    expect(await fragmentOf(namespacesIpc, prepared({ root: rootAt('/r') }))).toMatchObject({ shmSize: 0n })
  })
  test('ipc: PRIVATE has a /dev/shm of the size that is asked for', async () => {
    expect(await ipc({ ipcMode: LinuxInfoIpcMode.PRIVATE, shmSize: 8 })).toMatchObject({ shmSize: BigInt(8 * MEGABYTE) })
    expect(await ipc({ ipcMode: LinuxInfoIpcMode.PRIVATE }, ['--default_container_shm_size=4MB'])).toMatchObject({
      shmSize: BigInt(4 * MEGABYTE),
    })
  })
  test('ipc: SHARE_PARENT shares unless disallowed, and has no size', async () => {
    const ipcMode = LinuxInfoIpcMode.SHARE_PARENT
    expect(await ipc({ ipcMode })).toEqual({})
    await expect(ipc({ ipcMode }, ['--disallow_sharing_agent_ipc_namespace'])).rejects.toThrow(/disallowed/)
    await expect(ipc({ ipcMode, shmSize: 1 })).rejects.toThrow(/PRIVATE/)
  })
  test('uts: only for a container that has a host name', async () => {
    expect(await fragmentOf(namespacesUts, prepared())).toEqual({})
    expect(await fragmentOf(namespacesUts, asking({ hostname: 'web' }))).toEqual({ namespaces: { uts: true }, hostname: 'web' })
  })
})

test('filesystem/linux: an image is the root, its changes vanish, and the sandbox is inside', async () => {
  expect(await fragmentOf(filesystemLinux, prepared())).toEqual({ namespaces: { mount: true } })
  expect(await fragmentOf(filesystemLinux, prepared({ root: rootAt('/images/a'), sandboxInside: '/mnt/mesos/sandbox' }))).toEqual(
    {
      namespaces: { mount: true, cgroup: true },
      root: { directory: '/images/a', overlay: true },
      mounts: [{ source: '/work/sandbox', target: '/mnt/mesos/sandbox' }],
    },
  )
})

describe('posix/rlimits (row 6-020)', () => {
  const limits = async (...rlimits: RLimitInfoRLimit[]) =>
    (await fragmentOf(posixRlimits, asking({ rlimitInfo: { rlimits } }))).resourceLimits
  test('all kinds by their names', async () => {
    const kinds = Object.values(RLimitInfoRLimitType).filter((type) => type !== RLimitInfoRLimitType.UNKNOWN)
    const translated = await limits(...kinds.map((type) => ({ type })))
    expect(translated?.map((limit) => limit.kind)).toHaveLength(16)
    expect(translated?.[9]).toEqual({ kind: 'NOFILE', hard: undefined, soft: undefined })
  })
  test.each([
    [{ hard: 1n }, /both hard and soft/],
    [{ hard: 10n, soft: 100n }, /above its hard limit/],
    [{ type: RLimitInfoRLimitType.UNKNOWN }, /no known type/],
  ])('%o is refused', async (limit, why) => {
    await expect(limits({ type: RLimitInfoRLimitType.RLMT_NOFILE, ...limit })).rejects.toThrow(why)
  })
})

test('posix/cpu and posix/mem tell what is used and what was asked for (row 6-019)', () => {
  const statistics = { timestampMs: 1n, cpu: { userNs: 1_000_000_000n }, memory: { rssBytes: 5n } }
  expect(made(posixCpu).usage!(prepared(), statistics)).toMatchObject({ cpusUserTimeSecs: 1, cpusLimit: 1 })
  expect(made(posixMem).usage!(prepared(), statistics)).toMatchObject({ memRssBytes: 5n, memLimitBytes: BigInt(64 * MEGABYTE) })
})

test('a network that has a name is refused', async () => {
  expect(await fragmentOf(networkHost, asking({ networkInfos: [{}] }))).toEqual({})
  await expect(fragmentOf(networkHost, asking({ networkInfos: [{ name: 'nowhere' }] }))).rejects.toThrow(
    /Unknown network 'nowhere'/,
  )
})
