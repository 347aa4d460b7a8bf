import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ContainerPlan, Host } from '#host/host.js'
import type { Root } from '#wire/native.js'
import { busyboxRoot } from '../../perf/rootfs.js'
import { RealMachine } from '../../support/real-machine.js'

const BASE = 1_000_000
const RANGE = [{ inside: 0, outside: BASE, count: 65_536 }]

let machine: RealMachine
let host: Host

beforeEach(async () => {
  machine = await RealMachine.prepare()
  await chown(machine.sandbox, BASE, BASE)
  host = await machine.open()
})
afterEach(() => machine.dispose())

function plan(script: string, over: Partial<ContainerPlan> = {}): ContainerPlan {
  const namespaces = { mount: true, pid: true, ipc: true, uts: true, cgroup: true, network: true, user: true }
  const ids = { uidMappings: RANGE, gidMappings: RANGE }
  return { ...machine.plan('c1', script), ...over, namespaces: { ...namespaces, ...ids, ...over.namespaces } }
}

async function run(script: string, over: Partial<ContainerPlan> = {}): Promise<string> {
  const container = await host.start(plan(script, over))
  container.go()
  const end = await container.ended
  expect(end, `${JSON.stringify(end)} ${await machine.errors().catch(() => '')}`).toMatchObject({ how: 'exited', waitStatus: 0 })
  return machine.output()
}

/** A root of the host's own programs, furnished by the launcher. */
async function image(): Promise<Root> {
  const directory = busyboxRoot(join(machine.directory, 'image'))
  for (const tool of ['stat', 'touch', 'chown', 'umount', 'mount', 'mknod'])
    await symlink('busybox', join(directory, 'bin', tool))
  return { directory, overlay: true, idMapped: true }
}

test('root inside is nobody outside, with every power inside and none outside', async () => {
  const canary = join(machine.directory, 'canary')
  await writeFile(canary, 'untouched', { mode: 0o644 })
  const out = await run(
    [
      'id -u; id -g; id -G; grep CapEff /proc/self/status; touch made',
      'hostname renamed && hostname; ip link set lo down && ip link set lo up && echo net',
      'mkdir m && mount -t tmpfs none m && umount m && echo mounted',
      `echo changed > ${canary} || echo refused; kill -0 1 && echo init; cat /etc/shadow || echo secret`,
    ].join('\n'),
  )
  const [uid, gid, groups, capabilities, ...rest] = out.trim().split('\n')
  expect([uid, gid, groups]).toEqual(['0', '0', '0'])
  expect(capabilities).toMatch(/^CapEff:\s+[0-9a-f]*[1-9a-f]/)
  expect(rest).toEqual(['renamed', 'net', 'mounted', 'refused', 'init', 'secret'])
  expect(await readFile(canary, 'utf8')).toBe('untouched')
  expect(await stat(join(machine.sandbox, 'made'))).toMatchObject({ uid: BASE, gid: BASE })
  expect(await stat(join(machine.sandbox, 'stdout'))).toMatchObject({ uid: BASE, gid: BASE })
})

test('the host sees every process of the container as a user of its range, also its init', async () => {
  const container = await host.start(plan('sleep 1000'))
  container.go()
  const { initPid, taskPid } = await container.started
  for (const pid of [initPid, taskPid]) {
    expect(await readFile(`/proc/${pid}/status`, 'utf8')).toContain(`Uid:\t${BASE}\t${BASE}\t${BASE}\t${BASE}`)
    expect(await readFile(`/proc/${pid}/uid_map`, 'utf8')).toMatch(/^\s*0\s+1000000\s+65536\s*$/)
  }
  expect(await readlink(`/proc/${taskPid}/ns/user`)).not.toBe(await readlink('/proc/self/ns/user'))
  // Init still dies with its supervisor, although it changed credentials.
  process.kill(container.supervisor.pid, 'SIGKILL')
  expect(await container.ended).toMatchObject({ how: 'lost' })
  await expect.poll(() => readFile(`/proc/${taskPid}/stat`, 'utf8').catch(() => 'gone')).toBe('gone')
})

