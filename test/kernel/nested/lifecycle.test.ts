import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import { Workplace } from '../containerizer/workplace.js'
import { Pod } from './pod.js'

let place: Workplace

beforeEach(async () => {
  place = await Workplace.open()
})
afterEach(() => place.close())

const gone = (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    () => false,
    () => true,
  )

/** A chain: each nested in the one before. */
async function chain(pod: Pod, depth: number): Promise<ContainerConfig[]> {
  const all = [pod.parent]
  for (let level = 1; level <= depth; level++) {
    const nested = pod.nested('sleep 1000', {}, all.at(-1)!)
    await place.start(nested)
    all.push(nested)
  }
  return all
}

test('nested containers of any depth end with the one around them, and how they ended can be asked until it is destroyed', async () => {
  const pod = await Pod.start(place, 'sleep 1000')
  const all = await chain(pod, 4)
  const pids = await Promise.all(all.map(async ({ id }) => (await place.containerizer.go(id)).taskPid))
  await place.containerizer.kill(pod.parent.id)
  const ends = await Promise.all(all.map(({ id }) => place.containerizer.wait(id)))
  expect(ends.map(({ waitStatus }) => waitStatus)).toEqual(all.map(() => 9))
  expect(await Promise.all(pids.map(gone))).toEqual(pids.map(() => true))
  await place.containerizer.destroy(pod.parent.id)
  expect(place.containerizer.containers()).toEqual([])
})

test('32 levels and no more (row 6-013)', async () => {
  const pod = await Pod.start(place, 'sleep 1000')
  const all = await chain(pod, 31)
  expect(all).toHaveLength(32)
  await expect(place.containerizer.clone(pod.nested('true', {}, all.at(-1)!))).rejects.toThrow('deeper than 32')
  expect(await place.containerizer.status(all[2]!.id)).toMatchObject({
    containerId: { value: 'n2', parent: { value: 'n1', parent: { value: pod.parent.id } } },
  })
  await place.containerizer.destroy(pod.parent.id)
})

test('a nested one that ends or is destroyed leaves the others alone, and its name is free again', async () => {
  const pod = await Pod.start(place, 'sleep 1000')
  const [short, long] = [pod.nested('exit 3'), pod.nested('sleep 1000')]
  await Promise.all([place.start(short), place.start(long)])
  expect(await place.containerizer.wait(short.id)).toEqual({ waitStatus: 3 << 8 })
  await place.containerizer.destroy(short.id)
  expect(await place.containerizer.signal(long.id, 0)).toBe(true)
  expect(await place.containerizer.signal(pod.parent.id, 0)).toBe(true)
  await place.start(short)
  expect(await place.containerizer.wait(short.id)).toEqual({ waitStatus: 3 << 8 })
})

test('after a restart of the agent they are attached to again; what it does not know is destroyed', async () => {
  const pod = await Pod.start(place, 'sleep 1000')
  const [, child, grandchild] = await chain(pod, 2)
  const stranger = pod.nested('sleep 1000')
  await place.start(stranger)
  const { taskPid } = await place.containerizer.go(stranger.id)
  // In no order that would help.
  const { live, orphans } = await place.restart([grandchild!, child!, pod.parent])
  expect(live.toSorted()).toEqual([pod.parent.id, child!.id, grandchild!.id].toSorted())
  expect(orphans).toEqual([stranger.id])
  expect(await gone(taskPid)).toBe(true)
  expect(await pod.output(pod.nested('echo again', {}, child!))).toBe('again\n')
  await place.containerizer.destroy(pod.parent.id)
  expect(place.containerizer.containers()).toEqual([])
})

test('one whose parent ended while no agent was there ends too', async () => {
  const pod = await Pod.start(place, 'sleep 1000')
  const [, child] = await chain(pod, 1)
  const { taskPid } = await place.containerizer.go(pod.parent.id)
  const nested = await place.containerizer.go(child!.id)
  await place.containerizer.close()
  process.kill(taskPid, 'SIGKILL')
  await expect.poll(() => gone(nested.taskPid)).toBe(true)
  const { ended } = await place.restart([pod.parent, child!])
  expect(ended.toSorted()).toEqual([pod.parent.id, child!.id])
  expect(await place.containerizer.wait(child!.id)).toEqual({ waitStatus: 9 })
})

test('ids that are not what they say are refused', async () => {
  const pod = await Pod.start(place, 'sleep 1000')
  const nested = pod.nested('true')
  for (const id of ['elsewhere.n1', `${pod.parent.id}.`, `${pod.parent.id}.a.b`, pod.parent.id.replace(/.$/, 'x')]) {
    await expect(place.containerizer.clone({ ...nested, id }), id).rejects.toThrow(/is not that of|cannot be the name/)
  }
})
