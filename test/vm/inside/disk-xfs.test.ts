/** Project quotas of XFS (row 6-047): test hosts rarely have a kernel with them. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import { containerResources } from '#containerizer/resources.js'
import { ContainerInfoType, ImageType, TaskStatusReason, ValueType } from '#wire/mesos.js'
import { Workplace } from '../../kernel/containerizer/workplace.js'
import { busyboxRoot } from '../../perf/rootfs.js'

const MEGABYTE = 1024 * 1024
const DISK = '/dev/vdd'
const MOUNTED = '/mnt/xfs'
const LONG = { timeout: 60_000 }

let place: Workplace

const open = async (...flags: string[]): Promise<void> => {
  place = await Workplace.on(
    MOUNTED,
    '--isolation=filesystem/linux,namespaces/pid,disk/xfs',
    '--container_disk_watch_interval=100ms',
    '--enforce_container_disk_quota',
    ...flags,
  )
}

beforeAll(() => {
  // The machine has nobody who would load it when it is needed.
  execFileSync('busybox', ['modprobe', 'xfs'])
  mkdirSync(MOUNTED, { recursive: true })
  execFileSync('mkfs.xfs', ['-q', '-f', DISK])
  execFileSync('mount', ['-o', 'prjquota', DISK, MOUNTED])
})
afterEach(() => place.close())
afterAll(() => void execFileSync('umount', [MOUNTED]))

const scalar = (name: string, value: number) => ({ name, type: ValueType.SCALAR, scalar: { value } })
const disk = (megabytes: number) => ({
  resources: containerResources([{ resources: [scalar('cpus', 0.1), scalar('mem', 64), scalar('disk', megabytes)] }]),
})
const write = (file: string, megabytes: number): string => `dd if=/dev/zero of=${file} bs=1048576 count=${megabytes}`
const sizeOf = (config: ContainerConfig, file: string): number => statSync(join(config.sandbox, file)).size / MEGABYTE

/** What the file system's own tool says of all projects: number, used and hard limit in kilobytes. */
function report(): Map<number, { used: number; hard: number }> {
  const text = execFileSync('xfs_quota', ['-x', '-c', 'report -p -n -N -b', MOUNTED], { encoding: 'utf8' })
  const lines = text.split('\n').map((line) => /^#(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/.exec(line))
  return new Map(
    lines
      .filter((found) => found !== null)
      .map(([, id, used, , hard]) => [Number(id), { used: Number(used), hard: Number(hard) }]),
  )
}

// Nothing can be said any more when the disk is used up: what the task has to say comes when it has made room.
test('who has used up its disk cannot write on, and is not ended', async () => {
  await open()
  const config = place.config(
    `${write('big', 20)}; status=$?; rm big; ${write('kept', 9)}; echo status $status; sleep 1000`,
    disk(10),
  )
  await place.start(config)
  await expect.poll(() => place.output(config), LONG).toBe('status 1\n')
  expect(report().get(5000)?.hard).toBe(10 * 1024)
  expect(report().get(5000)?.used).toBeGreaterThan(9 * 1024)
  await expect
    .poll(async () => Number((await place.containerizer.usage(config.id)).diskUsedBytes), LONG)
    .toBeLessThan(9.5 * MEGABYTE)
  expect((await place.containerizer.usage(config.id)).diskLimitBytes).toBe(BigInt(10 * MEGABYTE))
})

test('with --xfs_kill_containers it is ended, and the headroom lets that be seen', async () => {
  await open('--xfs_kill_containers', '--xfs_quota_headroom=5MB')
  const config = place.config(`${write('big', 12)}; sleep 1000`, disk(10))
  await place.start(config)
  const { reason, message } = await place.containerizer.wait(config.id)
  expect(reason).toBe(TaskStatusReason.REASON_CONTAINER_LIMITATION_DISK)
  expect(message).toMatch(/^Disk usage \(1\d+KB\) exceeds quota \(10MB\)$/)
})

test('what is written to the root of an image counts as well', async () => {
  await open()
  const root = busyboxRoot(join(place.directory, 'image'))
  const container = { type: ContainerInfoType.MESOS, mesos: { image: { type: ImageType.DOCKER, docker: { name: root } } } }
  const fill = '/bin/busybox dd if=/dev/zero of=/tmp/big bs=1048576 count=20; status=$?'
  // Moving asks for room in another directory, of the same project.
  const move = '/bin/busybox mv /tmp/big /big; moved=$?; /bin/busybox rm /big'
  const { stdout } = await place.run(`${fill}; ${move}; echo $status $moved`, { ...disk(10), container })
  expect(stdout).toBe('1 0\n')
})

test('an update raises the limit, also by an agent that came back', async () => {
  await open()
  const script = `${write('one', 12)} || mv one failed; while [ ! -e more ]; do sleep 0.1; done; ${write('two', 12)}; echo done; sleep 1000`
  const config = place.config(script, disk(10))
  await place.start(config)
  await expect.poll(() => existsSync(join(config.sandbox, 'failed')), LONG).toBe(true)
  await place.restart([config])
  await place.containerizer.update(config.id, disk(40).resources)
  execFileSync('touch', [join(config.sandbox, 'more')])
  await expect.poll(() => place.output(config), LONG).toBe('done\n')
  expect(sizeOf(config, 'two')).toBe(12)
})

test('a project is free again when its sandbox is gone, and not before; then the range may be too small', async () => {
  await open('--xfs_project_range=[7000-7001]')
  const configs = [1, 2, 3].map(() => place.config('echo x >file', disk(10)))
  const [first, second, third] = configs as [ContainerConfig, ContainerConfig, ContainerConfig]
  for (const config of [first, second]) {
    await place.start(config)
    await place.containerizer.wait(config.id)
    await place.containerizer.destroy(config.id)
  }
  expect([...report().keys()].filter((id) => id >= 7000).sort()).toEqual([7000, 7001])
  expect(report().get(7000)?.hard).toBe(0)
  // Also for an agent that knows nothing of either.
  await place.restart()
  await expect(place.containerizer.clone(third)).rejects.toThrow('could not find a project for')
  rmSync(first.sandbox, { recursive: true })
  await place.start(third)
  await place.containerizer.wait(third.id)
  await place.containerizer.destroy(third.id)
})

test('without the mount option the sentence says so', async () => {
  await open()
  const other = await place.containerizer
    .clone({ ...place.config('true', disk(10)), sandbox: '/tmp/not-on-xfs' })
    .catch((error) => error)
  rmSync('/tmp/not-on-xfs', { recursive: true })
  expect(String(other)).toContain('could not use project quotas on the file system of /tmp/not-on-xfs')
})
