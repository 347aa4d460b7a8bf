/** Swap of a container: test hosts rarely have any. */
import { execFileSync } from 'node:child_process'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Host } from '#host/host.js'
import { CgroupWorld } from '#wire/native.js'
import { CgroupView } from '../../support/cgroup-view.js'
import { RealMachine } from '../../support/real-machine.js'

const MiB = 1 << 20
const DISK = '/dev/vdc'
/** Holds 48 MiB at once. */
const HUNGRY = `head -c ${48 * MiB} /dev/zero | tail -c ${48 * MiB} | wc -c`

let machine: RealMachine
let host: Host

beforeAll(() => {
  execFileSync('mkswap', [DISK])
  execFileSync('swapon', [DISK])
})
afterAll(() => void execFileSync('swapoff', [DISK]))
beforeEach(async () => {
  machine = await RealMachine.prepare()
  host = await machine.open()
})
afterEach(() => machine.dispose())

/** With 32 MiB of memory; `both` is memory and swap together. */
async function start(script: string, both: number) {
  const plan = machine.plan('c1', script)
  const settings = { memory: { limitBytes: BigInt(32 * MiB), swapLimitBytes: BigInt(both) } }
  const container = await host.start({ ...plan, cgroups: { ...plan.cgroups!, settings } })
  container.go()
  return container
}

test('the limit stands: memory and swap together on v1, swap alone on v2', async () => {
  const container = await start('sleep 1000', 96 * MiB)
  await container.started
  const view = new CgroupView(host.facts.cgroups, `${machine.cgroupsRoot}/c1`)
  if (host.facts.cgroups.world === CgroupWorld.CGROUP_V2) expect(await view.file('memory', 'memory.swap.max')).toBe(`${64 * MiB}`)
  else expect(await view.file('memory', 'memory.memsw.limit_in_bytes')).toBe(`${96 * MiB}`)
})

test('with swap a task may use more than its memory', async () => {
  const container = await start(`${HUNGRY}; sleep 1000`, 96 * MiB)
  await expect.poll(() => machine.output(), { timeout: 60_000 }).toBe(`${48 * MiB}\n`)
  expect((await container.statistics()).memory?.oomKills).toBe(0n)
})

test('without swap the same task is killed', async () => {
  const container = await start(`exec sh -c '${HUNGRY}'`, 32 * MiB)
  const end = await container.ended
  expect(end).toMatchObject({ how: 'exited', oomKills: expect.toSatisfy((kills: number) => kills > 0) })
  expect(await machine.output()).not.toContain(`${48 * MiB}`)
})

test('raised while the task runs', async () => {
  const container = await start('sleep 1000', 48 * MiB)
  await container.started
  await container.update({ memory: { limitBytes: BigInt(64 * MiB), swapLimitBytes: BigInt(128 * MiB) } })
  const view = new CgroupView(host.facts.cgroups, `${machine.cgroupsRoot}/c1`)
  expect(await view.memoryLimit()).toBe(64 * MiB)
  if (host.facts.cgroups.world === CgroupWorld.CGROUP_V2) expect(await view.file('memory', 'memory.swap.max')).toBe(`${64 * MiB}`)
  else expect(await view.file('memory', 'memory.memsw.limit_in_bytes')).toBe(`${128 * MiB}`)
})
