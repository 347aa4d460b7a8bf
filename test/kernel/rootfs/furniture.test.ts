import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ContainerPlan } from '#host/host.js'
import { RootPlace, SANDBOX } from './place.js'

let place: RootPlace
beforeEach(async () => {
  place = await RootPlace.prepare()
})
afterEach(() => place.dispose())

const overlay = () => ({ directory: place.image, overlay: true })

test('every user may use the devices that every program expects', async () => {
  const plan = place.plan('', { root: overlay() })
  const process = { ...plan.process, identity: { uid: 1000, gid: 1000, groups: [1000] } }
  const script =
    "echo x > /dev/null; head -c 4 /dev/zero | wc -c; head -c 8 /dev/urandom | wc -c; (echo x > /dev/full) 2>&1; stat -c '%a %t,%T' /dev/null /dev/tty"
  process.arguments = ['sh', '-c', script]
  process.stdio = { stdout: join(place.machine.sandbox, 'stdout'), stderr: join(place.machine.sandbox, 'stderr') }
  const container = await place.host.start({ ...plan, process })
  container.go()
  expect(await container.ended, await place.machine.errors()).toMatchObject({ waitStatus: 0 })
  expect(await place.machine.output()).toBe('4\n8\nsh: write error: No space left on device\n666 1,3\n666 5,0\n')
})

test('devices of the plan, in directories of their own, with owner and mode', async () => {
  const devices = [
    { path: '/dev/mine/one', kind: 'c', major: 1, minor: 5, mode: 0o640, uid: 7, gid: 8 },
    { path: '/dev/null', kind: 'c', major: 1, minor: 3, mode: 0o600 },
    { path: '/dev/pipe', kind: 'p' },
  ]
  const out = await place.finish("stat -c '%F %a %u %g %t,%T' /dev/mine/one /dev/null /dev/pipe", { root: overlay(), devices })
  expect(out).toBe('character special file 640 7 8 1,5\ncharacter special file 600 0 0 1,3\nfifo 666 0 0 0,0\n')
})

test.each([
  ['/etc/x', 'it is not below /dev'],
  ['/dev/../etc/x', 'invalid cross-device link'],
])('a device at %s is refused', async (path, why) => {
  expect(await place.failure({ root: overlay(), devices: [{ path, kind: 'c', major: 1, minor: 3 }] })).toContain(why)
})

test('what was furnished in advance is as what is furnished when it is wanted, and one container’s alone', async () => {
  const script = [
    "stat -c '%N %F %a %u %g %t,%T' /dev/*",
    "grep ' /dev' /proc/self/mountinfo | cut -d' ' -f4-6 | sort",
    'ls -A /dev/shm /dev/mqueue',
    'echo x > /dev/shm/mine; rm /dev/zero',
  ].join('; ')
  const seen: string[] = []
  // The first is before anybody knows what the next will want.
  for (let i = 0; i < 8; i++) seen.push(await place.finish(script, { root: overlay() }))
  expect(seen[0]).toContain('/dev/null character special file 666 0 0 1,3\n')
  expect(new Set(seen).size).toBe(1)
  const size = "df -k /dev/shm | tail -n 1 | tr -s ' ' | cut -d' ' -f2"
  expect(await place.finish(size, { root: overlay(), shmSize: 4n << 20n })).toBe('4096\n')
})

test('the size of /dev/shm is what was asked for', async () => {
  expect(
    await place.finish("df -k /dev/shm | tail -n 1 | tr -s ' ' | cut -d' ' -f2", { root: overlay(), shmSize: 8n << 20n }),
  ).toBe('8192\n')
})

describe('the own cgroups at /sys/fs/cgroup (row 6-063, S33 to S35)', () => {
  test('show their limits, and nothing of anybody else', async () => {
    const cgroups = place.plan('').cgroups!
    const settings = { memory: { limitBytes: 48n << 20n }, pids: { max: 77n } }
    const read = (names: string) => `for f in ${names}; do test -f /sys/fs/cgroup/$f && cat /sys/fs/cgroup/$f; done; true`
    const out = await place.finish(
      `${read('memory/memory.limit_in_bytes memory.max')}; ${read('pids/pids.max pids.max')}; find /sys/fs/cgroup -mindepth 2 -type d | grep -v leaf`.concat(
        '; true',
      ),
      { root: overlay(), cgroups: { ...cgroups, settings } },
    )
    expect(out).toBe(`${48 << 20}\n77\n`)
  })

  test('take no writes and no new cgroups, and cannot be mounted anew to reach a release agent', async () => {
    const script = `
      for f in $(find /sys/fs/cgroup -name release_agent -o -name devices.allow -o -name cgroup.procs -o -name notify_on_release); do
        (echo a > $f) 2>/dev/null && echo wrote $f
      done
      for d in /sys/fs/cgroup /sys/fs/cgroup/*; do mkdir $d/x 2>/dev/null && echo made $d/x; done
      find /sys/fs/cgroup -name release_agent
      true`
    expect(await place.finish(script, { root: overlay() })).toBe('')
  })
})

