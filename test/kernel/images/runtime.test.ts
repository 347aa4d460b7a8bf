import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ContainerInfoType, ImageType, VolumeMode } from '#wire/mesos.js'
import { changesIn } from '../../support/spares.js'
import { until } from '../../support/waiting.js'
import { ImagePlace } from './place.js'

const ACCOUNTS = {
  'etc/passwd': 'root:x:0:0::/root:/bin/sh\nweb:x:4033:4034::/srv/web:/bin/sh\n',
  'etc/group': 'web:x:4034:\nlogs:x:4050:web\n',
}

let place: ImagePlace
beforeAll(async () => {
  place = await ImagePlace.open()
})
afterAll(() => place.close())

const asRoot = { user: 'root', userIsDefault: true }

describe('USER of an image (row 9-067)', () => {
  test('is who the task of a framework of root is, with the sandbox as his', async () => {
    const layout = await place.layout('user', { User: 'web', Env: ['PATH=/bin'] }, ACCOUNTS)
    const { stdout, stderr } = await place.run(layout, `id -u; id -G; echo $HOME; pwd; touch here && stat -c %u here`, asRoot)
    expect(stderr).toBe('')
    expect(stdout).toBe('4033\n4034 4050\n/srv/web\n/mnt/mesos/sandbox\n4033\n')
  })

  test('does not count where the command names one', async () => {
    const layout = await place.layout('named', { User: 'web' }, ACCOUNTS)
    expect((await place.run(layout, 'id -u', { user: 'root' })).stdout).toBe('0\n')
  })

  test('who is not in the image is refused in a sentence', async () => {
    const layout = await place.layout('nobody', { User: 'ann' }, ACCOUNTS)
    await expect(place.run(layout, 'true', asRoot)).rejects.toThrow(
      /USER of the image names "ann", who is not in its \/etc\/passwd/,
    )
  })
})

test('variables of the image, its PATH and its directory; the task has the last word (row 6-086)', async () => {
  const layout = await place.layout(
    'env',
    { Env: ['PATH=/own:/bin', 'A=image', 'B=image'], WorkingDir: '/etc' },
    { 'own/tool': '#!/bin/sh\necho tool\n' },
  )
  const variables = [{ name: 'B', value: 'task' }]
  const { stdout } = await place.run(layout, { value: 'echo $PATH $A $B $MESOS_SANDBOX; pwd', environment: { variables } })
  expect(stdout).toBe('/own:/bin image task /mnt/mesos/sandbox\n/etc\n')
})

test.each(['/srv/deep/app', 'srv/deep/app'])(
  'a directory that the image names and does not have is made: %s',
  async (WorkingDir) => {
    const layout = await place.layout(`start${WorkingDir.replaceAll('/', '-')}`, { WorkingDir }, { 'etc/keep': '' })
    const { stdout } = await place.run(layout, 'pwd -P; stat -c %a-%u .')
    expect(stdout).toBe(`${join('/', WorkingDir)}\n755-0\n`)
  },
)

test('nothing of an image reaches what runs outside of it (S76)', async () => {
  const evil = place.path('evil')
  const layout = await place.layout('evil', {
    Env: [`LD_PRELOAD=${evil}`, 'PATH=/evil:/bin', `NODE_OPTIONS=--require=${evil}`],
    WorkingDir: '/etc',
  })
  const config = place.workplace.config(
    { shell: false, value: '/bin/busybox', arguments: ['busybox', 'sleep', '1000'] },
    place.image(layout),
  )
  await place.workplace.start(config)
  const { executorPid } = await place.workplace.containerizer.status(config.id)
  const supervisor = await parentOf(executorPid!)
  for (const pid of [executorPid!, supervisor]) expect(await environmentOf(pid)).not.toContain('evil')
  await place.workplace.containerizer.destroy(config.id)
})

describe('STOPSIGNAL (row 9-071)', () => {
  const trap = 'trap "echo quit; exit 3" QUIT; trap "echo term; exit 4" TERM; echo ready; while :; do sleep 0.05; done'
  test.each([
    ['SIGQUIT', 'ready\nquit\n'],
    [undefined, 'ready\nterm\n'],
  ])('%s', async (StopSignal, output) => {
    const layout = await place.layout(`stop-${StopSignal}`, { ...(StopSignal && { StopSignal }), Env: ['PATH=/bin'] })
    const config = place.workplace.config(trap, place.image(layout))
    await place.workplace.start(config)
    await expect.poll(() => place.workplace.output(config)).toBe('ready\n')
    expect(await place.workplace.containerizer.stop(config.id)).toBe(true)
    await place.workplace.containerizer.wait(config.id)
    expect(await place.workplace.output(config)).toBe(output)
    await place.workplace.containerizer.destroy(config.id)
  })
})

