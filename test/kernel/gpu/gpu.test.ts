import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { containerResources } from '#containerizer/resources.js'
import { openRealHost } from '#host/real-host.js'
import { ContainerInfoType, ImageType, ValueType } from '#wire/mesos.js'
import { busyboxRoot } from '../../perf/rootfs.js'
import { Workplace } from '../containerizer/workplace.js'

/**
 * Two GPUs that a stub of the management library tells of, and nodes of devices that anybody may open, under the names of the driver's: what a task
 * can open is up to the kernel's device rules then.
 */
const NODES: readonly (readonly [path: string, major: number, minor: number])[] = [
  ['/dev/nvidiactl', 10, 237], // loop-control
  ['/dev/nvidia-uvm', 10, 183], // hw_random
  ['/dev/nvidia0', 1, 11], // kmsg
  ['/dev/nvidia1', 10, 229], // fuse
]
const realDriver = existsSync('/proc/driver/nvidia') || NODES.some(([path]) => existsSync(path))

let place: Workplace
let library: string
const isolation = '--isolation=filesystem/linux,namespaces/pid,cgroups/devices,gpu/nvidia'

beforeAll(async () => {
  place = await Workplace.open('--isolation=filesystem/linux')
  library = join(place.directory, 'libnvidia-ml.so.1')
  if (compiler) execFileSync('gcc', ['-shared', '-fPIC', '-o', library, join(import.meta.dirname, 'nvml-stub.c')])
  if (!realDriver)
    for (const [path, major, minor] of NODES) execFileSync('mknod', ['-m', '666', path, 'c', String(major), String(minor)])
})
afterAll(async () => {
  if (!realDriver) for (const [path] of NODES) rmSync(path, { force: true })
  await place?.close()
})

const withGpus = (...flags: string[]) => Workplace.open(isolation, `--nvidia_management_library=${library}`, ...flags)

const scalar = (name: string, value: number) => ({ name, type: ValueType.SCALAR, scalar: { value } })
const gpus = (count: number) => ({
  resources: containerResources([
    { resources: [scalar('cpus', 0.1), scalar('mem', 64), ...(count ? [scalar('gpus', count)] : [])] },
  ]),
})
/** The devices that can be opened, of all that are there. */
const TRY = 'for d in /dev/nvidia*; do if true <$d; then echo $d; fi 2>/dev/null; done'
const image = (root: string) => ({
  container: { type: ContainerInfoType.MESOS, mesos: { image: { type: ImageType.DOCKER, docker: { name: root } } } },
})

const compiler = spawnSync('gcc', ['--version']).status === 0
const missing = realDriver
  ? 'a real driver is loaded, so there is no place for stubs'
  : compiler
    ? undefined
    : 'no C compiler for the stub'

