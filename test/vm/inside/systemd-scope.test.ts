/** Containers where systemd rules over cgroups (rows 5-014, 9-059): `npm run vm -- systemd test/vm/inside/systemd-scope.test.ts`. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { packagedAssets } from '#host/addon.js'
import { openRealHost } from '#host/real-host.js'
import { isBootedBySystemd } from '#host/systemd-scope.js'
import type { AgentOrders } from '../../kernel/host/agent-process.js'
import { type Bundle, bundle } from '../../support/bundle.js'
import { RealMachine } from '../../support/real-machine.js'

const booted = isBootedBySystemd('/run/systemd/system')
const SCOPE = 'meseta-test.scope'
const UNIT = 'meseta-test-agent.service'
const MiB = 1n << 20n

let machine: RealMachine
let program: Bundle
beforeAll(async () => {
  program = await bundle(new URL('../../kernel/host/agent-process.ts', import.meta.url))
})
afterAll(() => program.dispose())
beforeEach(async () => {
  machine = await RealMachine.prepare()
})
afterEach(() => machine.dispose())

const systemctl = (...argv: string[]): string => execFileSync('systemctl', argv, { encoding: 'utf8' }).trim()
const property = (unit: string, name: string): string => systemctl('show', '--value', `--property=${name}`, unit)
const cgroupOf = (pid: number): string => readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim()
const alive = (pid: number): boolean => existsSync(`/proc/${pid}`)

function plan() {
  const plan = machine.plan('c1', 'sleep 1000')
  return { ...plan, cgroups: { ...plan.cgroups!, settings: { memory: { limitBytes: 64n * MiB } } } }
}
const open = () => openRealHost({ runtimeDir: machine.runtimeDir, cgroupsRoot: machine.cgroupsRoot, scope: SCOPE })

test('containers are in a scope that systemd has delegated, and it goes with the last of them', async ({ skip }) => {
  if (!booted) skip('systemd is not pid 1 here')
  const host = await open()
  const container = await host.start(plan())
  container.go()
  const { taskPid } = await container.started
  expect(property(SCOPE, 'Delegate')).toBe('yes')
  const path = property(SCOPE, 'ControlGroup')
  expect(cgroupOf(taskPid)).toBe(`0::${path}/${machine.cgroupsRoot}/c1`)
  expect(cgroupOf(container.supervisor.pid)).toBe(`0::${path}/supervisors`)
  const limit = readFileSync(join('/sys/fs/cgroup', path, machine.cgroupsRoot, 'c1/memory.max'), 'utf8')
  expect(limit.trim()).toBe(String(64n * MiB))
  // Only what systemd hands down is there to be had.
  const controllers = readFileSync(join('/sys/fs/cgroup', path, 'cgroup.controllers'), 'utf8')
  expect(host.facts.cgroups.hierarchies[0]?.controllers?.includes('hugetlb')).toBe(controllers.includes('hugetlb'))
  // systemd looks at all its units again; what is delegated stays as we made it.
  systemctl('daemon-reload')
  expect(readFileSync(join('/sys/fs/cgroup', path, machine.cgroupsRoot, 'c1/memory.max'), 'utf8')).toBe(limit)

  await host.close()
  expect(property(SCOPE, 'ActiveState')).toBe('active')
  const next = await open()
  expect((await next.recover()).containers.map(({ id }) => id)).toEqual(['c1'])
  expect(property(SCOPE, 'ControlGroup')).toBe(path)
  await next.destroy('c1')
  await next.close()
  await expect.poll(() => property(SCOPE, 'ActiveState')).toBe('inactive')
  expect(existsSync(join('/sys/fs/cgroup', path))).toBe(false)
})

test("who stops the agent's unit does not stop its tasks", async ({ skip }) => {
  if (!booted) skip('systemd is not pid 1 here')
  const { cgroups: _, ...rest } = machine.plan('c1', 'sleep 1000')
  const cgroups = { path: `${machine.cgroupsRoot}/c1`, controllers: ['memory', 'freezer'] }
  const orders: AgentOrders = {
    runtimeDir: machine.runtimeDir,
    cgroupsRoot: machine.cgroupsRoot,
    scope: SCOPE,
    assets: packagedAssets(),
    start: [{ plan: { ...rest, cgroups }, go: true }],
  }
  const output = join(machine.directory, 'agent')
  const service = [
    '--unit',
    UNIT,
    '--collect',
    `--property=StandardOutput=file:${output}`,
    `--setenv=NODE_PATH=${program.env.NODE_PATH}`,
  ]
  execFileSync('systemd-run', [...service, process.execPath, program.file, JSON.stringify(orders)])
  const said = () => readFileSync(output, 'utf8')
  await expect.poll(said, { timeout: 60_000 }).toMatch(/^running c1 \d+$/m)
  const [supervisor, task] = [/^cloned c1 (\d+)$/m, /^running c1 (\d+)$/m].map((line) => Number(line.exec(said())?.[1]))
  // With all that is in its cgroup, as units are stopped that say nothing else.
  systemctl('stop', UNIT)
  expect([alive(supervisor!), alive(task!)]).toEqual([true, true])

  const host = await open()
  expect((await host.recover()).containers.map(({ id, phase }) => [id, phase])).toEqual([['c1', 'running']])
  await host.destroy('c1')
  expect(alive(task!)).toBe(false)
  await host.close()
  await expect.poll(() => property(SCOPE, 'ActiveState')).toBe('inactive')
})