describe('VOLUME of an image (row 9-071)', () => {
  const config = { Volumes: { '/data': {}, '/new/deep': {} }, Env: ['PATH=/bin'] }

  test('is a directory on the disk, with what the image has there, and goes with the container', async () => {
    const layout = await place.layout('volume', config, { 'data/seed': 'seed\n' })
    const script =
      'cat /data/seed; echo x > /data/mine; echo y > /new/deep/mine; grep -c "@volumes/volume-0 /data " /proc/self/mountinfo'
    const { stdout, termination } = await place.run(layout, script)
    expect(termination.message).toBeUndefined()
    expect(stdout).toBe('seed\n1\n')
    expect(termination).toEqual({ waitStatus: 0 })
    expect((await place.run(layout, 'ls /data /new/deep')).stdout).toBe('/data:\nseed\n\n/new/deep:\n')
    await expect.poll(() => changesIn(place.path('scratch'))).toEqual([])
  })

  test('gives way to a volume of the task', async () => {
    const layout = await place.layout('given', config, { 'data/seed': 'seed\n' })
    const volume = { mode: VolumeMode.RW, containerPath: '/data', hostPath: 'own' }
    const info = { container: { ...place.image(layout).container, volumes: [volume] } }
    expect((await place.run(layout, 'ls /data; touch /data/x; ls $MESOS_SANDBOX/own', info)).stdout).toBe('x\n')
  })
})

describe('an image as a volume', () => {
  const volume = (layout: string, mode: VolumeMode, containerPath = '/tools') => ({
    mode,
    containerPath,
    image: { type: ImageType.DOCKER, docker: { name: layout } },
  })

  test('in a container with another image, and in one without', async () => {
    const root = await place.layout('root', { Env: ['PATH=/bin'] })
    const tools = await place.layout('tools', {}, { 'data/seed': 'seed\n' })
    const inside = { container: { ...place.image(root).container, volumes: [volume(tools, VolumeMode.RO)] } }
    const { stdout, stderr, termination } = await place.run(
      root,
      'cat /etc/from /tools/etc/from /tools/image-file; touch /tools/x',
      inside,
    )
    expect(termination.message).toBeUndefined()
    expect(stdout).toBe('root\ntools\nfrom the image\n')
    expect(stderr).toMatch(/Read-only file system/)
    const without = { type: ContainerInfoType.MESOS, volumes: [volume(tools, VolumeMode.RO, 'tools')] }
    expect((await place.workplace.run('cat tools/etc/from', { container: without })).stdout).toBe('tools\n')
  })

  test('takes writes, which vanish with the container', async () => {
    const root = await place.layout('root-rw', { Env: ['PATH=/bin'] })
    const tools = await place.layout('tools-rw', {})
    const info = { container: { ...place.image(root).container, volumes: [volume(tools, VolumeMode.RW)] } }
    for (const _ of ['first', 'second']) {
      const { stdout, stderr } = await place.run(root, 'ls /tools; echo x > /tools/mine; rm /tools/image-file; ls /tools', info)
      expect(stderr).toBe('')
      expect(stdout).toBe('bin\netc\nimage-file\nbin\netc\nmine\n')
    }
    await expect.poll(() => changesIn(place.path('scratch'))).toEqual([])
  })
})

test('a container of an earlier agent keeps its image, whatever its name stands for by now', async () => {
  const layout = await place.layout('kept', { StopSignal: 'SIGUSR1', Env: ['PATH=/bin'] })
  const config = place.workplace.config('trap "echo usr1; exit 0" USR1; while :; do sleep 0.05; done', place.image(layout))
  await place.workplace.start(config)
  await until(async () => (await place.workplace.containerizer.status(config.id)).executorPid !== undefined, 30)
  const { live } = await place.workplace.restart([config])
  expect(live).toEqual([config.id])
  const images = place.workplace.containerizer.images!
  expect(await images.prune([])).toMatchObject({ images: expect.not.arrayContaining([layout]) })
  expect((await images.list()).find(({ name }) => name === layout)?.containers).toEqual([config.id])
  await place.workplace.containerizer.stop(config.id)
  await place.workplace.containerizer.wait(config.id)
  expect(await place.workplace.output(config)).toBe('usr1\n')
  await place.workplace.containerizer.destroy(config.id)
  expect((await images.prune([])).images).toContain(layout)
  await expect.poll(() => readdir(join(place.path('store'), 'layers'))).toEqual([])
})

const parentOf = async (pid: number): Promise<number> =>
  Number(/^PPid:\t(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1])
const environmentOf = (pid: number): Promise<string> => readFile(`/proc/${pid}/environ`, 'utf8')
