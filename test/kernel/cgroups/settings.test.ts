/** What stands in the files of the kernel after a start and after an update, controller by controller. */
import { statSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MiB, Room } from './room.js'

let room: Room
beforeEach(async () => {
  room = await Room.open()
})
afterEach(() => room.close())

test('cpu: weight, quota, burst, and idle', async () => {
  const settings = { cpu: { shares: 512n, quotaUs: 50_000n, periodUs: 100_000n, burstUs: 20_000n } }
  const container = await room.start('sleep 1000', { settings })
  const view = room.view()
  const burst = () => view.file('cpu', view.isUnified('cpu') ? 'cpu.max.burst' : 'cpu.cfs_burst_us')
  expect([await view.cpuShares(), await view.cpuQuotaUs(), await burst()]).toEqual([512, 50_000, '20000'])
  // Below the burst that stands: the kernel would refuse it, were it not taken away first.
  await container.update({ cpu: { quotaUs: 10_000n, burstUs: 5_000n } })
  expect([await view.cpuQuotaUs(), await burst()]).toEqual([10_000, '5000'])
  await container.update({ cpu: { idle: true } })
  expect(await view.file('cpu', 'cpu.idle')).toBe('1')
  await container.update({ cpu: { idle: false, shares: 2048n, quotaUs: -1n, burstUs: 0n } })
  expect([await view.cpuShares(), await view.cpuQuotaUs()]).toEqual([2048, -1])
})

test('cpuset: a container has all cpus, or those that it is given', async (context) => {
  const missing = room.lacks('cpuset')
  if (missing) context.skip(missing)
  const controllers = ['cpuset']
  const container = await room.start('grep Cpus_allowed_list /proc/self/status; sleep 1000', { controllers })
  await expect.poll(() => room.machine.output()).toMatch(/list:\t0/)
  await container.update({ cpuset: { cpus: '0' } })
  expect(await room.view().file('cpuset', 'cpuset.cpus')).toBe('0')
  expect(await room.refusal({ id: 'c2', controllers, settings: { cpuset: { cpus: '4095' } } })).toMatch(
    /could not write .*cpuset.cpus/,
  )
})

test('disks: limits of each, and what passed them', async (context) => {
  const missing = room.lacks('blkio')
  if (missing) context.skip(missing)
  const { dev } = statSync('/')
  const disk = { major: (dev >> 8) & 0xfff, minor: dev & 0xff }
  if (disk.major === 0) context.skip('the root file system is on no disk')
  const limits = { readBytes: 64n * MiB, writeOperations: 5000n }
  const container = await room.start('sleep 1000', {
    controllers: ['blkio'],
    settings: { blkio: { devices: [{ ...disk, ...limits }] } },
  })
  const view = room.view()
  const number = `${disk.major}:${disk.minor}`
  if (view.isUnified('blkio')) {
    expect(await view.file('blkio', 'io.max')).toBe(`${number} rbps=${64n * MiB} wbps=max riops=max wiops=5000`)
  } else {
    expect(await view.file('blkio', 'blkio.throttle.read_bps_device')).toBe(`${number} ${64n * MiB}`)
    expect(await view.file('blkio', 'blkio.throttle.write_iops_device')).toBe(`${number} 5000`)
  }
  await container.update({ blkio: { devices: [{ ...disk, readBytes: 0n, writeOperations: 0n }] } })
  expect(await view.file('blkio', view.isUnified('blkio') ? 'io.max' : 'blkio.throttle.read_bps_device')).toBe('')
})

test('huge pages, in the v2 tree also where v1 has all the rest (row 9-061)', async (context) => {
  const missing = room.lacks('hugetlb')
  if (missing) context.skip(missing)
  const settings = { hugetlb: [{ pageSize: '2MB', limitBytes: 4n * MiB }], memory: { limitBytes: 64n * MiB } }
  const container = await room.start('sleep 1000', { controllers: ['memory', 'hugetlb'], settings })
  const view = room.view()
  const name = view.isUnified('hugetlb') ? 'max' : 'limit_in_bytes'
  expect(await view.file('hugetlb', `hugetlb.2MB.${name}`)).toBe(String(4n * MiB))
  expect(await view.memoryLimit()).toBe(64 << 20)
  const { taskPid } = await container.started
  expect(await view.controllersOf(taskPid, ['memory', 'hugetlb'])).toEqual(['memory', 'hugetlb'])
  const { hugetlb } = await container.statistics()
  expect(hugetlb).toContainEqual(expect.objectContaining({ pageSize: '2MB', usageBytes: 0n, failCount: 0n }))
  await container.update({ hugetlb: [{ pageSize: '2MB', limitBytes: -1n }] })
  expect(Number(await view.file('hugetlb', `hugetlb.2MB.${name}`)) || Infinity).toBeGreaterThan(Number(MiB) ** 2)
})

test('processes: the limit, and its place in the statistics', async () => {
  const container = await room.start('sleep 1000 & wait', { settings: { pids: { max: 50n } } })
  expect(await room.view().processLimit()).toBe(50)
  await expect.poll(async () => (await container.statistics()).processes).toBe(2n)
  expect(await container.statistics()).toMatchObject({ pidsLimit: 50n, threads: 2n })
  await container.update({ pids: { max: -1n } })
  expect((await container.statistics()).pidsLimit).toBeUndefined()
})

test('a frozen container stands still until it is thawed', async () => {
  const container = await room.start('while :; do echo tick; sleep 0.01; done')
  const view = room.view()
  const state = () => (view.isUnified('freezer') ? view.file('freezer', 'cgroup.events') : view.file('freezer', 'freezer.state'))
  await expect.poll(() => room.machine.output()).not.toBe('')
  await container.update({ frozen: true })
  expect(await state()).toMatch(/FROZEN|frozen 1/)
  const before = (await room.machine.output()).length
  await container.update({ frozen: false })
  await expect.poll(async () => (await room.machine.output()).length).toBeGreaterThan(before)
  await container.update({ frozen: true })
  await container.kill()
  expect(await container.ended).toMatchObject({ how: 'exited', waitStatus: 9 })
})

test('a setting that only the other version has is refused in a sentence', async () => {
  const unified = room.view().isUnified('memory')
  const settings = unified ? { memory: { swappiness: 10n } } : { memory: { highBytes: 32n * MiB } }
  expect(await room.refusal({ settings })).toBe(
    unified
      ? 'could not set memory.swappiness: cgroup v2 has no such setting'
      : 'could not set memory.high: cgroup v1 cannot throttle before the limit',
  )
})

test('files of cgroup v2 by their names', async (context) => {
  const unified = ['memory', 'hugetlb'].find((name) => room.lacks(name) === undefined && room.view().isUnified(name))
  if (!unified) context.skip('no controller of cgroup v2 on this machine')
  const [name, value] = unified === 'memory' ? ['memory.high', String(48n * MiB)] : ['hugetlb.2MB.max', String(2n * MiB)]
  await room.start('sleep 1000', { controllers: [unified!], settings: { unified: [{ name: name!, value: value! }] } })
  expect(await room.view().file(unified!, name!)).toBe(value)
  const outside = { unified: [{ name: '../memory.max', value: '1' }] }
  expect(await room.refusal({ id: 'c2', controllers: [unified!], settings: outside })).toContain(
    'its name is no name of a setting',
  )
})
