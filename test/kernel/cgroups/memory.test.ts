/** Memory beyond its limit: lowered while it is used, short of it, out of it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { MemoryPressure } from '#wire/native.js'
import { MiB, Room } from './room.js'

let room: Room
beforeEach(async () => {
  room = await Room.open()
})
afterEach(() => room.close())

/** A file that the test makes when it listens, and what a container does until then. */
const goFile = (): string => join(room.machine.sandbox, 'go')
const untilGo = (): string => `until [ -e ${goFile()} ]; do sleep 0.1; done`

/** Holds so much until it is killed. */
const holding = (size: number): string => `head -c ${size}M /dev/zero | tail -c ${size}M | { read -r x; sleep 1000; }`

test('lowered under what is in use: refused on v1, on v2 the kernel reclaims or kills', async () => {
  const container = await room.start(`sh -c '${holding(40)}'; echo over; sleep 1000`, {
    settings: { memory: { limitBytes: 96n * MiB } },
  })
  await expect
    .poll(async () => Number((await container.statistics()).memory?.rssBytes ?? 0), { timeout: 20_000 })
    .toBeGreaterThan(40 << 20)
  const lowered = container.update({ memory: { limitBytes: 8n * MiB, lower: true } })
  if (!room.view().isUnified('memory')) {
    await expect(lowered).rejects.toThrow(/could not write .*memory.limit_in_bytes: device or resource busy/)
    expect(await room.view().memoryLimit()).toBe(96 << 20)
  } else {
    await lowered
    await expect.poll(() => room.view().oomKills(), { timeout: 20_000 }).toBeGreaterThan(0)
  }
})

test('statistics name what the memory is', async () => {
  const container = await room.start(`${holding(16)}`, { settings: { memory: { limitBytes: 64n * MiB } } })
  await expect
    .poll(async () => Number((await container.statistics()).memory?.rssBytes ?? 0), { timeout: 20_000 })
    .toBeGreaterThan(16 << 20)
  const { memory } = await container.statistics()
  expect(memory).toMatchObject({ limitBytes: 64n * MiB, oomKills: 0n, swapBytes: 0n, unevictableBytes: 0n })
  expect(memory?.usageBytes).toBeGreaterThan(16n * MiB)
  expect(memory?.pageFaults).toBeGreaterThan(4096n)
  expect(memory?.kernelBytes).toBeGreaterThan(0n)
  expect(memory?.memoryAndSwapBytes).toBeGreaterThanOrEqual(16n * MiB)
  for (const name of [
    'cacheBytes',
    'mappedFileBytes',
    'fileDirtyBytes',
    'fileWritebackBytes',
    'majorPageFaults',
    'kernelTcpBytes',
  ] as const) {
    expect(memory?.[name], name).toBeTypeOf('bigint')
  }
})

test('with an out-of-memory group the kernel kills the whole container', async (context) => {
  if (!room.view().isUnified('memory')) context.skip('no memory controller of cgroup v2 on this machine')
  const hungry = `${untilGo()}; sleep 1000 & exec tail /dev/zero`
  const container = await room.start(`sh -c '${hungry}' & sleep 1000`, {
    settings: { memory: { limitBytes: 32n * MiB, oomGroup: true } },
  })
  const pressure = new Promise<MemoryPressure>((resolve) => container.onOom(resolve))
  await writeFile(goFile(), '')
  // Nobody here kills: that all are gone is the kernel's doing.
  expect(await container.ended).toMatchObject({ how: 'exited', waitStatus: 9 })
  expect(await pressure).toMatchObject({ limitBytes: 32n * MiB, memoryStat: expect.stringMatching(/^anon \d+/) })
})

test('a container that is told of low memory before is still told when it runs out', async () => {
  // Page cache at the limit makes the kernel reclaim again and again, which v2 tells by the same file.
  const full = `head -c 200M /dev/zero > ${room.machine.sandbox}/file`
  const container = await room.start(`${full}; ${full}; ${untilGo()}; exec tail /dev/zero`, {
    settings: { memory: { limitBytes: 32n * MiB } },
  })
  await expect
    .poll(async () => Number((await container.statistics()).memory?.failCount ?? 0), { timeout: 30_000 })
    .toBeGreaterThan(0)
  const pressure = new Promise<MemoryPressure>((resolve) => container.onOom(resolve))
  await writeFile(goFile(), '')
  expect(await pressure).toMatchObject({ limitBytes: 32n * MiB })
})

test('how often memory was short is counted from the start, whatever becomes of the agent (T140)', async (context) => {
  if (room.view().isUnified('memory')) context.skip('cgroup v2 tells stall times instead')
  const reclaiming = `while :; do head -c 100M /dev/zero > ${room.machine.sandbox}/file; done`
  let container = await room.start(reclaiming, { settings: { memory: { limitBytes: 32n * MiB, countPressure: true } } })
  const low = async () => Number((await container.statistics()).memory?.lowPressureCount ?? 0)
  await expect.poll(low, { timeout: 30_000 }).toBeGreaterThan(0)
  const before = await low()
  container = await room.restart()
  expect(await low()).toBeGreaterThanOrEqual(before)
  const { memory } = await container.statistics()
  expect([memory?.mediumPressureCount, memory?.criticalPressureCount]).toEqual([expect.any(BigInt), expect.any(BigInt)])
})

test('how long a container stalled (row 9-053)', async (context) => {
  const unified = ['cpu', 'hugetlb'].find((name) => room.lacks(name) === undefined && room.view().isUnified(name))
  if (!unified) context.skip('no controller of cgroup v2 on this machine')
  const controllers = [...new Set(['cpu', 'cpuacct', unified!])]
  const busy = 'for i in 1 2 3 4 5 6 7 8; do while :; do :; done & done; wait'
  const container = await room.start(busy, { controllers, settings: { cpu: { quotaUs: 20_000n, periodUs: 100_000n } } })
  const stalled = async () => Number((await container.statistics()).pressure?.cpu?.some?.totalUs ?? 0)
  await expect.poll(stalled, { timeout: 20_000 }).toBeGreaterThan(10_000)
  expect((await container.statistics()).pressure).toMatchObject({
    memory: { some: {} },
    io: { full: { avg10: expect.any(Number) } },
  })
})

test('a nested container that runs out of memory is not told of its parent', async () => {
  const parent = await room.start('sleep 1000', { settings: { memory: { limitBytes: 96n * MiB } } })
  const told: MemoryPressure[] = []
  parent.onOom((pressure) => told.push(pressure))
  const path = `${room.machine.cgroupsRoot}/c1/mesos/n1`
  const nested = await room.start('exec tail /dev/zero', {
    id: 'n1',
    path,
    settings: { memory: { limitBytes: 32n * MiB } },
  })
  expect(await nested.ended).toMatchObject({ how: 'exited', oomKills: 1, waitStatus: 9 })
  expect((await parent.statistics()).memory?.oomKills).toBe(0n)
  expect([parent.phase, told]).toEqual(['running', []])
  await room.host.destroy('n1')
})
