/** What needs CAP_SYS_RESOURCE, which containers that run tests mostly lack. */
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ContainerPlan, Host } from '#host/host.js'
import { RealMachine } from '../../support/real-machine.js'

let machine: RealMachine
let host: Host

beforeEach(async () => {
  machine = await RealMachine.prepare()
  host = await machine.open()
})
afterEach(() => machine.dispose())

async function outputOf(script: string, change: (plan: ContainerPlan) => Partial<ContainerPlan>): Promise<string> {
  const plan = machine.plan('c1', script)
  const container = await host.start({ ...plan, ...change(plan) })
  container.go()
  await container.ended
  expect(await machine.errors()).toBe('')
  return machine.output()
}

test('a hard limit above the one that the agent has itself (row 6-020)', async () => {
  const [, own] = /^Max open files\s+\d+\s+(\d+)/m.exec(await readFile('/proc/self/limits', 'utf8')) ?? []
  const wanted = BigInt(own!) * 2n
  const resourceLimits = [{ kind: 'NOFILE', soft: wanted, hard: wanted }]
  expect(await outputOf('ulimit -Hn', () => ({ resourceLimits }))).toBe(`${wanted}\n`)
})

test('of every kind one that is raised', async () => {
  const script = 'grep -E "locked memory|msgqueue|realtime priority|pending signals" /proc/self/limits'
  const resourceLimits = [
    { kind: 'MEMLOCK', soft: 1n << 40n, hard: 1n << 40n },
    { kind: 'MSGQUEUE', soft: 1n << 30n, hard: 1n << 30n },
    { kind: 'RTPRIO', soft: 50n, hard: 50n },
    { kind: 'SIGPENDING', soft: 1_000_000n, hard: 1_000_000n },
  ]
  const out = await outputOf(script, () => ({ resourceLimits }))
  for (const { hard } of resourceLimits) expect(out).toContain(` ${hard} `)
})

test('an out-of-memory score below the own one (row 6-023)', async () => {
  const out = await outputOf('cat /proc/self/oom_score_adj', ({ process }) => ({
    process: { ...process, oomScoreAdjustment: -500 },
  }))
  expect(out).toBe('-500\n')
})
