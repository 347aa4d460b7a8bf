import { existsSync, statSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import type { ImageStore } from '#containerizer/images/image-store.js'
import { ContainerInfoType, ImageType } from '#wire/mesos.js'
import { ImagePlace } from './place.js'

let place: ImagePlace
afterEach(() => place.close())

const store = (): ImageStore => place.workplace.containerizer.images!
const withImage = (name: string): Partial<ContainerConfig> => ({
  container: { type: ContainerInfoType.MESOS, mesos: { image: { type: ImageType.DOCKER, docker: { name } } } },
})

describe('no user of the host can walk into the store, and containers run out of it (S75)', () => {
  const ISOLATION = 'filesystem/linux,namespaces/pid'
  test.each([
    ['overlay', ISOLATION],
    ['copy', ISOLATION],
    ['overlay', `${ISOLATION},namespaces/user`],
  ])('by %s, isolated by %s', async (backend, isolation) => {
    const before = process.umask(0)
    try {
      place = await ImagePlace.open(`--image_provisioner_backend=${backend}`, `--isolation=${isolation}`)
      const layout = await place.layout('web', { Env: ['PATH=/bin'] })
      const { stdout, stderr, termination } = await place.run(
        layout,
        'id -u; cat /etc/from; stat -c %u:%g /bin/busybox /etc/from',
        { user: 'nobody' },
      )
      expect({ stdout, stderr, termination }).toEqual({
        stdout: '65534\nweb\n0:0\n0:0\n',
        stderr: '',
        termination: { waitStatus: 0 },
      })
      const [image] = await store().list()
      const [top] = (await store().inspect(image!.name)).image.layers
      for (const directory of [place.path('store'), place.path('store/layers'), join(top!, '..')]) {
        expect(statSync(directory).mode & 0o777).toBe(0o700)
      }
    } finally {
      process.umask(before)
    }
  })
})

test('an image that is here starts without what it came from, for the next agent too', async () => {
  place = await ImagePlace.open()
  const layout = await place.layout('web', { Env: ['PATH=/bin'] })
  expect((await place.run(`file://${layout}`, 'cat /etc/from')).stdout).toBe('web\n')
  expect((await place.run(layout, 'cat /etc/from')).stdout).toBe('web\n')
  await rm(layout, { recursive: true })
  expect((await place.run(layout, 'cat /etc/from')).stdout).toBe('web\n')
  await expect(place.run(`${layout}-not`, 'true')).rejects.toThrow(`image directory ${layout}-not does not exist on this agent`)
  expect((await place.run(`file://${layout}`, 'cat /etc/from')).stdout).toBe('web\n')
  await place.workplace.restart()
  expect((await place.run(`file://${layout}`, 'cat /etc/from')).stdout).toBe('web\n')
})

test('what a container runs on outlives pruning and its agent, and goes after it', async () => {
  place = await ImagePlace.open()
  const layout = await place.layout('web', { Env: ['PATH=/bin'] })
  const config = place.workplace.config('while ! test -e go; do sleep 0.1; done; cat /etc/from', withImage(layout))
  await place.workplace.start(config)
  const [image] = await store().list()
  expect(image?.containers).toEqual([config.id])
  const { layers } = (await store().inspect(image!.name)).image
  expect(await store().prune([])).toMatchObject({ images: [], layers: 0 })
  await place.workplace.restart([config])
  expect(await store().prune([])).toMatchObject({ images: [], layers: 0 })
  expect(layers.map((path) => existsSync(path))).toEqual([true, true])

  await writeFile(join(config.sandbox, 'go'), '')
  expect(await place.workplace.containerizer.wait(config.id)).toEqual({ waitStatus: 0 })
  expect(await place.workplace.output(config)).toBe('web\n')
  await place.workplace.containerizer.destroy(config.id)
  expect(await store().prune([])).toMatchObject({ layers: 2 })
  expect(layers.map((path) => existsSync(path))).toEqual([false, false])
})
