import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Config, Workplace } from './workplace.js'

let place: Workplace

beforeEach(async () => {
  place = await Workplace.prepare()
})

afterEach(() => place.dispose())

test('a hook inside gets the environment of the program unless it has one of its own', () => {
  const log = join(place.bundle, 'rootfs/tmp/log')
  const hook = (env?: string[]) => ({
    path: '/bin/sh',
    args: ['sh', '-c', 'echo "$OF_THE_PROGRAM/$OF_THE_HOOK" >> /tmp/log'],
    ...(env && { env }),
  })
  place.configure('true', (config) => {
    config.root = { path: 'rootfs', readonly: false }
    config.process.env = ['PATH=/bin', 'OF_THE_PROGRAM=p']
    config.hooks = { startContainer: [hook(), hook(['OF_THE_HOOK=h'])] }
  })
  expect(place.oci('run', 'c1')).toMatchObject({ code: 0, err: '' })
  expect(readFileSync(log, 'utf8')).toBe('p/\n/h\n')
})

test('a hook inside that fails ends the start, and those after it are called nevertheless', () => {
  const log = join(place.directory, 'log')
  place.configure('true', (config) => {
    config.hooks = {
      startContainer: [{ path: '/bin/sh', args: ['sh', '-c', 'exit 3'] }],
      poststart: [{ path: '/bin/sh', args: ['sh', '-c', `echo poststart >> ${log}`] }],
    }
  })
  expect(place.oci('create', 'c1').code).toBe(0)
  expect(place.oci('start', 'c1').err).toContain('could not run the startContainer hook /bin/sh: exit status: 3')
  expect(readFileSync(log, 'utf8')).toBe('poststart\n')
})

test('a capability that nobody knows is told, and left out', () => {
  place.configure('grep CapBnd /proc/self/status', (config) => {
    const sets = { bounding: ['CAP_KILL', 'CAP_NONSENSE'], effective: ['CAP_NONSENSE', 'CAP_KILL'], permitted: ['CAP_KILL'] }
    config.process.capabilities = sets
  })
  const ran = place.oci('run', 'c1')
  expect(ran).toMatchObject({ code: 0, out: 'CapBnd:\t0000000000000020\n' })
  expect(ran.err).toBe('meseta-oci: warning: ignoring unknown or unavailable capabilities: [CAP_NONSENSE]\n')
})

test('exec gives one more capability, and nothing to be inherited (CVE-2022-29162)', () => {
  place.configure('sleep 1000', (config) => {
    config.process.capabilities = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] }
  })
  place.oci('run', '--detach', 'c1')
  const { out } = place.oci('exec', '--cap', 'CAP_KILL', 'c1', '/bin/grep', '^Cap', '/proc/self/status')
  const sets = Object.fromEntries(out.split('\n').map((line) => line.split(':\t')))
  expect(sets).toMatchObject({ CapEff: '0000000000000020', CapBnd: '0000000000000020' })
  expect(sets).toMatchObject({ CapInh: '0000000000000000', CapAmb: '0000000000000000' })
})

test.each(['proc', 'sys'])('/%s is mounted on a directory of the image, and never through a link', (name) => {
  const root = join(place.bundle, 'rootfs')
  rmSync(join(root, name), { recursive: true })
  mkdirSync(join(root, 'elsewhere'))
  symlinkSync('elsewhere', join(root, name))
  place.configure('true')
  expect(place.oci('create', 'c1').err).toContain('must be mounted on ordinary directory')
})

test('policy of processors, priority of disks and nice value are those of the configuration', () => {
  place.configure('cut -d" " -f19,41 /proc/self/stat', (config) => {
    config.process.scheduler = { policy: 'SCHED_BATCH', nice: 3 }
    config.process.ioPriority = { class: 'IOPRIO_CLASS_IDLE', priority: 4 }
  })
  // Fields of proc(5): nice and policy.
  expect(place.oci('run', 'c1')).toEqual({ code: 0, out: '3 3\n', err: '' })
  for (const [name, value] of [
    ['scheduler', { policy: 'SCHED_SLOW' }],
    ['ioPriority', { class: 'IOPRIO_CLASS_BE', priority: 9 }],
  ] as const) {
    place.configure('true', (config) => {
      config.process[name] = value
    })
    expect(place.oci('create', 'c1').err).toContain(`could not use the ${name}`)
  }
})

