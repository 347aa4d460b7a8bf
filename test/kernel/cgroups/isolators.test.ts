/** Mesos' isolators on real containers: what they join, and what they report in the fields of the wire. */
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, rmdir } from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { availableControllers } from '#containerizer/controllers.js'
import { containerResources } from '#containerizer/resources.js'
import { readFacts } from '#host/facts.js'
import { CgroupView } from '../../support/cgroup-view.js'
import { Workplace } from '../containerizer/workplace.js'

const MEGABYTE = 1024 * 1024
let place: Workplace | undefined
afterEach(async () => {
  await place?.close()
  place = undefined
})

async function started(script: string, ...flags: string[]) {
  place = await Workplace.open(...flags)
  const config = place.config(script, { resources: { ...containerResources([]), cpus: 0.5, memory: 64 * MEGABYTE } })
  await place.start(config)
  const facts = (await readFacts(place.directory)).cgroups
  const { containerizer } = place
  return { id: config.id, config, containerizer, view: new CgroupView(facts, `${place.cgroupsRoot}/${config.id}`), facts }
}

test('cgroups/all joins every controller that the kernel has, and reports what it counts (row 6-031)', async () => {
  const { id, containerizer, view, facts } = await started(
    'head -c 20M /dev/zero > file; sync file; sleep 1000',
    '--isolation=filesystem/linux,cgroups/all',
  )
  const { executorPid } = await containerizer.status(id)
  expect(executorPid).toBeGreaterThan(0)
  const wanted = ['cpu', 'cpuacct', 'memory', 'pids', 'blkio', 'cpuset', 'hugetlb', 'devices', 'net_cls', 'net_prio']
  const available = availableControllers({ cgroups: facts })
  const taskPid = Number((await readFile(`${view.directory('memory')}/cgroup.procs`, 'utf8')).trim().split('\n')[0])
  const expected = wanted.filter((name) => available.has(name))
  expect(await view.controllersOf(taskPid, expected)).toEqual(expected)
  const usage = () => containerizer.usage(id)
  await expect.poll(async () => (await usage()).processes).toBeGreaterThan(0)
  const found = await usage()
  expect(found).toMatchObject({ cpusSoftLimit: 0.5, memLimitBytes: BigInt(64 * MEGABYTE), threads: expect.any(Number) })
  expect(found.memKmemUsageBytes).toBeGreaterThan(0n)
  if (!available.has('blkio')) return
  const total = async () => (await usage()).blkioStatistics?.throttling?.at(-1)
  // The file system of the tests may be on no disk; then nothing is counted, and that is said.
  expect(await total()).toMatchObject({ ioServiced: [{ op: 1, value: expect.any(BigInt) }] })
})

test('cgroups/perf_event tells the last sample (rows 6-029, 6-060)', async () => {
  const flags = [
    '--isolation=cgroups/perf_event,cgroups/cpu',
    '--perf_events=context-switches,task-clock',
    '--perf_duration=50ms',
    '--perf_interval=60ms',
  ]
  const { id, containerizer } = await started('while :; do sleep 0.01; done', ...flags)
  await expect.poll(async () => (await containerizer.usage(id)).perf?.contextSwitches ?? 0n).toBeGreaterThan(0n)
  const { perf } = await containerizer.usage(id)
  expect(perf).toMatchObject({ taskClock: expect.any(Number), timestamp: expect.any(Number) })
  expect(perf?.duration).toBeGreaterThanOrEqual(0.05)
})

test('--cgroups_limit_swap holds memory and swap together to the limit (row 9-050)', async ({ skip }) => {
  if (!(await readFacts('/tmp')).limitsSwap) skip('the kernel of this machine does not account for swap')
  const { view } = await started('sleep 1000', '--isolation=cgroups/mem', '--cgroups_limit_swap')
  if (view.isUnified('memory')) expect(await view.file('memory', 'memory.swap.max')).toBe('0')
  else expect(await view.file('memory', 'memory.memsw.limit_in_bytes')).toBe(String(64 * MEGABYTE))
})

test('revocable cpus weigh next to nothing (T138)', async () => {
  place = await Workplace.open('--isolation=cgroups/cpu')
  const config = place.config('sleep 1000', {
    resources: { ...containerResources([]), cpus: 2, revocableCpus: 2, memory: 64 * MEGABYTE },
  })
  await place.start(config)
  const view = new CgroupView((await readFacts(place.directory)).cgroups, `${place.cgroupsRoot}/${config.id}`)
  expect(await view.cpuShares()).toBe(20)
})

describe('cgroups/net_cls (row 6-027)', () => {
  const MOUNT = '/tmp/meseta-net-cls'

  /** Few hosts of today have it mounted; the kernel may have it all the same. */
  async function mounted(): Promise<boolean> {
    if (availableControllers(await readFacts('/tmp')).has('net_cls')) return true
    await mkdir(MOUNT, { recursive: true })
    try {
      execFileSync('mount', ['-t', 'cgroup', '-o', 'net_cls', 'cgroup', MOUNT], { stdio: 'ignore' })
      return true
    } catch {
      await rmdir(MOUNT)
      return false
    }
  }
  afterEach(async () => {
    const mounts = await readFile('/proc/self/mounts', 'utf8')
    if (!mounts.includes(MOUNT)) return
    execFileSync('umount', [MOUNT])
    await rmdir(MOUNT)
  })

  test('each container has a class of its own, also after a restart of the agent', async ({ skip }) => {
    if (!(await mounted())) skip('the kernel of this machine has no net_cls')
    const flags = ['--cgroups_net_cls_primary_handle=0x0012', '--cgroups_net_cls_secondary_handles=0x0001,0x0002']
    const { id, config, containerizer, view } = await started('sleep 1000', '--isolation=cgroups/net_cls,cgroups/cpu', ...flags)
    expect((await containerizer.status(id)).cgroupInfo).toEqual({ netCls: { classid: 0x12_0001 } })
    expect(await view.file('net_cls', 'net_cls.classid')).toBe(String(0x12_0001))
    await place!.restart([config])
    expect((await place!.containerizer.status(id)).cgroupInfo).toEqual({ netCls: { classid: 0x12_0001 } })
    const second = place!.config('sleep 1000')
    await place!.start(second)
    expect((await place!.containerizer.status(second.id)).cgroupInfo).toEqual({ netCls: { classid: 0x12_0002 } })
    await expect(place!.containerizer.clone(place!.config('true'))).rejects.toThrow(
      'all classes of --cgroups_net_cls_secondary_handles',
    )
    await place!.close()
    place = undefined
  })
})
