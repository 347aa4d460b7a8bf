import { chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import { ContainerInfoType, ImageType, type Volume, VolumeMode, VolumeSourceType } from '#wire/mesos.js'
import { busyboxRoot } from '../../perf/rootfs.js'
import { Workplace } from '../containerizer/workplace.js'

const FIRST = 1_500_000_000
const FLAGS = [
  '--isolation=filesystem/linux,namespaces/pid,namespaces/ipc,namespaces/user,cgroups/pids',
  `--userns_range=${FIRST}:${3 * 65_536}`,
]

let place: Workplace

beforeEach(async () => {
  place = await Workplace.open(...FLAGS)
})
afterEach(() => place.close())

const baseOf = async ({ sandbox }: ContainerConfig): Promise<number> => (await stat(sandbox)).uid

async function started(): Promise<ContainerConfig> {
  const config = place.config('sleep 1000')
  await place.start(config)
  return config
}

test('each container has ids of its own, also beside those that an earlier agent started', async () => {
  const configs = [await started(), await started()]
  expect(await Promise.all(configs.map(baseOf))).toEqual([FIRST, FIRST + 65_536])
  await place.restart(configs)
  const third = await started()
  expect(await baseOf(third)).toBe(FIRST + 2 * 65_536)
  await expect(place.containerizer.clone(place.config('true'))).rejects.toThrow(
    `Failed to launch container: all ids of --userns_range=${FIRST}:196608 are taken by other containers`,
  )
  await place.containerizer.destroy(configs[0]!.id)
  expect(await baseOf(await started())).toBe(FIRST)
})

test('an image and a volume look inside as they do on disk; what the task writes in its sandbox is its own', async () => {
  const image = busyboxRoot(join(place.directory, 'image'))
  const volume = join(place.directory, 'volume')
  await mkdir(volume)
  await writeFile(join(volume, 'of-1000'), 'x')
  await chown(join(volume, 'of-1000'), 1000, 1000)
  const volumes: Volume[] = [
    { containerPath: '/volume', mode: VolumeMode.RW, source: { type: VolumeSourceType.HOST_PATH, hostPath: { path: volume } } },
  ]
  const container = {
    type: ContainerInfoType.MESOS,
    mesos: { image: { type: ImageType.DOCKER, docker: { name: image } } },
    volumes,
  }
  const script = 'busybox stat -c %u / /bin/busybox /volume/of-1000 /mnt/mesos/sandbox; busybox id -u; busybox touch mine'
  const config = place.config(script, { container })
  await place.start(config)
  const termination = await place.containerizer.wait(config.id)
  expect([termination, await place.output(config, 'stderr')]).toEqual([{ waitStatus: 0 }, ''])
  expect(await place.output(config)).toBe('0\n0\n1000\n0\n0\n')
  expect((await stat(join(config.sandbox, 'mine'))).uid).toBe(FIRST)
  expect(await readFile(join(volume, 'of-1000'), 'utf8')).toBe('x')
})