test('memory comes from the nodes of the configuration, for what enters too', ({ skip }) => {
  if (!existsSync('/proc/self/numa_maps')) skip('this kernel knows no memory nodes')
  const policy = (memoryPolicy: object) => (config: Config) => {
    config.linux.memoryPolicy = memoryPolicy
  }
  place.configure('sleep 1000', policy({ mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] }))
  place.oci('run', '--detach', 'c1')
  expect(place.oci('exec', 'c1', '/bin/grep', '-m1', '-o', 'bind=static:0', '/proc/1/numa_maps').out).toBe('bind=static:0\n')
  expect(place.oci('exec', 'c1', '/bin/grep', '-m1', '-o', 'bind=static:0', '/proc/self/numa_maps').out).toBe('bind=static:0\n')
  for (const [wanted, why] of [
    [{ nodes: '0' }, 'could not use the memoryPolicy ""'],
    [{ mode: 'MPOL_BIND', nodes: '0-9999' }, 'this is no list of memory nodes'],
    [{ mode: 'MPOL_DEFAULT', nodes: '0' }, 'could not set the memoryPolicy: invalid argument'],
  ] as const) {
    place.configure('true', policy(wanted))
    expect(place.oci('create', 'c2').err).toContain(why)
  }
})

test('a terminal comes from the file system of terminals, whatever the container has put in its place', () => {
  const wanted = ['CAP_SYS_ADMIN', 'CAP_DAC_OVERRIDE']
  const hide = 'umount -l /dev/pts; rmdir /dev/pts; mkdir /dev/elsewhere; touch /dev/elsewhere/ptmx; ln -s elsewhere /dev/pts'
  place.configure(`busybox sh -c '${hide}'; echo hidden > /dev/shm/done; sleep 1000`, (config) => {
    config.process.capabilities = { bounding: wanted, effective: wanted, permitted: wanted }
  })
  place.oci('run', '--detach', 'c1')
  const enter = (...words: string[]) => place.oci('exec', ...words)
  const wait = 'until [ -e /dev/shm/done ]; do sleep 0.05; done; readlink /dev/pts'
  expect(enter('c1', '/bin/sh', '-c', wait).out).toBe('elsewhere\n')
  expect(enter('--tty', 'c1', '/bin/true').err).toContain('could not make a terminal /dev/pts: too many levels of symbolic links')
  expect(enter('c1', '/bin/busybox', 'sh', '-c', 'rm /dev/pts; mv /dev/elsewhere /dev/pts').code).toBe(0)
  expect(enter('--tty', 'c1', '/bin/true').err).toContain('could not make a terminal /dev/pts: it is not the kernel')
})

test('what enters runs on the processors that the configuration says', () => {
  place.configure('sleep 1000', (config) => {
    config.process.execCPUAffinity = { initial: '0', final: '0' }
  })
  place.oci('run', '--detach', 'c1')
  const { out } = place.oci('exec', 'c1', '/bin/grep', 'Cpus_allowed_list', '/proc/self/status')
  expect(out).toBe('Cpus_allowed_list:\t0\n')
})

test('what enters may be put into a cgroup below the container’s, and nowhere else', () => {
  place.configure('sleep 1000')
  place.oci('run', '--detach', 'c1')
  const hierarchy = ['pids', '.'].find((name) => existsSync(`/sys/fs/cgroup/${name}/${place.name}/c1`)) ?? ''
  const below = `/sys/fs/cgroup/${hierarchy}/${place.name}/c1/below`
  mkdirSync(below)
  const enter = (cgroup: string) => place.oci('exec', '--cgroup', cgroup, 'c1', '/bin/cat', '/proc/self/cgroup')
  const ran = enter(hierarchy === 'pids' ? 'pids:below' : 'below')
  expect(ran.out).toContain('/below\n')
  expect(enter('/').out).not.toContain('below')
  expect(enter('..').err).toContain('its path must be without dots')
  expect(enter('nowhere').err).toContain('it does not exist')
  expect(enter('flux:/').err).toContain('does not join this controller')
})