test('a user of the container is one of its range, who is not in it cannot be had', async () => {
  const { process } = machine.plan('c1', 'id -u; id -G; touch mine')
  await chmod(machine.sandbox, 0o777)
  expect(await run('', { process: { ...process, identity: { uid: 1000, gid: 1000, groups: [1001] } } })).toBe('1000\n1000 1001\n')
  expect(await stat(join(machine.sandbox, 'mine'))).toMatchObject({ uid: BASE + 1000, gid: BASE + 1000 })
  await host.destroy('c1')
  const stranger = await host.start(plan('true', { process: { ...process, identity: { uid: 70_000, gid: 0, groups: [] } } }))
  expect(await stranger.ended).toMatchObject({
    how: 'failed',
    reason: "could not become the task's user: user 70000 or group 0 is not in the container's range",
  })
})

test("an image's files belong to whom they belong, through an overlay that the container may change", async () => {
  const root = await image()
  await writeFile(join(root.directory, 'of-root'), 'image')
  await writeFile(join(root.directory, 'of-1234'), 'image')
  await chown(join(root.directory, 'of-1234'), 1234, 1234)
  const out = await run(
    'stat -c %u:%g / /of-root /of-1234 /dev /proc/1; echo changed > /of-root; cat /of-root; touch /new; chown 7 /of-1234',
    {
      root,
      mounts: [{ source: machine.sandbox, target: machine.sandbox }],
    },
  )
  expect(out).toBe('0:0\n0:0\n1234:1234\n0:0\n0:0\nchanged\n')
  expect(await readFile(join(root.directory, 'of-root'), 'utf8')).toBe('image')
  expect(await stat(join(root.directory, 'of-1234'))).toMatchObject({ uid: 1234 })
})

test('what hides and protects parts of the host is locked: root inside cannot take it away', async () => {
  const root = await image()
  const script = [
    'mount -t tmpfs none /tmp && umount /tmp && echo may-mount',
    'umount /proc/kcore 2>/dev/null || echo kept-mask',
    'mount -o remount,bind,rw /proc/sys 2>/dev/null || echo kept-read-only',
    'umount /proc 2>/dev/null || echo kept-proc',
    'mknod /dev/disk b 254 0 2>/dev/null || echo no-device',
  ].join('\n')
  const out = await run(script, { root, mounts: [{ source: machine.sandbox, target: machine.sandbox }] })
  expect(out).toBe('may-mount\nkept-mask\nkept-read-only\nkept-proc\nno-device\n')
})

test('a volume whose ids are mapped is seen as it is on disk, and one that is not belongs to nobody', async () => {
  const volume = join(machine.directory, 'volume')
  await mkdir(volume)
  await writeFile(join(volume, 'of-root'), '')
  await writeFile(join(volume, 'of-1000'), '')
  await chown(join(volume, 'of-1000'), 1000, 1000)
  const mapped = join(machine.sandbox, 'mapped')
  const plain = join(machine.sandbox, 'plain')
  await Promise.all([mkdir(mapped), mkdir(plain)])
  const out = await run(
    `stat -c %u mapped/of-root mapped/of-1000 plain/of-root; touch mapped/new plain/new 2>/dev/null; stat -c %u mapped/new`,
    {
      mounts: [
        { source: volume, target: mapped, idMapped: true },
        { source: volume, target: plain },
      ],
    },
  )
  expect(out).toBe('0\n1000\n65534\n0\n')
  expect(await stat(join(volume, 'new'))).toMatchObject({ uid: 0, gid: 0 })
})

test('its memory file systems are its own to use', async () => {
  const memory = join(machine.sandbox, 'memory')
  await mkdir(memory)
  const mounts = [{ target: memory, tmpfs: { sizeBytes: 1n << 20n, mode: 0o700 } }]
  expect(await run('touch memory/x && stat -c %u:%a memory', { mounts })).toBe('0:700\n')
})

test('mappings that the kernel would refuse are told in a sentence', async () => {
  const overlapping = [...RANGE, { inside: 10, outside: 5, count: 1 }]
  const container = await host.start(plan('true', { namespaces: { uidMappings: overlapping } }))
  expect(await container.ended).toMatchObject({
    how: 'failed',
    reason: 'could not map the ids: ranges are empty, overlap, or go beyond 4294967294',
  })
})

test('no process of the making of the namespaces stays', async () => {
  const container = await host.start(plan('sleep 1000'))
  container.go()
  const { initPid } = await container.started
  const children = execFileSync('ps', ['--ppid', String(container.supervisor.pid), '-o', 'pid='], { encoding: 'utf8' })
  expect(children.trim()).toBe(String(initPid))
})
