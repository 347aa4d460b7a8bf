import { readdir } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Host, waitStatusOf } from '#host/host.js'
import { RealMachine } from '../../support/real-machine.js'

let machine: RealMachine
let host: Host

beforeEach(async () => {
  machine = await RealMachine.prepare()
  host = await machine.open()
})
afterEach(() => machine.dispose())

async function live(id: string, script = 'exit 0', environment: string[] = []): Promise<void> {
  const plan = machine.plan(id, script)
  const process = { ...plan.process, environment: [...(plan.process.environment ?? []), ...environment], stdio: {} }
  const container = await host.start({ ...plan, process })
  container.go()
  expect(await container.ended).toMatchObject({ how: 'exited', waitStatus: 0 })
  await host.destroy(id)
}

const descriptors = async (): Promise<number> => (await readdir('/proc/self/fd')).length
const threads = async (): Promise<number> => (await readdir('/proc/self/task')).length

test('a hundred containers at once, more than wait parked, all live their life', async () => {
  await Promise.all(Array.from({ length: 100 }, (_, index) => live(`c${index}`)))
})

test('after hundreds of containers the agent holds no more descriptors or threads than after the first', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, index) => live(`warm${index}`)))
  const before = { descriptors: await descriptors(), threads: await threads() }
  for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 20 }, (_, index) => live(`c${round}-${index}`)))
  expect(await threads()).toBe(before.threads)
  // Parked supervisors, three descriptors each, come and go.
  await expect.poll(async () => Math.abs((await descriptors()) - before.descriptors)).toBeLessThanOrEqual(12)
})

test('a plan larger than a socket takes at once arrives whole', async () => {
  const value = 'x'.repeat(100_000)
  await live(
    'c1',
    `test $V1 = $V8 && test $\{#V8} = ${value.length}`,
    Array.from({ length: 8 }, (_, index) => `V${index + 1}=${value}`),
  )
})

test('a start that the host cannot even begin leaves nothing and says why', async () => {
  const plan = machine.plan('c1', 'true')
  const container = await host.start({ ...plan, namespaces: { ...plan.namespaces, joined: [{ kind: 'net', path: '/nowhere' }] } })
  container.go()
  expect(await container.ended).toMatchObject({
    how: 'failed',
    reason: 'could not open the namespace /nowhere: no such file or directory',
  })
})

test('signals of every number reach the task as what they are', async () => {
  for (const signal of [1, 2, 3, 6, 9, 10, 14, 34, 40, 64]) {
    const container = await host.start(machine.plan(`s${signal}`, 'exec sleep 1000'))
    container.go()
    await container.started
    expect(await container.signal(signal)).toBe(true)
    expect(waitStatusOf((await container.ended) as { waitStatus: number })).toMatchObject({ signal })
  }
})
