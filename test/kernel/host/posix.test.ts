import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { packagedAssets } from '#host/addon.js'
import { type Container, type Host, waitStatusOf } from '#host/host.js'
import { bundle } from '../../support/bundle.js'
import { RealMachine } from '../../support/real-machine.js'
import type { AgentOrders } from './agent-process.js'

/** What works without root: no namespaces, no cgroups (row 6-007). */
let machine: RealMachine
let host: Host

beforeEach(async () => {
  machine = await RealMachine.prepare()
  host = await machine.open()
})
afterEach(() => machine.dispose())

async function start(script: string): Promise<Container> {
  const { containerId, process } = machine.plan('c1', script)
  const container = await host.start({ containerId, process })
  container.go()
  return container
}

test('exit codes, signals and output are told truthfully', async () => {
  const container = await start('echo out; echo err >&2; exit 3')
  expect(waitStatusOf((await container.ended) as { waitStatus: number })).toEqual({ code: 3 })
  expect([await machine.output(), await machine.errors()]).toEqual(['out\n', 'err\n'])
  await host.destroy('c1')
  const killed = await start('kill -KILL $$')
  expect(waitStatusOf((await killed.ended) as { waitStatus: number })).toMatchObject({ signal: 9 })
})

test('children that left the session are killed with the container', async () => {
  const container = await start('setsid sh -c "echo $$; sleep 1000" & (setsid setsid sleep 1000 &) ; sleep 1000')
  await container.started
  await expect.poll(async () => Number((await container.statistics()).processes), { timeout: 20_000 }).toBeGreaterThanOrEqual(3)
  await container.kill()
  await container.ended
})

test('children that outlive the task are killed', async () => {
  const container = await start('setsid sleep 1000 & exit 0')
  expect(await container.ended).toMatchObject({ waitStatus: 0 })
})

test('the next agent has it back, and destroy ends it', async () => {
  const before = await start('setsid sleep 1000 & sleep 1000')
  const { taskPid } = await before.started
  await machine.crash()
  host = await machine.open()
  const [container] = (await host.recover()).containers
  expect(await container!.started).toMatchObject({ taskPid })
  await host.destroy('c1')
  await expect(readFile(`/proc/${taskPid}/stat`)).rejects.toThrow()
})

test('a supervisor that is killed takes its container with it, children that left the session too', async () => {
  const container = await start('setsid sleep 1000 & (setsid setsid sleep 1000 &) ; sleep 1000')
  await container.started
  await expect.poll(async () => Number((await container.statistics()).processes), { timeout: 20_000 }).toBeGreaterThanOrEqual(3)
  process.kill(container.supervisor.pid, 'SIGKILL')
  expect(await container.ended).toMatchObject({ how: 'lost' })
})

test('an agent without root runs tasks as its own user, and says what it cannot do', async () => {
  const uid = 65533
  await chown(host.facts.runtimeDirectory, uid, uid)
  await chown(machine.sandbox, uid, uid)
  const program = await bundle(new URL('./agent-process.ts', import.meta.url))
  await chmod(dirname(program.file), 0o755)
  const { containerId, process: task } = machine.plan('c1', 'id -u; sleep 1000')
  const orders: AgentOrders = {
    runtimeDir: machine.runtimeDir,
    cgroupsRoot: machine.cgroupsRoot,
    assets: packagedAssets(),
    start: [
      { plan: { containerId, process: task }, go: true },
      { plan: machine.plan('c2', 'true'), go: true },
    ],
  }
  const child = spawn(process.execPath, [program.file, JSON.stringify(orders)], {
    env: program.env,
    uid,
    gid: uid,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  createInterface(child.stdout).on('line', (line) => lines.push(line))
  await once(child, 'close')
  expect(lines.join('\n')).toContain(
    'a container with namespaces or cgroups needs root; without it only the posix launcher works',
  )
  // The agent ended with that; its first task runs on as who it is, and another agent ends it.
  await expect.poll(() => machine.output().catch(() => '')).toBe(`${uid}\n`)
  const [container] = (await host.recover()).containers
  expect(container).toMatchObject({ id: 'c1', phase: 'running' })
  await host.destroy('c1')
  await program.dispose()
})
