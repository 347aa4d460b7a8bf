import { expect, test } from 'vitest'
import { chooseIsolation } from '#containerizer/isolation.js'
import { chooseLauncher, launcherFragment } from '#containerizer/launcher.js'
import type { HostFacts } from '#host/host.js'
import { CgroupWorld } from '#wire/native.js'
import { hybrid } from './fixture.js'

const names = (flag: string | undefined, launcher: 'linux' | 'posix' = 'linux', facts = hybrid) =>
  chooseIsolation(flag, launcher, facts).modules.map((module) => module.name)

const without = (...controllers: string[]): HostFacts => ({
  ...hybrid,
  cgroups: {
    ...hybrid.cgroups,
    hierarchies: hybrid.cgroups.hierarchies.filter(
      ({ controllers: own = [] }) => !own.some((name) => controllers.includes(name)),
    ),
  },
})

test('without the flag a root agent isolates all it can', () => {
  expect(names(undefined)).toEqual([
    'filesystem/linux',
    'volume/host_path',
    'volume/image',
    'volume/sandbox_path',
    'volume/secret',
    'posix/rlimits',
    'cgroups/cpu',
    'cgroups/mem',
    'cgroups/pids',
    'cgroups/devices',
    'linux/capabilities',
    'linux/seccomp',
    'namespaces/pid',
    'namespaces/ipc',
    'namespaces/uts',
    'network/host',
  ])
})

test('what the host lacks is left out of the default and said', () => {
  const { modules, missing } = chooseIsolation(undefined, 'linux', without('memory'))
  expect(modules.map((module) => module.name)).toContain('posix/mem')
  expect(missing).toEqual(['memory is not enforced: this host has no cgroup controller memory'])
})

test('pure v2 gives the whole default too (row 6-054)', () => {
  const controllers = ['cpu', 'blkio', 'memory', 'pids', 'freezer', 'cpuacct', 'devices', 'perf_event']
  const cgroups = {
    world: CgroupWorld.CGROUP_V2,
    hierarchies: [{ mountPoint: '/sys/fs/cgroup', controllers, unified: true }],
  }
  expect(chooseIsolation(undefined, 'linux', { ...hybrid, cgroups }).missing).toEqual([])
  expect(names(undefined, 'linux', { ...hybrid, cgroups })).toEqual(names(undefined))
})

test('a kernel that cannot filter system calls is told, and refused where a filter is asked for', () => {
  const plain = { ...hybrid, security: { ...hybrid.security, seccomp: false } }
  const { modules, missing } = chooseIsolation(undefined, 'linux', plain)
  expect(modules.map((module) => module.name)).not.toContain('linux/seccomp')
  expect(missing).toEqual(['system calls are not filtered: this kernel cannot'])
})

test('strict has what it needs, whatever the flag says, or does not start', () => {
  const strict = (launcher: 'linux' | 'posix') => chooseIsolation('posix/cpu', launcher, hybrid, [], true)
  const chosen = strict('linux').modules.map((module) => module.name)
  expect(chosen).toEqual(expect.arrayContaining(['linux/capabilities', 'linux/seccomp', 'linux/nnp']))
  expect(() => strict('posix')).toThrow('needs the linux launcher, which needs root')
})

test('the order is ours, not that of the flag (row 6-010)', () => {
  expect(names('cgroups/mem,posix/rlimits,cgroups/cpu')).toEqual([
    'filesystem/posix',
    'posix/rlimits',
    'cgroups/cpu',
    'cgroups/mem',
    'network/host',
  ])
})

test('the old names of Mesos still work', () => {
  expect(names('process')).toEqual(names('posix/cpu,posix/mem'))
  expect(names('cgroups')).toEqual(names('cgroups/cpu, cgroups/mem'))
})

test.each([
  ['nonsense', /unknown isolator nonsense; known are filesystem\/posix/],
  ['filesystem/linux,filesystem/posix', /only one of/],
  ['namespaces/pid', /namespaces\/pid needs filesystem\/linux/],
])('--isolation=%s is refused', (flag, why) => expect(() => names(flag)).toThrow(why))

test('what is named must be possible on this host', () => {
  expect(() => names('cgroups/mem', 'linux', without('memory'))).toThrow(/needs cgroup controller memory/)
  expect(() => names('cgroups/mem', 'posix')).toThrow(/needs the linux launcher/)
})

test("a user's own isolator is named like any other and comes last", () => {
  const mine = { name: 'org/mine', create: () => ({}) }
  const { modules } = chooseIsolation('org/mine,posix/cpu', 'posix', hybrid, [mine])
  expect(modules.at(-1)).toBe(mine)
})

const nobody: HostFacts = { ...hybrid, root: false, user: 'ann' }

test('the launcher is linux for root, else posix with what is missing', () => {
  expect(chooseLauncher(undefined, hybrid)).toEqual({ launcher: 'linux', missing: [] })
  const { launcher, missing } = chooseLauncher(undefined, nobody)
  expect(launcher).toBe('posix')
  expect(missing[0]).toMatch(/every task runs as ann/)
  expect(() => chooseLauncher('linux', nobody)).toThrow('--launcher=linux needs root')
})

test('the posix default isolates nothing and still measures', () => {
  expect(names(undefined, 'posix', nobody)).toEqual([
    'filesystem/posix',
    'posix/cpu',
    'posix/mem',
    'posix/rlimits',
    'network/host',
  ])
})

test('only a container without a pid namespace needs the freezer to be killed for good', () => {
  expect(launcherFragment('linux', {}, hybrid)).toEqual({ cgroups: { controllers: ['freezer'] } })
  expect(launcherFragment('linux', { namespaces: { pid: true } }, hybrid)).toEqual({})
  expect(launcherFragment('posix', {}, hybrid)).toEqual({})
})
