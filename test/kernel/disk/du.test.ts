import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import { containerResources } from '#containerizer/resources.js'
import { ContainerInfoType, ImageType, TaskState, TaskStatusReason, ValueType } from '#wire/mesos.js'
import { busyboxRoot } from '../../perf/rootfs.js'
import { Workplace } from '../containerizer/workplace.js'

const MEGABYTE = 1024 * 1024
const isolation = '--isolation=filesystem/linux,namespaces/pid,cgroups/cpu,cgroups/mem,disk/du'
const often = '--container_disk_watch_interval=20ms'

let place: Workplace
beforeAll(async () => {
  place = await Workplace.open(isolation, often, '--enforce_container_disk_quota')
})
afterAll(() => place.close())

const scalar = (name: string, value: number) => ({ name, type: ValueType.SCALAR, scalar: { value } })
const disk = (megabytes: number) => ({
  resources: containerResources([{ resources: [scalar('cpus', 0.1), scalar('mem', 64), scalar('disk', megabytes)] }]),
})

const used = async (config: ContainerConfig): Promise<number> =>
  Number((await place.containerizer.usage(config.id)).diskUsedBytes ?? 0) / MEGABYTE

const write = (file: string, megabytes: number): string => `dd if=/dev/zero of=${file} bs=1M count=${megabytes} 2>/dev/null`

describe('disk/du (row 6-046, T156)', () => {
  test('who keeps more than it asked for is ended with the reason', async () => {
    const { termination } = await place.run(`${write('big', 12)}; sleep 1000`, disk(10))
    expect(termination).toMatchObject({
      state: TaskState.TASK_FAILED,
      reason: TaskStatusReason.REASON_CONTAINER_LIMITATION_DISK,
      limitation: { resources: [{ name: 'disk', scalar: { value: 10 } }] },
    })
    expect(termination.message).toMatch(/^Disk usage \(1[0-2]\d{3}KB\) exceeds quota \(10MB\)$/)
  })

  test('what it removes, links again or links to does not count', async () => {
    const script = `${write('one', 6)}; ln one two; ln -s /usr usr; ${write('gone', 1)}; rm gone; echo done; sleep 1000`
    const config = place.config(script, disk(8))
    await place.start(config)
    await expect.poll(() => place.output(config)).toBe('done\n')
    await expect.poll(() => used(config)).toBeGreaterThan(5.9)
    await expect.poll(() => used(config)).toBeLessThan(6.5)
    expect((await place.containerizer.usage(config.id)).diskLimitBytes).toBe(BigInt(8 * MEGABYTE))
    await place.containerizer.destroy(config.id)
  })

  test('the upper layer of a root counts too', async () => {
    const root = busyboxRoot(join(place.directory, 'image'))
    const container = { type: ContainerInfoType.MESOS, mesos: { image: { type: ImageType.DOCKER, docker: { name: root } } } }
    const { termination } = await place.run(
      '/bin/busybox dd if=/dev/zero of=/tmp/big bs=1048576 count=12; /bin/busybox sleep 1000',
      {
        ...disk(10),
        container,
      },
    )
    expect(termination.reason).toBe(TaskStatusReason.REASON_CONTAINER_LIMITATION_DISK)
  })

  test('what is mounted in the sandbox has disk of its own', async () => {
    const config = place.config('sleep 1000', disk(8))
    const volume = join(config.sandbox, 'volume')
    execFileSync('mkdir', ['-p', volume])
    execFileSync('mount', ['-t', 'tmpfs', 'volume', volume])
    try {
      execFileSync('sh', ['-c', write('big', 20)], { cwd: volume })
      await place.start(config)
      await expect.poll(() => used(config)).toBeGreaterThan(0)
      expect(await used(config)).toBeLessThan(1)
      await place.containerizer.destroy(config.id)
    } finally {
      execFileSync('umount', [volume])
    }
  })

  test('more disk by an update saves it, less ends it', async () => {
    const config = place.config(`${write('big', 6)}; echo done; sleep 1000`, disk(8))
    await place.start(config)
    await expect.poll(() => used(config)).toBeGreaterThan(5.9)
    await place.containerizer.update(config.id, disk(4).resources)
    expect((await place.containerizer.wait(config.id)).message).toMatch(/exceeds quota \(4MB\)$/)
    await place.containerizer.destroy(config.id)
  })

  test('an agent that comes back goes on watching', async () => {
    const config = place.config(`while [ ! -e go ]; do sleep 0.05; done; ${write('big', 12)}; sleep 1000`, disk(10))
    await place.start(config)
    await place.restart([config])
    execFileSync('touch', [join(config.sandbox, 'go')])
    expect((await place.containerizer.wait(config.id)).reason).toBe(TaskStatusReason.REASON_CONTAINER_LIMITATION_DISK)
    await place.containerizer.destroy(config.id)
  })
})

test('without --enforce_container_disk_quota usage is told, and nothing else', async () => {
  const other = await Workplace.open(isolation, often)
  const config = other.config(`${write('big', 12)}; sleep 1000`, disk(10))
  await other.start(config)
  const usage = () => other.containerizer.usage(config.id)
  await expect.poll(async () => Number((await usage()).diskUsedBytes ?? 0) / MEGABYTE).toBeGreaterThan(11.9)
  expect((await usage()).diskLimitBytes).toBe(BigInt(10 * MEGABYTE))
  expect((await other.containerizer.status(config.id)).executorPid).toBeGreaterThan(0)
  await other.close()
})