describe('kernel parameters', () => {
  const kept = 'cat /proc/sys/kernel/msgmax /proc/sys/kernel/domainname'

  test('of the own namespaces are set, and are nobody else’s', async () => {
    const sysctls = [
      { name: 'kernel.msgmax', value: '4242' },
      { name: 'kernel/domainname', value: 'inside.example' },
    ]
    expect(await place.finish(kept, { root: overlay(), sysctls })).toBe('4242\ninside.example\n')
    expect(await place.finish(kept, { root: overlay() })).not.toContain('4242')
  })

  test.each([
    ['kernel.core_pattern', '|/x'],
    ['vm.overcommit_memory', '1'],
    ['net.ipv4.ip_forward', '1'],
    ['kernel/../vm/swappiness', '1'],
    ['kernel.msgmax', '1\nkernel.core_pattern=|/x'],
  ])('%s=%j is refused (S39)', async (name, value) => {
    const why = await place.failure({ root: overlay(), sysctls: [{ name, value }] })
    expect(why).toContain(`could not set the kernel parameter ${name}: `)
  })
})

describe('what is hidden and protected', () => {
  test('follows the lists of the plan', async () => {
    await mkdir(join(place.image, 'secret-directory'))
    await writeFile(join(place.image, 'secret-directory', 'file'), 'x')
    const masking = { hidden: ['/image-file', '/secret-directory', '/not/there'], readOnly: ['/bin'] }
    const out = await place.finish(
      'cat /image-file | wc -c; ls /secret-directory | wc -l; touch /bin/x 2>&1; test -w /proc/sys/kernel/msgmax && echo as asked',
      { root: overlay(), masking },
    )
    expect(out).toBe('0\n0\ntouch: /bin/x: Read-only file system\nas asked\n')
  })

  test('without a list it is all that is known to tell too much (S23, S52)', async () => {
    const names =
      '/proc/acpi /proc/asound /proc/interrupts /proc/kcore /proc/key-users /proc/keys /proc/latency_stats /proc/sched_debug /proc/scsi /proc/timer_list /proc/timer_stats /sys/devices/virtual/powercap /sys/firmware'
    const script = `for p in ${names}; do if test -d $p; then ls -A $p; elif test -e $p; then head -c 1 $p | wc -c | grep -v 0; fi; done; true`
    expect(await place.finish(script, { root: overlay() })).toBe('')
  })
})

describe('a bare root', () => {
  const mounts = (): ContainerPlan['mounts'] => [
    { target: '/proc', filesystem: { kind: 'proc' } },
    { target: '/dev', filesystem: { kind: 'tmpfs', options: ['mode=755', 'size=64k'] }, setAttributes: 2n },
    { target: '/dev/pts', filesystem: { kind: 'devpts', options: ['newinstance', 'ptmxmode=0666', 'mode=620'] } },
    { target: '/sys', filesystem: { kind: 'sysfs' }, readOnly: true },
    { target: '/sys/fs/cgroup', filesystem: { kind: 'cgroup' }, readOnly: true },
    place.sandboxMount,
  ]

  test('has what its mounts make of it, and devices', async () => {
    const root = { ...overlay(), bare: true }
    const out = await place.finish('ls /; ls /dev; cat /proc/1/comm; touch /sys/x 2>&1; test -d /sys/fs/cgroup && echo cgroup', {
      root,
      mounts: mounts(),
      masking: {},
    })
    expect(out.split('\n').slice(0, 6)).toEqual(['bin', 'dev', 'image-file', 'mnt', 'proc', 'sys'])
    expect(out).toContain('fd\nfull\nnull\nptmx\npts\nrandom\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n')
    expect(out).toMatch(/meseta-init\n.*Read-only file system\ncgroup\n$/)
  })

  test('whose /dev is a link gets no devices anywhere (S19)', async () => {
    const canary = place.path('canary')
    await mkdir(canary)
    const { symlink } = await import('node:fs/promises')
    await symlink('../canary', join(place.image, 'dev'))
    const why = await place.failure({ root: { directory: place.image, bare: true }, mounts: [place.sandboxMount], masking: {} })
    expect(why).toContain('could not make /dev')
    expect(await readdir(canary)).toEqual([])
  })

  test('gets no file system but those that are a container’s own', async () => {
    for (const kind of ['ext4', 'debugfs', 'securityfs', 'nfs']) {
      const why = await place.failure({ root: overlay(), mounts: [{ target: SANDBOX, filesystem: { kind } }] })
      expect(why).toBe(`could not make a file system of kind ${kind}: containers get no such`)
    }
  })
})
