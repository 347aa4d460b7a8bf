import { afterEach, expect, test } from 'vitest'
import type { Master } from '#master/master.js'
import { LinkAgent } from '../../support/link-agent.js'
import { testMaster } from '../../support/test-master.js'
import { framework, JsonScheduler, read } from '../../support/test-scheduler.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function start(disk: Map<string, Buffer>): Promise<Master> {
  const master = await testMaster([], disk)
  cleanups.push(() => master.close())
  return master
}

test('a master that takes over knows its agents and frameworks again, and no task is touched', async () => {
  const disk = new Map<string, Buffer>()
  const first = await start(disk)
  const agent = new LinkAgent(first.url)
  await agent.connect()
  const scheduler = await JsonScheduler.subscribe(first.url)
  await scheduler.launch('t', 'sleep 1000')
  await scheduler.update('t', 'TASK_STARTING')
  await scheduler.update('t', 'TASK_RUNNING')
  const { id } = agent
  // What is on the disk now is all that a successor of a killed master has.
  const left = new Map(disk)
  await first.close()

  const second = await start(left)
  const before = (await read(second.url, '/state')) as {
    recovered_slaves: { id: string }[]
    frameworks: { recovered: boolean }[]
  }
  expect(before.recovered_slaves.map((it) => it.id)).toEqual([id?.value])
  expect(before.frameworks.map((it) => it.recovered)).toEqual([true])

  const back = await JsonScheduler.subscribe(second.url, framework, scheduler.id)
  cleanups.push(() => back.close())
  const returned = new LinkAgent(second.url, 15051, id?.value)
  for (const [key, task] of agent.tasks) returned.tasks.set(key, task)
  await returned.connect()
  cleanups.push(() => returned.disconnect())
  expect(returned.id).toEqual(id)
  await back.call({ type: 'RECONCILE', reconcile: {} })
  await back.update('t', 'TASK_RUNNING')
  await back.call({ type: 'KILL', kill: { task_id: { value: 't' } } })
  await back.update('t', 'TASK_KILLED')
})

test('a framework that was torn down stays so for every later master', async () => {
  const disk = new Map<string, Buffer>()
  const first = await start(disk)
  const scheduler = await JsonScheduler.subscribe(first.url)
  await scheduler.call({ type: 'TEARDOWN' })
  await scheduler.stream.end()
  await first.close()
  const second = await start(disk)
  const again = await JsonScheduler.subscribe(second.url, framework, scheduler.id)
  expect(again.stream.events[0]?.type).toBe('ERROR')
})
