/** Nothing that a task does keeps it, or its cgroups, alive. */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { waitStatusOf } from '#host/host.js'
import { Room } from './room.js'

let room: Room
beforeEach(async () => {
  room = await Room.open()
})
afterEach(() => room.close())

const processes = async () => Number((await room.host.find('c1')!.statistics()).processes)

// No limit of processes and no pid namespace: only the cgroup knows who they are, and each is another one a moment later.
test('a fork bomb in sessions of its own is killed whole (row 6-008)', async () => {
  const bomb = join(room.machine.sandbox, 'bomb')
  await writeFile(bomb, 'trap "" TERM HUP INT\nsetsid sh $0 &\n')
  const script = `for i in $(seq 20); do setsid sh ${bomb} & done; sleep 1000`
  const controllers = ['cpu', 'memory', 'freezer']
  const container = await room.start(script, { controllers, over: { namespaces: { mount: true } } })
  await expect.poll(processes, { timeout: 20_000 }).toBeGreaterThan(10)
  await container.kill()
  expect(waitStatusOf((await container.ended) as { waitStatus: number })).toMatchObject({ signal: 9 })
  expect(await processes()).toBe(0)
})

test('and destroyed whole when its supervisor was killed', async () => {
  const bomb = join(room.machine.sandbox, 'bomb')
  await writeFile(bomb, 'setsid sh $0 &\n')
  const script = `for i in $(seq 20); do setsid sh ${bomb} & done; sleep 1000`
  const container = await room.start(script, { controllers: ['cpu', 'freezer'], over: { namespaces: { mount: true } } })
  await expect.poll(processes, { timeout: 20_000 }).toBeGreaterThan(10)
  process.kill(container.supervisor.pid, 'SIGKILL')
  expect(await container.ended).toMatchObject({ how: 'lost' })
  await room.host.destroy('c1')
  expect(existsSync(room.view().directory('cpu'))).toBe(false)
})

test('cgroups that the task made below its own go with it, frozen ones too', async () => {
  const controllers = ['cpu', 'memory', 'pids', 'freezer']
  const view = room.view()
  const directories = [...new Set(controllers.map((name) => view.directory(name)))]
  const freeze = view.isUnified('freezer') ? 'echo 1 > $inner/cgroup.freeze' : 'echo FROZEN > $inner/freezer.state'
  const move = directories.map((at) => `mkdir -p ${at}/inner/deeper; echo $pid > ${at}/inner/deeper/cgroup.procs`).join('; ')
  const script = `sleep 1000 & pid=$!; ${move}; inner=${view.directory('freezer')}/inner; ${freeze}; echo done; sleep 1000`
  const over = { namespaces: { mount: true } }
  const container = await room.start(script, { controllers, over })
  await expect.poll(() => room.machine.output().catch(() => ''), { timeout: 20_000 }).toBe('done\n')
  expect(directories.every((at) => existsSync(`${at}/inner/deeper`))).toBe(true)
  await container.kill()
  await container.ended
  await room.host.destroy('c1')
  expect(directories.filter((at) => existsSync(at))).toEqual([])
})
