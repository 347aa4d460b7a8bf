/** Cgroups that others have changed behind our back, and agents that come back to them. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MiB, Room } from './room.js'

let room: Room
beforeEach(async () => {
  room = await Room.open()
})
afterEach(() => room.close())

test('a root that somebody removed is made again (T136)', async () => {
  await room.start('sleep 1000')
  await room.host.destroy('c1')
  const root = dirname(room.view().directory('memory'))
  await rmdir(root)
  await room.start('sleep 1000', { settings: { memory: { limitBytes: 64n * MiB } } })
  expect(await room.view().memoryLimit()).toBe(64 << 20)
})

test('a controller that was taken from a running container is given back, with its limits, by the next agent (row 9-055)', async (context) => {
  const found = ['memory', 'hugetlb'].find((name) => room.lacks(name) === undefined && room.view().isUnified(name))
  if (!found) context.skip('no controller of cgroup v2 on this machine')
  const controller = found!
  const memory = { memory: { limitBytes: 64n * MiB } }
  const settings = controller === 'memory' ? memory : { hugetlb: [{ pageSize: '2MB', limitBytes: 2n * MiB }] }
  await room.start('sleep 1000', { controllers: [controller], settings })
  const limit = join(room.view().directory(controller), controller === 'memory' ? 'memory.max' : 'hugetlb.2MB.max')
  await writeFile(join(dirname(dirname(limit)), 'cgroup.subtree_control'), `-${controller}`)
  expect(existsSync(limit)).toBe(false)
  await room.restart()
  expect((await readFile(limit, 'utf8')).trim()).toBe(String(controller === 'memory' ? 64n * MiB : 2n * MiB))
})

test('a container from before an isolator was switched on runs on as it is (T31)', async () => {
  await room.start('sleep 1000', { controllers: ['cpu', 'cpuacct', 'freezer'] })
  const container = await room.restart()
  await container.update({ cpu: { shares: 2048n }, memory: { limitBytes: 64n * MiB }, pids: { max: 10n } })
  expect(await room.view().cpuShares()).toBe(2048)
  expect(await container.statistics()).not.toHaveProperty('memory')
})

test('a nested container with limits of its own: who was above it makes room (row 6-055)', async (context) => {
  const controller = ['memory', 'hugetlb'].find((name) => room.lacks(name) === undefined && room.view().isUnified(name))
  if (!controller) context.skip('no controller of cgroup v2 on this machine')
  // With cpu, which alone would be handed down past processes.
  const controllers = controller === 'memory' ? ['cpu', 'cpuacct', 'memory', 'pids'] : [controller!]
  const parent = await room.start('sleep 1000 & sleep 1000 & wait', { controllers })
  await expect.poll(async () => (await parent.statistics()).processes).toBe(3n)
  const nested = await room.start('sleep 1000', { id: 'n1', path: `${room.machine.cgroupsRoot}/c1/mesos/n1`, controllers })
  const directory = room.view().directory(controller!)
  expect(await readFile(join(directory, 'cgroup.procs'), 'utf8')).toBe('')
  expect((await readFile(join(directory, 'leaf', 'cgroup.procs'), 'utf8')).trim().split('\n')).toHaveLength(3)
  expect((await parent.statistics()).processes).toBe(3n)
  expect(await room.view('c1/mesos/n1').controllersOf((await nested.started).taskPid, controllers)).toEqual(controllers)
  await room.host.destroy('n1')
  await room.host.destroy('c1')
  expect(existsSync(directory)).toBe(false)
})

test('what lives in the root without being ours is left alone', async () => {
  const stranger = join(dirname(room.view().directory('memory')), 'stranger')
  await mkdir(stranger, { recursive: true })
  await room.restart()
  // Empty, so it is a leftover that is to be destroyed; with a process in it, it would be another agent's.
  expect((await room.host.recover()).leftovers).toContain('stranger')
  await room.host.destroy('stranger')
  expect(existsSync(stranger)).toBe(false)
})
