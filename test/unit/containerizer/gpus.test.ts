import { describe, expect, test } from 'vitest'
import { cdiEdits } from '#containerizer/devices/cdi.js'
import { driverFiles } from '#containerizer/devices/driver-files.js'
import { GpuPool } from '#containerizer/devices/gpu-pool.js'
import { gpuDevicesProblem, offeredGpus, selectedGpus } from '#containerizer/devices/gpu-selection.js'
import { gpuNvidia } from '#containerizer/isolators/gpu-nvidia.js'
import type { Gpu } from '#wire/native.js'
import { config, flags, hostOf, hybrid, MemoryFiles, prepared, resources, rootAt } from './fixture.js'

const gpu = (index: number): Gpu => ({ index, uuid: `GPU-${index}`, minor: 10 + index, pciBusId: `00000000:0${index}:00.0` })
const gpus = [gpu(0), gpu(1), gpu(2)]
const uuids = (some: readonly Gpu[]) => some.map(({ uuid }) => uuid)

describe('the GPUs of an agent (row 6-048)', () => {
  test('are all, or those of --nvidia_gpu_devices, as many as --resources names', () => {
    expect(uuids(selectedGpus(gpus, '2,0'))).toEqual(['GPU-2', 'GPU-0'])
    expect(offeredGpus(gpus, undefined, undefined)).toBe(3)
    expect(offeredGpus(gpus, undefined, 2)).toBe(2)
    expect(offeredGpus(gpus, '1,2', 2)).toBe(2)
  })
  test('must fit each other', () => {
    expect(() => offeredGpus(gpus, '0', undefined)).toThrow('--nvidia_gpu_devices needs as many gpus in --resources')
    expect(() => offeredGpus(gpus, '0', 2)).toThrow('2 gpus are more than the 1 of this host')
    expect(() => offeredGpus(gpus, '0,1', 1)).toThrow('--resources: 1 gpus, but --nvidia_gpu_devices names 2')
    expect(() => offeredGpus(gpus, undefined, 4)).toThrow('4 gpus are more than the 3 of this host')
    expect(() => selectedGpus(gpus, '3')).toThrow('there is no GPU 3, this host has 3')
    expect([gpuDevicesProblem('0,0'), gpuDevicesProblem('GPU-1'), gpuDevicesProblem(' 0, 1')]).toEqual([
      'names a GPU twice',
      'is no list of numbers such as 0,1',
      undefined,
    ])
  })
})

describe('the pool', () => {
  test('gives no GPU to two', () => {
    const pool = new GpuPool(gpus)
    expect(uuids(pool.grow('a', 2))).toEqual(['GPU-0', 'GPU-1'])
    expect(() => pool.grow('b', 2)).toThrow('2 gpus are wanted and 1 are free')
    expect(uuids(pool.grow('b', 1))).toEqual(['GPU-2'])
    pool.shrink('a', 1)
    expect(uuids(pool.grow('b', 2))).toEqual(['GPU-2', 'GPU-1'])
    pool.release('a')
    expect(uuids(pool.grow('c', 1))).toEqual(['GPU-0'])
  })
  test('nor one that a container of an earlier agent has, nor any while that is not known', () => {
    const pool = new GpuPool(gpus)
    pool.remember('old', ['GPU-1', 'GPU-gone'])
    expect(uuids(pool.grow('a', 2))).toEqual(['GPU-0', 'GPU-2'])
    pool.release('a')
    pool.remember('older', undefined)
    expect(() => pool.grow('a', 1)).toThrow('container older of an earlier agent has GPUs, and it is not known which')
    pool.release('older')
    expect(pool.grow('a', 1)).toHaveLength(1)
  })
})

function filesWithDriver(): MemoryFiles {
  const files = new MemoryFiles()
  for (const [path, major, minor] of [
    ['/dev/nvidiactl', 195, 255],
    ['/dev/nvidia-uvm', 511, 0],
    ...gpus.map(({ minor }) => [`/dev/nvidia${minor}`, 195, minor] as const),
  ] as const) {
    files.devices.set(path, { kind: 'c', major, minor })
  }
  return files
}

describe('gpu/nvidia', () => {
  const asking = (count: number | undefined, id = 'c1', directory?: string) =>
    prepared({
      config: config({ id, resources: resources({ gpus: count }) }),
      root: directory === undefined ? undefined : rootAt(directory),
    })
  const made = (files = filesWithDriver(), ...argv: string[]) =>
    gpuNvidia.create({ host: hostOf({ ...hybrid, gpus }), files, flags: flags('--isolation=gpu/nvidia', ...argv) })

  test('who asks for none gets nothing, who asks for part of one is refused (T157)', async () => {
    const isolator = made()
    expect(await isolator.prepare!(asking(undefined))).toEqual({})
    await expect(async () => isolator.prepare!(asking(0.5))).rejects.toThrow('0.5 gpus: a GPU cannot be divided')
  })

  test('devices of as many as were asked for, and of the driver; nodes only in a root of its own', async () => {
    const isolator = made()
    const fragment = await isolator.prepare!(asking(2))
    const numbers = fragment.cgroups?.settings?.devices?.rules?.map(({ major, minor }) => `${major}:${minor}`)
    expect(numbers).toEqual(['195:255', '511:0', '195:10', '195:11'])
    expect(fragment.devices).toBeUndefined()
    expect(fragment.environment).toEqual({ NVIDIA_VISIBLE_DEVICES: 'GPU-0,GPU-1' })
    const own = await isolator.prepare!(asking(1, 'c2', '/image'))
    expect(own.devices?.map(({ path }) => path)).toEqual(['/dev/nvidiactl', '/dev/nvidia-uvm', '/dev/nvidia12'])
  })

  test('what is held is written before the task may run, and found again', async () => {
    const files = filesWithDriver()
    const [before, container] = [made(files), asking(2)]
    await before.prepare!(container)
    await before.isolate!(container, {} as never)
    const after = made(files)
    await after.recover!(container)
    await expect(async () => after.prepare!(asking(2, 'c2'))).rejects.toThrow('2 gpus are wanted and 1 are free')
    await after.cleanup!('c1')
    expect(await after.prepare!(asking(3, 'c2'))).toBeTruthy()
  })

  test('an update takes a GPU away before another gets it', async () => {
    const isolator = made()
    await isolator.prepare!(asking(3))
    const less = await isolator.update!(asking(3), resources({ gpus: 1 }))
    expect(less?.devices?.rules?.filter(({ major }) => major === 195).map(({ minor }) => minor)).toEqual([255, 10])
    await expect(async () => isolator.prepare!(asking(1, 'c2'))).rejects.toThrow('1 gpus are wanted and 0 are free')
    await isolator.updated!(asking(3), resources({ gpus: 1 }))
    expect(await isolator.prepare!(asking(2, 'c2'))).toBeTruthy()
    await expect(async () => isolator.update!(asking(1, 'c1', '/image'), resources({ gpus: 2 }))).rejects.toThrow(
      'root of its own',
    )
  })
})

