/** Supervisors that wait for a plan have an init that waits, too, in namespaces as the last container wanted them (docs/design/supervision.md). */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { armFaults } from '#base/fault.js'
import type { ContainerPlan } from '#host/host.js'
import { childrenOf } from '../../support/children.js'
import { RootPlace } from '../rootfs/place.js'

let place: RootPlace
beforeEach(async () => {
  place = await RootPlace.prepare()
})
afterEach(() => place.dispose())

const ALL = { mount: true, pid: true, ipc: true, uts: true, cgroup: true, network: true }
const KINDS = ['mnt', 'pid', 'ipc', 'uts', 'cgroup', 'net', 'user'] as const
const FIELDS = { mnt: 'mount', pid: 'pid', ipc: 'ipc', uts: 'uts', cgroup: 'cgroup', net: 'network', user: 'user' } as const
const RANGE = [{ inside: 0, outside: 1_000_000, count: 65_536 }]

const inNamespaces = (namespaces: ContainerPlan['namespaces']): Partial<ContainerPlan> => ({
  namespaces,
  root: { directory: place.image, overlay: true, idMapped: namespaces?.user ?? false },
})

/** Inits that wait, each with its supervisor. */
async function parked(): Promise<[supervisor: number, init: number][]> {
  const children = await childrenOf(process.pid)
  const names = await Promise.all(children.map((pid) => readlink(`/proc/${pid}/exe`).catch(() => '')))
  const nursery = children.find((_, index) => names[index]!.includes('meseta-launcher'))!
  const supervisors = await childrenOf(nursery)
  const inits = await Promise.all(supervisors.map(async (pid) => (await childrenOf(pid))[0]))
  return supervisors.flatMap((pid, index) => (inits[index] === undefined ? [] : [[pid, inits[index]]]))
}

/** After some containers: supervisors that waited before anybody knew what the next may want are used up first. */
async function someAreParked(): Promise<void> {
  const another = async () => {
    await place.finish('true', inNamespaces(ALL))
    return (await parked()).length
  }
  await expect.poll(another).toBeGreaterThan(1)
}

test('whatever the last container had, the next has of its own what it asks for, and the host’s else', async () => {
  const lists = [
    ALL,
    { ...ALL, network: false },
    ALL,
    { ...ALL, ipc: false, uts: false },
    ALL,
    { ...ALL, user: true, uidMappings: RANGE, gidMappings: RANGE },
    ALL,
    { mount: true },
    { ...ALL, network: false, cgroup: false },
    ALL,
  ]
  const hosts = await Promise.all(KINDS.map((kind) => readlink(`/proc/self/ns/${kind}`)))
  for (const namespaces of lists) {
    const out = await place.finish(
      `for n in ${KINDS.join(' ')}; do readlink /proc/self/ns/$n; done; ls /proc | grep -c '^[0-9]'; ls /sys/class/net | wc -l; grep -c : /proc/net/dev`,
      inNamespaces(namespaces),
    )
    const [names, [processes, interfaces, asProcessesSeeThem]] = [
      out.split('\n').slice(0, KINDS.length),
      out.split('\n').slice(KINDS.length),
    ]
    const own: Record<string, boolean | object> = namespaces
    for (const [index, kind] of KINDS.entries()) {
      const wanted = own[FIELDS[kind]] === true
      expect(names[index] === hosts[index], `${kind} of ${JSON.stringify(namespaces)}`).toBe(!wanted)
    }
    // What was mounted in advance shows what the container is in.
    if (own.pid) expect(Number(processes)).toBeLessThan(6)
    expect(interfaces, JSON.stringify(namespaces)).toBe(asProcessesSeeThem)
  }
})

test('a supervisor that finds no use for the init that waited is left with one child', async () => {
  await someAreParked()
  const container = await place.start('sleep 1000', inNamespaces({ ...ALL, network: false }))
  await container.started
  expect(await childrenOf(container.supervisor.pid)).toHaveLength(1)
})

test('what is mounted on the host after it began to wait is there', async () => {
  const outside = place.path('outside')
  await mkdir(join(outside, 'late'), { recursive: true })
  execFileSync('mount', ['--bind', '--make-private', outside, outside])
  try {
    await someAreParked()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', join(outside, 'late')])
    await writeFile(join(outside, 'late', 'file'), 'mounted late')
    const mounts = [place.sandboxMount, { source: join(outside, 'late'), target: '/mnt/late' }]
    expect(await place.finish('cat /mnt/late/file', { ...inNamespaces(ALL), mounts })).toBe('mounted late')
  } finally {
    execFileSync('umount', ['-R', outside])
  }
})

test('a plan larger than a socket holds arrives', async () => {
  const environment = ['PATH=/bin', ...Array.from({ length: 40 }, (_, index) => `V${index}=${'x'.repeat(20_000)}`)]
  const base = place.plan('')
  for (let i = 0; i < 6; i++) {
    const change = { ...inNamespaces(ALL), process: { ...base.process, arguments: ['sh', '-c', 'env | wc -c'], environment } }
    expect(Number(await place.finish('', change))).toBeGreaterThan(800_000)
  }
})

test('those that are killed take nobody with them but their own, and the next containers start', async () => {
  await someAreParked()
  const [first, second] = await parked()
  process.kill(first![0], 'SIGKILL')
  process.kill(second![1], 'SIGKILL')
  await expect.poll(() => existsSync(`/proc/${first![1]}`)).toBe(false)
  // A zombie has none.
  await expect.poll(() => existsSync(`/proc/${second![1]}/exe`)).toBe(false)
  for (let i = 0; i < 8; i++) await place.finish('true', inNamespaces(ALL))
})

test('one that fails and is gone before its supervisor looks has failed for good, for the reason that it told', async () => {
  await someAreParked()
  // After its root, whose overlay can be had only once. Not every one of them finds an overlay that waits.
  const mounts = [{ source: place.image, target: '/proc/sys' }]
  try {
    for (let round = 0; round < 6; round++) {
      armFaults('supervisor.before-birth:sleep=100')
      expect(await place.failure({ ...inNamespaces(ALL), mounts })).toContain('could not mount volume /proc/sys')
    }
  } finally {
    armFaults(undefined)
  }
})
