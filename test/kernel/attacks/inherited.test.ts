import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { packagedAssets } from '#host/addon.js'
import { type Bundle, bundle } from '../../support/bundle.js'
import { RealMachine } from '../../support/real-machine.js'
import type { AgentOrders } from '../host/agent-process.js'

let program: Bundle
let machine: RealMachine
let agent: ChildProcess | undefined

beforeAll(async () => {
  program = await bundle(new URL('../host/agent-process.ts', import.meta.url))
})
afterAll(() => program.dispose())
beforeEach(async () => {
  machine = await RealMachine.prepare()
})
afterEach(async () => {
  if (agent?.exitCode === null && agent.signalCode === null) {
    const ended = once(agent, 'close')
    agent.kill('SIGKILL')
    await ended
  }
  await machine.dispose()
})

const missing = spawnSync('setpriv', ['--version']).status === 0 ? undefined : 'setpriv is missing (Debian: util-linux)'

test.skipIf(missing)(
  `S5 (CVE-2022-24769) what the agent was started with is not inherited by its tasks${missing ? ` (${missing})` : ''}`,
  async () => {
    const base = machine.plan('c1', 'grep ^Cap /proc/self/status')
    const identity = { uid: 65533, gid: 65532, groups: [] }
    const plans = [
      base,
      { ...base, containerId: 'c2', process: { ...base.process, identity, stdio: { stdout: `${machine.directory}/second` } } },
    ]
    const orders: AgentOrders = {
      runtimeDir: machine.runtimeDir,
      cgroupsRoot: machine.cgroupsRoot,
      assets: packagedAssets(),
      start: plans.map((plan) => ({ plan, go: true })),
    }
    const arguments_ = [
      '--inh-caps',
      '+net_raw,+sys_admin',
      '--ambient-caps',
      '+net_raw',
      process.execPath,
      program.file,
      JSON.stringify(orders),
    ]
    agent = spawn('setpriv', arguments_, { env: program.env, stdio: 'ignore' })
    await expect.poll(() => machine.output().catch(() => ''), { timeout: 20_000 }).toContain('CapAmb')
    await expect
      .poll(() => readFile(`${machine.directory}/second`, 'utf8').catch(() => ''), { timeout: 20_000 })
      .toContain('CapAmb')
    const own = await readFile(`/proc/${agent.pid}/status`, 'utf8')
    expect(own).not.toContain('CapInh:\t0000000000000000')
    for (const seen of [await machine.output(), await readFile(`${machine.directory}/second`, 'utf8')]) {
      expect(seen).toContain('CapInh:\t0000000000000000')
      expect(seen).toContain('CapAmb:\t0000000000000000')
    }
    expect(await readFile(`${machine.directory}/second`, 'utf8')).toContain('CapEff:\t0000000000000000')
  },
)