describe('gpu/nvidia (row 6-048, T157)', () => {
  beforeEach(({ skip }) => {
    if (missing !== undefined) skip(missing)
  })

  test('none asked for, none to be had; one asked for, one to be had', async () => {
    const agent = await withGpus()
    expect((await agent.run(TRY, gpus(0))).stdout).toBe('')
    const one = await agent.run(`${TRY}; echo $NVIDIA_VISIBLE_DEVICES`, gpus(1))
    expect(one.stdout.split('\n')).toEqual([
      '/dev/nvidia-uvm',
      '/dev/nvidia1',
      '/dev/nvidiactl',
      'GPU-00000000-0000-4000-8000-000000000000',
      '',
    ])
    expect((await agent.run(TRY, gpus(2))).stdout.match(/nvidia\d/g)).toEqual(['nvidia0', 'nvidia1'])
    await expect(agent.run(TRY, gpus(0.5))).rejects.toThrow('0.5 gpus: a GPU cannot be divided')
    await agent.close()
  })

  test('no GPU is given to two, nor by the next agent', async () => {
    const agent = await withGpus()
    const first = agent.config('sleep 1000', gpus(1))
    await agent.start(first)
    expect((await agent.run(TRY, gpus(1))).stdout).toContain('/dev/nvidia0')
    await agent.restart([first])
    await expect(agent.run(TRY, gpus(2))).rejects.toThrow('2 gpus are wanted and 1 are free')
    expect((await agent.run(TRY, gpus(1))).stdout.match(/nvidia\d/g)).toEqual(['nvidia0'])
    await agent.containerizer.destroy(first.id)
    expect((await agent.run(TRY, gpus(2))).stdout.match(/nvidia\d/g)).toEqual(['nvidia0', 'nvidia1'])
    await agent.close()
  })

  test('an update gives and takes GPUs of a running container', async () => {
    const agent = await withGpus()
    const config = agent.config(
      `while :; do read -r round <rounds || continue; { echo $round; ${TRY}; } >$round; mv $round $round.done; done`,
      gpus(1),
    )
    mkdirSync(config.sandbox, { recursive: true })
    execFileSync('mkfifo', [join(config.sandbox, 'rounds')])
    await agent.start(config)
    const round = async (name: string) => {
      execFileSync('sh', ['-c', `echo ${name} >rounds`], { cwd: config.sandbox, timeout: 10_000 })
      await expect.poll(() => existsSync(join(config.sandbox, `${name}.done`))).toBe(true)
      return (await agent.output(config, `${name}.done`)).match(/nvidia\d/g)
    }
    expect(await round('one')).toEqual(['nvidia1'])
    await agent.containerizer.update(config.id, gpus(2).resources)
    expect(await round('two')).toEqual(['nvidia0', 'nvidia1'])
    await agent.containerizer.update(config.id, gpus(0).resources)
    expect(await round('none')).toBeNull()
    expect((await agent.run(TRY, gpus(2))).stdout.match(/nvidia\d/g)).toEqual(['nvidia0', 'nvidia1'])
    await agent.close()
  })

  test('a root of its own has nodes of its GPUs only, and the driver read-only', async () => {
    const driver = join(place.directory, 'driver')
    mkdirSync(driver)
    writeFileSync(join(driver, 'libcuda.so.1'), 'the driver')
    const agent = await withGpus(`--nvidia_driver_path=${driver}`)
    const root = busyboxRoot(join(agent.directory, 'image'))
    const show =
      'cat /usr/local/nvidia/lib64/*; (echo x >/usr/local/nvidia/lib64/libcuda.so.1) 2>/dev/null || echo; echo $LD_LIBRARY_PATH'
    const { stdout } = await agent.run(`${TRY}; ${show}`, { ...gpus(1), ...image(root) })
    expect(stdout.split('\n')).toEqual([
      '/dev/nvidia-uvm',
      '/dev/nvidia1',
      '/dev/nvidiactl',
      'the driver',
      '/usr/local/nvidia/lib64',
      '',
    ])
    expect((await agent.run('echo /dev/nvidia*', { ...gpus(0), ...image(root) })).stdout).toBe('/dev/nvidia*\n')
    expect(await readdir(root)).not.toContain('usr')
    await agent.close()
  })

  test('CDI files say what a container gets', async () => {
    const directory = join(place.directory, 'cdi')
    mkdirSync(directory)
    const edits = {
      deviceNodes: [{ path: '/dev/nvidia0' }],
      mounts: [{ hostPath: directory, containerPath: '/cdi', options: ['ro'] }],
    }
    const spec = {
      cdiVersion: '0.6.0',
      kind: 'nvidia.com/gpu',
      devices: [{ name: '0', containerEdits: edits }],
      containerEdits: { env: ['A=b'] },
    }
    writeFileSync(join(directory, 'gpus.json'), JSON.stringify(spec))
    const agent = await withGpus(`--cdi_spec_dirs=${directory}`)
    const root = busyboxRoot(join(agent.directory, 'image'))
    const { stdout } = await agent.run(`${TRY}; echo $A; /bin/busybox ls /cdi`, { ...gpus(1), ...image(root) })
    expect(stdout).toBe('/dev/nvidia0\nb\ngpus.json\n')
    await agent.close()
  })
})

test('a library that is missing ends the start of the agent with a sentence', async () => {
  const host = openRealHost({ runtimeDir: join(place.directory, 'other'), gpuLibrary: '/nowhere/libnvidia-ml.so.1' })
  await expect(host).rejects.toThrow(/could not load \/nowhere\/libnvidia-ml.so.1: .*cannot open shared object file/)
})
