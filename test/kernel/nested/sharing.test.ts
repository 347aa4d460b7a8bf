import { mkdir, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ContainerInfoType, LinuxInfoIpcMode, VolumeMode, VolumeSourceSandboxPathType, VolumeSourceType } from '#wire/mesos.js'
import { capabilities } from '../attacks/arena.js'
import { Workplace } from '../containerizer/workplace.js'
import { linux, NAMESPACES, Pod, PRINT_NAMESPACES, sameNamespaces, withImage } from './pod.js'

let place: Workplace

beforeEach(async () => {
  place = await Workplace.open()
})
afterEach(() => place.close())

const READY = 'echo ready; sleep 1000'

async function namespacesOf(config: Pod['parent']): Promise<string> {
  const pid = (await place.containerizer.go(config.id)).taskPid
  return (await Promise.all(NAMESPACES.map((name) => readlink(`/proc/${pid}/ns/${name}`)))).join('\n')
}

describe('a nested container (row 6-067)', () => {
  test('has the network and host name of its parent, processes and mounts of its own', async () => {
    const pod = await Pod.start(place, READY, { container: { type: ContainerInfoType.MESOS, hostname: 'the-pod' } })
    const out = await pod.output(pod.nested(`${PRINT_NAMESPACES}; hostname; echo $$; ls -d /proc/[0-9]* | wc -l`))
    const lines = out.trim().split('\n')
    expect(sameNamespaces(out, await namespacesOf(pod.parent))).toEqual(['uts', 'net', 'cgroup', 'time', 'user'])
    expect(lines.at(-3)).toBe('the-pod')
    expect(lines.at(-2)).toBe('2')
    expect(Number(lines.at(-1))).toBeLessThan(6)
  })

  test('has at most the capabilities of its parent, with an image of its own and without', async () => {
    const pod = await Pod.start(place, READY, linux(capabilities('CHOWN')))
    const look = 'grep CapBnd /proc/self/status'
    expect(await pod.output(pod.nested(look))).toBe('CapBnd:\t0000000000000001\n')
    expect(await pod.output(pod.nested(look, withImage(place)))).toBe('CapBnd:\t0000000000000001\n')
    await expect(place.start(pod.nested(look, linux(capabilities('KILL'))))).rejects.toThrow('the container around it does not')
  })

  test('sees the processes of its parent if it shares the pid namespace (row 6-038, T141)', async () => {
    const pod = await Pod.start(place, READY)
    const out = await pod.output(
      pod.nested(`${PRINT_NAMESPACES}; cat /proc/1/comm; cat /proc/2/cmdline | tr '\\0' ' '`, linux({ sharePidNamespace: true })),
    )
    expect(sameNamespaces(out, await namespacesOf(pod.parent))).toContain('pid')
    expect(out).toContain('meseta-init')
    expect(out).toContain('sleep 1000')
  })

  test('has a pid namespace below that of its parent: the kernel ends it with it', async () => {
    const pod = await Pod.start(place, READY)
    const nested = pod.nested(READY)
    await place.start(nested)
    const { initPid } = await place.containerizer.go(nested.id)
    // One number for each pid namespace that it is seen in: the host's, the parent's, its own.
    const numbers = /^NSpid:\s+(.*)$/m.exec(await readFile(`/proc/${initPid}/status`, 'utf8'))?.[1]?.split(/\s+/)
    expect(numbers).toHaveLength(3)
    expect(numbers?.at(-1)).toBe('1')
  })

  test('shares ipc and /dev/shm with its parent if it says so, and nobody else does (row 6-039, T142)', async () => {
    const own = linux({ ipcMode: LinuxInfoIpcMode.PRIVATE, shmSize: 4 })
    const pod = await Pod.start(place, `echo here > /dev/shm/mark; ipcmk -M 100 > /dev/null; ${READY}`, own)
    await expect.poll(() => place.output(pod.parent)).toContain('ready')
    const look = 'cat /dev/shm/mark 2>/dev/null; df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2; ipcs -m | grep -c 0x'
    const shared = await pod.output(
      pod.nested(`${look}; echo back > /dev/shm/back`, linux({ ipcMode: LinuxInfoIpcMode.SHARE_PARENT })),
    )
    expect(shared).toBe('here\n4096\n1\n')
    const apart = await pod.output(
      pod.nested(`${look} || true; ls /dev/shm`, linux({ ipcMode: LinuxInfoIpcMode.PRIVATE, shmSize: 2 })),
    )
    expect(apart).toBe('2048\n0\n')
    await expect(stat('/dev/shm/mark')).rejects.toThrow('ENOENT')
  })

  test('lives in a cgroup below its parent\u2019s, with limits of its own only if it asks for them (row 6-064)', async () => {
    const pod = await Pod.start(place, READY)
    const limited = { ...linux({ shareCgroups: false }), resources: { ...pod.parent.resources, memory: 48 << 20 } }
    for (const [nested, limit] of [
      [pod.nested(READY), undefined],
      [pod.nested(READY, limited), 48 << 20],
    ] as const) {
      await place.start(nested)
      const { taskPid } = await place.containerizer.go(nested.id)
      const name = nested.id.slice(pod.parent.id.length + 1)
      expect(await readFile(`/proc/${taskPid}/cgroup`, 'utf8')).toContain(`/${place.cgroupsRoot}/${pod.parent.id}/mesos/${name}`)
      const { memLimitBytes, memSoftLimitBytes } = await place.containerizer.usage(nested.id)
      if (limit !== undefined) expect(Number(memLimitBytes)).toBe(limit)
      else expect(Number(memSoftLimitBytes ?? 0n)).not.toBe(48 << 20)
    }
  })

  test('may see a directory of its parent\u2019s sandbox, and its own image', async () => {
    const pod = await Pod.start(place, 'mkdir shared; echo from-parent > shared/file; echo ready; sleep 1000')
    await expect.poll(() => place.output(pod.parent)).toContain('ready')
    const image = withImage(place).container!
    const source = {
      type: VolumeSourceType.SANDBOX_PATH,
      sandboxPath: { type: VolumeSourceSandboxPathType.PARENT, path: 'shared' },
    }
    const volumes = [{ containerPath: 'data', mode: VolumeMode.RW, source }]
    expect(await pod.output(pod.nested('cat data/file; echo $MESOS_SANDBOX', { container: { ...image, volumes } }))).toBe(
      'from-parent\n/mnt/mesos/sandbox\n',
    )
  })

  test('has the user namespace of its parent, and files of the same range', async () => {
    await place.close()
    place = await Workplace.open('--isolation=filesystem/linux,namespaces/pid,namespaces/ipc,namespaces/user,cgroups/pids')
    const pod = await Pod.start(place, READY)
    const base = (await stat(pod.parent.sandbox)).uid
    const nested = pod.nested(`${PRINT_NAMESPACES}; id -u; touch mine`)
    const out = await pod.output(nested)
    expect(sameNamespaces(out, await namespacesOf(pod.parent))).toContain('user')
    expect(out.trim().split('\n').at(-1)).toBe('0')
    expect((await stat(join(nested.sandbox, 'mine'))).uid).toBe(base)
    expect(base).toBeGreaterThan(1_000_000)
    await mkdir(join(place.directory, 'unused'))
  })
})
