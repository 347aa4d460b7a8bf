import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { containerResources } from '#containerizer/resources.js'
import { ContainerInfoType, RLimitInfoRLimitType, TaskState, TaskStatusReason, ValueType } from '#wire/mesos.js'
import type { CgroupView } from '../../support/cgroup-view.js'
import { Workplace } from './workplace.js'

const MEGABYTE = 1024 * 1024

let place: Workplace
beforeAll(async () => {
  place = await Workplace.open('--cgroups_pids_max=40')
})
afterAll(() => place.close())

/** cpus and megabytes, with limits if given. */
const share = (cpus: number, mem: number, limits: Record<string, number> = {}) =>
  containerResources([
    {
      resources: [
        { name: 'cpus', type: ValueType.SCALAR, scalar: { value: cpus } },
        { name: 'mem', type: ValueType.SCALAR, scalar: { value: mem } },
      ],
      limits: Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, { value }])),
    },
  ])

/** Runs while `look` looks at it from outside. */
async function whileRunning<T>(over: object, look: (view: CgroupView, id: string) => Promise<T>): Promise<T> {
  const config = place.config('sleep 1000', over)
  await place.start(config)
  try {
    return await look(place.view(config.id), config.id)
  } finally {
    await place.containerizer.destroy(config.id)
  }
}

describe('cgroups/mem (row 6-023)', () => {
  test('soft limit by request, hard limit by limit', async () => {
    await whileRunning({ resources: share(1, 64, { mem: 96 }) }, async (view) => {
      expect(await view.softMemoryLimit()).toBe(64 * MEGABYTE)
      expect(await view.memoryLimit()).toBe(96 * MEGABYTE)
    })
  })

  test('a task over its limit fails with the reason and the statistics (golden/errors/agentloss)', async () => {
    const { termination } = await place.run('exec tail /dev/zero', { resources: share(1, 32) })
    expect(termination).toMatchObject({
      waitStatus: 9,
      state: TaskState.TASK_FAILED,
      reason: TaskStatusReason.REASON_CONTAINER_LIMITATION_MEMORY,
      limitation: { resources: [{ name: 'mem', scalar: { value: 32 } }] },
    })
    expect(termination.message).toMatch(
      /^Memory limit exceeded: Requested: 32MB Maximum Used: 3[12]MB\n\nMEMORY STATISTICS: \n.*(rss|anon) \d+/s,
    )
  })

  test('when the kernel kills a child, the container goes with it', async () => {
    const { termination } = await place.run('tail /dev/zero; sleep 1000', { resources: share(1, 32) })
    expect(termination.reason).toBe(TaskStatusReason.REASON_CONTAINER_LIMITATION_MEMORY)
  })

  test('the limit is raised by an update', async () => {
    await whileRunning({ resources: share(1, 64) }, async (view, id) => {
      await place.containerizer.update(id, share(1, 128))
      expect(await view.memoryLimit()).toBe(128 * MEGABYTE)
    })
  })
})

describe('cgroups/cpu (row 6-022)', () => {
  test('shares by request, and a quota only by limit', async () => {
    await whileRunning({ resources: share(0.5, 32) }, async (view, id) => {
      expect(await view.cpuShares()).toBe(512)
      expect(await view.cpuQuotaUs()).toBe(-1)
      await place.containerizer.update(id, share(0.5, 32, { cpus: 1.5 }))
      expect(await view.cpuQuotaUs()).toBe(150000)
      await place.containerizer.update(id, share(2, 32))
      expect(await view.cpuQuotaUs()).toBe(-1)
      expect(await view.cpuShares()).toBe(2048)
    })
  })

  test('usage counts what a busy task burns', async () => {
    const config = place.config('while :; do :; done', { resources: share(1, 32) })
    await place.start(config)
    await expect
      .poll(async () => (await place.containerizer.usage(config.id)).cpusUserTimeSecs ?? 0, { timeout: 10_000 })
      .toBeGreaterThan(0.1)
    // The kernel adds up memory statistics every other second only.
    await expect
      .poll(async () => (await place.containerizer.usage(config.id)).memRssBytes, { timeout: 10_000 })
      .toBeGreaterThan(0n)
    const usage = await place.containerizer.usage(config.id)
    await place.containerizer.destroy(config.id)
    expect(usage).toMatchObject({ cpusSoftLimit: 1, memLimitBytes: BigInt(32 * MEGABYTE) })
  })
})

test('cgroups/pids: a fork bomb ends where it began (S46)', async () => {
  const { stdout } = await place.run('for i in $(seq 100); do sleep 1000 & done 2>/dev/null; jobs -p | wc -l', {
    resources: share(1, 64),
  })
  expect(Number(stdout)).toBeLessThan(40)
})

test('posix/rlimits are seen inside (row 6-020)', async () => {
  const rlimits = [{ type: RLimitInfoRLimitType.RLMT_NOFILE, hard: 100n, soft: 90n }, { type: RLimitInfoRLimitType.RLMT_CORE }]
  const { stdout } = await place.run('ulimit -Hn; ulimit -Sn; ulimit -c', {
    container: { type: ContainerInfoType.MESOS, rlimitInfo: { rlimits } },
  })
  expect(stdout.split('\n').slice(0, 3)).toEqual(['100', '90', 'unlimited'])
})
