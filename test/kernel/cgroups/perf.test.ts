/** Perf events of a container (rows 6-029, 6-060). */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Room } from './room.js'

let room: Room
beforeEach(async () => {
  room = await Room.open()
})
afterEach(() => room.close())

const EVENTS = ['context-switches', 'task-clock', 'page-faults']

test('what happens in the container is counted, and only from when it is asked', async (context) => {
  const missing = room.lacks('perf_event')
  if (missing) context.skip(missing)
  expect(room.host.uncountable([...EVENTS, 'no-such-event'])).toEqual(['no-such-event'])
  const container = await room.start('while :; do echo round; sleep 0.01; done', { controllers: ['perf_event'] })
  const rounds = async () => (await room.machine.output()).split('\n').length
  const count = await container.countEvents(EVENTS)
  const before = await rounds()
  await expect.poll(rounds, { timeout: 20_000 }).toBeGreaterThan(before + 20)
  const counters = new Map((await count.end()).map(({ name, value }) => [name, Number(value)]))
  expect([...counters.keys()]).toEqual(EVENTS)
  for (const name of EVENTS) expect(counters.get(name), name).toBeGreaterThan(10)
  // Of the whole machine there would be much more time than passed here on one cpu.
  expect(counters.get('task-clock')).toBeLessThan(10e9)
  expect(await count.end()).toEqual([])
})

test('a container that has not joined is refused', async () => {
  const container = await room.start('sleep 1000', { controllers: ['cpu'] })
  await expect(container.countEvents(EVENTS)).rejects.toThrow('the container does not join the perf_event controller')
})
