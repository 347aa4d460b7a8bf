import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CommandInfo, ContainerInfo, Volume } from '#wire/mesos.js'
import {
  ContainerInfoType,
  ImageType,
  LinuxInfoIpcMode,
  VolumeMode,
  VolumeSourceSandboxPathType,
  VolumeSourceType,
} from '#wire/mesos.js'
import { busyboxRoot } from '../../perf/rootfs.js'
import { exitCode, Workplace } from './workplace.js'

let place: Workplace
let root: string
let data: string
beforeAll(async () => {
  place = await Workplace.open()
  root = busyboxRoot(join(place.directory, 'image'))
  data = join(place.directory, 'data')
  await mkdir(data)
  await writeFile(join(data, 'file'), 'content')
})
afterAll(() => place.close())

const run = (command: string | CommandInfo, container: Partial<ContainerInfo>) =>
  place.run(command, { container: { type: ContainerInfoType.MESOS, ...container } })

const image = () => ({ image: { type: ImageType.DOCKER, docker: { name: root } } })

const hostVolume = (containerPath: string, mode: VolumeMode = VolumeMode.RW): Volume => ({
  mode,
  containerPath,
  source: { type: VolumeSourceType.HOST_PATH, hostPath: { path: data } },
})

describe('a local directory as image (docs/design/local-rootfs.md)', () => {
  test('is the root, and the sandbox is /mnt/mesos/sandbox', async () => {
    const { stdout } = await run('/bin/busybox ls /; pwd; echo $MESOS_SANDBOX', { mesos: image() })
    const lines = stdout.trim().split('\n')
    expect(lines).toEqual(expect.arrayContaining(['bin', 'mnt', 'proc']))
    expect(lines).not.toContain('work')
    expect(lines.slice(-2)).toEqual(['/mnt/mesos/sandbox', '/mnt/mesos/sandbox'])
  })

  test('what a task writes vanishes with it', async () => {
    expect(exitCode(await run('echo x > /etc/x && cat /etc/x', { mesos: image() }))).toBe(0)
    expect(await readdir(join(root, 'etc'))).toEqual([])
  })

  test('two tasks use it at once without seeing each other', async () => {
    const write = 'echo x > /tmp/$0; cat /tmp/$0; /bin/busybox ls /tmp'
    const outcomes = await Promise.all(
      ['a', 'b'].map((name) => run({ shell: false, value: '/bin/sh', arguments: ['sh', '-c', write, name] }, { mesos: image() })),
    )
    expect(outcomes.map((outcome) => outcome.stdout)).toEqual(['x\na\n', 'x\nb\n'])
  })

  test('files in the sandbox stay', async () => {
    const config = place.config('echo kept > file', { container: { type: ContainerInfoType.MESOS, mesos: image() } })
    await place.start(config)
    await place.containerizer.wait(config.id)
    await place.containerizer.destroy(config.id)
    expect(await place.output(config, 'file')).toBe('kept\n')
  })

  test('has /proc and /dev of its own, and no way to the host', async () => {
    const look =
      'echo $(/bin/busybox ls /proc | /bin/busybox grep -c "^[0-9]"); echo hi > /dev/null; /bin/busybox ls /sys/fs/cgroup/../../..'
    const { stdout, stderr } = await run(look, { mesos: image() })
    const processes = Number(stdout.split('\n')[0])
    expect(processes).toBeGreaterThan(0)
    expect(processes).toBeLessThan(8)
    expect(stderr).toBe('')
    expect(stdout).not.toContain('work')
  })
})

describe('host path volumes (row 6-041)', () => {
  test('read and write', async () => {
    expect((await run('cat d/file; echo new > d/written', { volumes: [hostVolume('d')] })).stdout).toBe('content')
    expect(await readFile(join(data, 'written'), 'utf8')).toBe('new\n')
  })

  test('read-only is read-only', async () => {
    const outcome = await run('cat d/file; echo new > d/refused', { volumes: [hostVolume('d', VolumeMode.RO)] })
    expect(outcome.stdout).toBe('content')
    expect(outcome.stderr).toMatch(/Read-only file system/i)
    expect(await readdir(data)).not.toContain('refused')
  })

  test('at an absolute path inside an image', async () => {
    const { stdout } = await run('cat /data/in/file', { mesos: image(), volumes: [hostVolume('/data/in')] })
    expect(stdout).toBe('content')
    expect(await readdir(root)).not.toContain('data')
  })

  test('a single file', async () => {
    const volume = hostVolume('f')
    volume.source = { type: VolumeSourceType.HOST_PATH, hostPath: { path: join(data, 'file') } }
    expect((await run('cat f', { volumes: [volume] })).stdout).toBe('content')
  })

  test('a target never leads out of the sandbox by a link (S22)', async () => {
    const config = place.config('true', { container: { type: ContainerInfoType.MESOS, volumes: [hostVolume('out/x')] } })
    await mkdir(config.sandbox, { recursive: true })
    await symlink(root, join(config.sandbox, 'out'))
    await place.start(config)
    await place.containerizer.wait(config.id)
    await place.containerizer.destroy(config.id)
    expect(await readdir(root)).not.toContain('x')
  })

  test('what is not there is named', async () => {
    const volume = { mode: VolumeMode.RW, containerPath: 'd', hostPath: '/not/there' }
    await expect(run('true', { volumes: [volume] })).rejects.toThrow("Failed to launch container: Path '/not/there'")
  })
})

test('a sandbox path volume is the same directory under another path (row 6-040)', async () => {
  const source = { type: VolumeSourceType.SANDBOX_PATH, sandboxPath: { type: VolumeSourceSandboxPathType.SELF, path: 'a/b' } }
  const volumes = [{ mode: VolumeMode.RW, containerPath: '/var/x', source }]
  const { stdout } = await run('echo y > /var/x/f; cat a/b/f', { mesos: image(), volumes })
  expect(stdout).toBe('y\n')
})

describe('namespaces', () => {
  test('a task sees the host files and its own processes only', async () => {
    const { stdout } = await run(`ls -d /proc/[0-9]* | wc -l; test -d ${place.directory} && echo host`, {})
    const [processes, host] = stdout.split('\n')
    expect(Number(processes)).toBeLessThan(8)
    expect(host).toBe('host')
  })

  test('unless it asks for the pid namespace of the agent', async () => {
    const { stdout } = await run('readlink /proc/self/ns/pid', { linuxInfo: { sharePidNamespace: true } })
    expect(stdout.trim()).toBe(await readlink('/proc/self/ns/pid'))
  })

  test('a host name of its own', async () => {
    expect((await run('hostname', { hostname: 'web-1' })).stdout).toBe('web-1\n')
  })

  test('PRIVATE ipc has a /dev/shm of the size that was asked for', async () => {
    const { stdout } = await run('df -k /dev/shm | tail -1', { linuxInfo: { ipcMode: LinuxInfoIpcMode.PRIVATE, shmSize: 8 } })
    expect(stdout).toMatch(/\s8192\s/)
  })
})
