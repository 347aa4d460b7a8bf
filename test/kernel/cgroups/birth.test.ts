/** Where a task is before it has done anything. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { armFaults } from '#base/fault.js'
import { Room } from './room.js'

let room: Room
beforeEach(async () => {
  room = await Room.open()
})
afterEach(async () => {
  armFaults(undefined)
  await room.close()
})

const NEVER = 600_000

test('a task is born in its cgroup of the v2 tree: to be moved there costs a grace period of the kernel', async (context) => {
  const unified = ['memory', 'hugetlb'].find((name) => room.lacks(name) === undefined && room.view().isUnified(name))
  if (!unified) context.skip('no controller of cgroup v2 on this machine')
  const controllers = ['pids', unified!]
  const members = async (controller: string) =>
    (await readFile(join(room.view().directory(controller), 'cgroup.procs'), 'utf8')).trim()
  armFaults(`task.before-cgroups:sleep=${NEVER}`)
  const plan = room.machine.plan('c1', 'sleep 1000')
  await room.host.start({ ...plan, cgroups: { path: `${room.machine.cgroupsRoot}/c1`, controllers } })
  await expect.poll(() => members(unified!).catch(() => '')).toMatch(/^\d+$/)
  // A hierarchy of its own is joined by the task itself.
  expect(await members('pids')).toBe(room.view().isUnified('pids') ? await members(unified!) : '')
  await room.host.destroy('c1')
})
