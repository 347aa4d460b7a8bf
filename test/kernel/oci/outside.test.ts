import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RUNTIME, Workplace } from './workplace.js'

let place: Workplace

beforeEach(async () => {
  place = await Workplace.prepare()
})

afterEach(() => place.dispose())

test('who decides on system calls is told which process asks, and of which container', async () => {
  const listenerPath = join(place.directory, 'agent.sock')
  const told = new Promise<string>((resolve, reject) => {
    const server = createServer((socket) => {
      server.close()
      socket.on('data', (bytes) => resolve(String(bytes))).on('error', reject)
    })
    server.listen(listenerPath, () => {
      place.configure('grep ^Seccomp: /proc/self/status', (config) => {
        const syscalls = [{ names: ['mknod'], action: 'SCMP_ACT_NOTIFY' }]
        config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', listenerPath, listenerMetadata: 'whatever it says', syscalls }
      })
      // The connection waits until we get to accept it.
      expect(place.oci('create', 'c1')).toEqual({ code: 0, out: '', err: '' })
    })
  })
  const message = JSON.parse(await told)
  const { pid } = JSON.parse(place.oci('state', 'c1').out)
  expect(message).toMatchObject({
    fds: ['seccompFd'],
    pid,
    metadata: 'whatever it says',
    state: { id: 'c1', pid, status: 'creating' },
  })
})

test('a profile that asks somebody who cannot be reached makes no container', () => {
  const notify = (seccomp: Record<string, unknown>) => {
    place.configure('true', (config) => {
      const syscalls = [{ names: ['mknod'], action: 'SCMP_ACT_NOTIFY' }]
      config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls, ...seccomp }
    })
    return place.oci('create', 'c1').err
  }
  expect(notify({})).toContain('SCMP_ACT_NOTIFY needs a listenerPath')
  expect(notify({ listenerPath: '/nowhere.sock' })).toContain('could not hand the listener to /nowhere.sock: no such file')
  expect(notify({ listenerPath: '/x', defaultAction: 'SCMP_ACT_NOTIFY' })).toContain('cannot be the defaultAction')
  expect(place.oci('list', '--quiet').out).toBe('')
})

const ip = (...words: string[]) => spawnSync('ip', words, { encoding: 'utf8' })

const noPairs = spawnSync('unshare', ['-n', 'ip', 'link', 'add', 'x0', 'type', 'veth']).status !== 0
const why = noPairs ? ' (missing: veth devices in this kernel)' : ''

test.skipIf(noPairs)(`a network device of the host becomes the container’s, with its address, and is up there${why}`, () => {
  const [device, peer] = [`ms${place.name.slice(-8)}a`, `ms${place.name.slice(-8)}b`]
  const made = ip('link', 'add', device, 'type', 'veth', 'peer', 'name', peer)
  expect(made.stderr).toBe('')
  try {
    ip('address', 'add', '10.231.7.9/24', 'dev', device)
    ip('link', 'set', peer, 'up')
    place.configure('busybox ip address show dev inside0', (config) => {
      config.linux.netDevices = { [device]: { name: 'inside0' } }
    })
    const { code, out, err } = place.oci('run', 'c1')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('inet 10.231.7.9/24')
    expect(out).toMatch(/[<,]UP[,>]/)
    expect(ip('link', 'show', device).status).not.toBe(0)
  } finally {
    // With the container's namespace both are gone, some time later.
    ip('link', 'delete', peer)
  }
})

test('a network device that cannot be had is told, and nothing is made', () => {
  const create = (netDevices: Record<string, unknown>, withNetwork = true) => {
    place.configure('true', (config) => {
      config.linux.netDevices = netDevices
      if (!withNetwork) config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network')
    })
    return place.oci('create', 'c1').err
  }
  expect(create({ 'not-there0': {} })).toContain('could not move the network device not-there0: no such device')
  expect(create({ eth0: { name: 'a/b' } })).toContain('this is no name of a network device')
  expect(create({ a: { name: 'x' }, b: { name: 'x' } })).toContain('two netDevices are to be called x')
  expect(create({ eth0: {} }, false)).toContain('no network namespace')
  expect(place.oci('list', '--quiet').out).toBe('')
})

test.each(['shared', 'slave', 'private', 'unbindable'])(
  'a root that is %s leaves the mounts of a host that shares its own',
  (rootfsPropagation) => {
    place.configure('true', (config) => {
      config.linux.rootfsPropagation = rootfsPropagation
    })
    const count = 'grep -c . /proc/self/mountinfo'
    const run = `${RUNTIME} --root ${join(place.directory, 'state')} run c1`
    // A host as systemd makes them: every mount is shared. One of our own, so that the machine's are safe.
    const shared = ['--mount', '--propagation', 'private', 'sh', '-c', `mount --make-rshared /; ${count}; ${run}; ${count}`]
    const { stdout, stderr } = spawnSync('unshare', shared, { cwd: place.bundle, encoding: 'utf8' })
    expect(stderr).toBe('')
    const [before, after] = stdout.trim().split('\n')
    expect(after).toBe(before)
  },
)
