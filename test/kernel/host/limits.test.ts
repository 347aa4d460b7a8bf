import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Container, type ContainerPlan, type Host, waitStatusOf } from '#host/host.js'
import type { CgroupSettings, MemoryPressure } from '#wire/native.js'
import { CgroupView } from '../../support/cgroup-view.js'
import { RealMachine } from '../../support/real-machine.js'

let machine: RealMachine
let host: Host

beforeEach(async () => {
  machine = await RealMachine.prepare()
  host = await machine.open()
})
afterEach(() => machine.dispose())

async function start(script: string, change: Partial<ContainerPlan> = {}, settings?: CgroupSettings): Promise<Container> {
  const plan = machine.plan('c1', script)
  const container = await host.start({ ...plan, cgroups: { ...plan.cgroups!, settings }, ...change })
  container.go()
  return container
}

/** Of the container `c1`, from outside. */
const view = (): CgroupView => new CgroupView(host.facts.cgroups, `${machine.cgroupsRoot}/c1`)

const MiB = 1n << 20n
const HUNGRY = 'a=x; while :; do a=$a$a; done'

test('limits stand in the cgroup when the task starts, and change while it runs', async () => {
  const container = await start(
    'sleep 1000',
    {},
    {
      cpu: { shares: 512n, quotaUs: 50_000n, periodUs: 100_000n },
      memory: { limitBytes: 64n * MiB, softLimitBytes: 32n * MiB },
      pids: { max: 50n },
    },
  )
  await container.started
  expect(await view().cpuShares()).toBe(512)
  expect(await view().cpuQuotaUs()).toBe(50_000)
  expect(await view().memoryLimit()).toBe(Number(64n * MiB))
  expect(await view().softMemoryLimit()).toBe(Number(32n * MiB))
  expect(await view().processLimit()).toBe(50)

  await container.update({ cpu: { shares: 1024n, quotaUs: -1n }, memory: { limitBytes: 32n * MiB } })
  expect(await view().cpuShares()).toBe(1024)
  expect(await view().cpuQuotaUs()).toBe(-1)
  // Raised only (row 6-023), unless it is said that lowering is meant.
  expect(await view().memoryLimit()).toBe(Number(64n * MiB))
  await container.update({ memory: { limitBytes: 32n * MiB, lower: true } })
  expect(await view().memoryLimit()).toBe(Number(32n * MiB))
})

test('out of memory is told with its figures, and so is the kill', async () => {
  const container = await start(HUNGRY, {}, { memory: { limitBytes: 32n * MiB } })
  const pressure = new Promise<MemoryPressure>((resolve) => container.onOom(resolve))
  expect(await pressure).toMatchObject({ limitBytes: 32n * MiB, memoryStat: expect.stringMatching(/^(rss|anon) /m) })
  const end = await container.ended
  expect(end).toMatchObject({ how: 'exited', oomKills: 1 })
  expect(waitStatusOf(end as { waitStatus: number })).toMatchObject({ signal: 9 })
})

test('an out-of-memory kill that no agent saw is told to the next', async () => {
  const container = await start(`sh -c '${HUNGRY}'; sleep 1000`, {}, { memory: { limitBytes: 32n * MiB } })
  await container.started
  await machine.crash()
  await expect.poll(() => view().oomKills(), { timeout: 20_000 }).toBe(1)
  host = await machine.open()
  const [recovered] = (await host.recover()).containers
  expect(await new Promise<MemoryPressure>((resolve) => recovered!.onOom(resolve))).toMatchObject({ oomKills: 1n })
})

test('a container that forks as fast as it can is killed whole', async () => {
  const container = await start('exec perl -e "fork while 1"', {}, { pids: { max: 400n } })
  await container.started
  await expect.poll(async () => Number((await container.statistics()).processes), { timeout: 20_000 }).toBeGreaterThan(100)
  await container.kill()
  expect(waitStatusOf((await container.ended) as { waitStatus: number })).toMatchObject({ signal: 9 })
  expect((await container.statistics()).processes).toBe(0n)
})

test('without a pid namespace forkers are killed by their cgroup', async () => {
  const script = 'for i in 1 2 3 4 5; do (setsid sh -c "while :; do sleep 0.01 & done" &) ; done; sleep 1000'
  const container = await start(script, { namespaces: { mount: true } }, { pids: { max: 300n } })
  await container.started
  await expect.poll(async () => Number((await container.statistics()).processes), { timeout: 20_000 }).toBeGreaterThan(20)
  await container.kill()
  await container.ended
  expect((await container.statistics()).processes).toBe(0n)
})

test('the process limit holds', async () => {
  const container = await start('for i in $(seq 50); do sleep 5 & done; wait', {}, { pids: { max: 10n } })
  await container.ended
  expect(await machine.errors()).toMatch(/fork/)
})

test('resource limits are set; what is absent is unlimited, one side alone is refused', async () => {
  const limits = [{ kind: 'NOFILE', soft: 100n, hard: 200n }, { kind: 'CORE', soft: 0n, hard: 0n }, { kind: 'CPU' }]
  const container = await start('ulimit -Sn; ulimit -Hn; ulimit -c; ulimit -t', { resourceLimits: limits })
  await container.ended
  expect(await machine.output()).toBe('100\n200\n0\nunlimited\n')
  await host.destroy('c1')
  const refused = await start('true', { resourceLimits: [{ kind: 'NOFILE', soft: 5n }] })
  expect(await refused.ended).toMatchObject({
    reason: 'could not set the resource limit NOFILE: it needs both a soft and a hard value, or neither',
  })
})

test('statistics say what was used', async () => {
  const container = await start('i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; sleep 1000')
  await container.started
  await expect.poll(async () => (await container.statistics()).cpu?.totalNs, { timeout: 20_000 }).toBeGreaterThan(50_000_000n)
  const { memory, processes, threads } = await container.statistics()
  expect(memory?.usageBytes).toBeGreaterThan(0n)
  expect(processes).toBeGreaterThan(0n)
  expect(threads).toBeGreaterThanOrEqual(processes!)
})

test('an adjusted out-of-memory score is set before the task runs', async () => {
  const plan = machine.plan('c1', 'cat /proc/self/oom_score_adj')
  const container = await host.start({ ...plan, process: { ...plan.process, oomScoreAdjustment: 500 } })
  container.go()
  await container.ended
  expect(await machine.output()).toBe('500\n')
})

test('a task does not inherit how the agent is treated when memory runs out, nor its mask for new files', async () => {
  await host.close()
  const mask = process.umask(0o077)
  await writeFile('/proc/self/oom_score_adj', '300')
  try {
    host = await machine.open()
    const container = await host.start(machine.plan('c1', 'cat /proc/self/oom_score_adj; umask'))
    container.go()
    await container.ended
  } finally {
    await writeFile('/proc/self/oom_score_adj', '0')
    process.umask(mask)
  }
  expect(await machine.output()).toBe('0\n0022\n')
})