test('the driver is what belongs to it, each name once, in a root of its own', async () => {
  const files = new MemoryFiles()
  const names = ['libcuda.so.1', 'libnvidia-ml.so.1', 'libGLX_nvidia.so.0', 'libcudart.so.12', 'libc.so.6']
  for (const name of names) files.texts.set(`/a/${name}`, '')
  files.texts.set('/b/libcuda.so.1', '')
  files.texts.set('/b/nvidia-smi', '')
  const { mounts, environment } = await driverFiles('/a:/b', files)
  expect(mounts.map(({ source, target }) => `${source} ${target}`)).toEqual([
    '/a/libcuda.so.1 /usr/local/nvidia/lib64/libcuda.so.1',
    '/a/libnvidia-ml.so.1 /usr/local/nvidia/lib64/libnvidia-ml.so.1',
    '/a/libGLX_nvidia.so.0 /usr/local/nvidia/lib64/libGLX_nvidia.so.0',
    '/b/nvidia-smi /usr/local/nvidia/bin/nvidia-smi',
  ])
  expect(mounts.every(({ readOnly }) => readOnly)).toBe(true)
  expect(environment).toEqual({ LD_LIBRARY_PATH: '/usr/local/nvidia/lib64' })
})

describe('CDI files', () => {
  const spec = (over: object = {}) => ({
    cdiVersion: '0.6.0',
    kind: 'nvidia.com/gpu',
    devices: [
      { name: '0', containerEdits: { deviceNodes: [{ path: '/dev/nvidia10' }] } },
      {
        name: 'GPU-1',
        containerEdits: { deviceNodes: [{ path: '/dev/gpu', type: 'c', major: 195, minor: 11, permissions: 'r' }] },
      },
    ],
    containerEdits: {
      env: ['NVIDIA_MODE=cdi=1'],
      mounts: [
        { hostPath: '/usr/lib/libcuda.so.1', containerPath: '/usr/lib64/libcuda.so.1', options: ['ro', 'nosuid', 'bind'] },
      ],
    },
    ...over,
  })
  const edits = (content: object | string, some = gpus.slice(0, 2)) => {
    const files = filesWithDriver()
    files.texts.set('/etc/cdi/nvidia.json', typeof content === 'string' ? content : JSON.stringify(content))
    return cdiEdits(some, '/etc/cdi:/var/run/cdi', files)
  }

  test('say what a container gets, by index or UUID', async () => {
    const found = await edits(spec())
    expect(found.environment).toEqual({ NVIDIA_MODE: 'cdi=1' })
    expect(found.nodes.map(({ path, major, minor }) => [path, major, minor])).toEqual([
      ['/dev/nvidia10', 195, 10],
      ['/dev/gpu', 195, 11],
    ])
    expect(found.rules.map(({ access }) => access)).toEqual(['rw', 'r'])
    expect(found.mounts).toEqual([
      { source: '/usr/lib/libcuda.so.1', target: '/usr/lib64/libcuda.so.1', readOnly: true, shallow: true },
    ])
  })

  test.each([
    ['{', /^CDI file \/etc\/cdi\/nvidia.json: /],
    [spec({ devices: [{ name: '0' }] }), 'it.devices[0] has no containerEdits'],
    [spec({ surprise: 1 }), 'it has a field surprise that is not known'],
    [spec({ containerEdits: { env: ['x'] } }), 'it.containerEdits.env[0] is not NAME=value'],
    [
      spec({ containerEdits: { mounts: [{ hostPath: 'a', containerPath: '/b' }] } }),
      'mounts[0].hostPath is not an absolute path',
    ],
    [spec({ containerEdits: { hooks: [{}] } }), 'hooks are not supported by this agent; generate it without them'],
    [spec({ kind: 'other.com/gpu' }), 'no CDI file in /etc/cdi:/var/run/cdi knows GPU GPU-0 of kind nvidia.com/gpu'],
    [spec({ devices: [] }), 'knows GPU GPU-0'],
  ])('what is wrong or not supported is a sentence: %j', async (content, sentence) => {
    await expect(edits(content)).rejects.toThrow(sentence)
  })
})
