import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { packagedAssets } from '#host/addon.js'
import { type Host, waitStatusOf } from '#host/host.js'
import { openRealHost } from '#host/real-host.js'
import { SupervisorRecord } from '#wire/native.js'
import { decode, encode } from '#wire/protobuf.js'
import { type Bundle, bundle } from '../../support/bundle.js'
import { childrenOf } from '../../support/children.js'
import { SET_UP_FAULTS } from '../../support/launcher-faults.js'
import { traces } from '../../support/leaks.js'
import { RealMachine } from '../../support/real-machine.js'
import type { AgentOrders } from './agent-process.js'

let program: Bundle
let machine: RealMachine

beforeAll(async () => {
  program = await bundle(new URL('./agent-process.ts', import.meta.url))
})
afterAll(() => program.dispose())
beforeEach(async () => {
  machine = await RealMachine.prepare()
})
afterEach(() => machine.dispose())

interface Agent {
  process: ChildProcess
  lines: string[]
  /** Waits for a line that begins like this. */
  said(beginning: string): Promise<string>
  kill(): Promise<void>
}

function agent(start: AgentOrders['start'], fault?: string): Agent {
  const orders: AgentOrders = {
    runtimeDir: machine.runtimeDir,
    cgroupsRoot: machine.cgroupsRoot,
    assets: packagedAssets(),
    start,
  }
  const child = spawn(process.execPath, [program.file, JSON.stringify(orders)], {
    env: { ...program.env, ...(fault && { MESETA_FAULT: fault }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  createInterface(child.stdout!).on('line', (line) => lines.push(line))
  const ended = once(child, 'close')
  return {
    process: child,
    lines,
    async said(beginning) {
      await expect.poll(() => lines.find((line) => line.startsWith(beginning)), { timeout: 20_000 }).toBeDefined()
      return lines.find((line) => line.startsWith(beginning))!
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** A recovering agent keeps what its checkpoints know and destroys the rest. */
async function recover(known: string[]): Promise<{ host: Host; kept: string[] }> {
  const host = await machine.open()
  const { containers, leftovers } = await host.recover()
  const unknown = [...containers.map(({ id }) => id), ...leftovers].filter((id) => !known.includes(id))
  await Promise.all(unknown.map((id) => host.destroy(id)))
  return { host, kept: containers.map(({ id }) => id).filter((id) => known.includes(id)) }
}

test('running containers survive kill -9 of the agent, and hold nothing of it', async () => {
  const first = agent([{ plan: machine.plan('c1', 'sleep 1000; exit 5'), go: true }])
  const pid = Number((await first.said('cloned c1')).split(' ')[2])
  await first.said('running c1')
  const held = await Promise.all(
    (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  )
  expect(held.filter((name) => !/^(socket|pipe|anon_inode):|^\/dev\/null$|^$/.test(name))).toEqual([])
  // Its own: the connection to the agent, the listener, the link to init and the task, its report, the two handles.
  expect(held.length).toBeLessThanOrEqual(12)
  await first.kill()

  const { host, kept } = await recover(['c1'])
  expect(kept).toEqual(['c1'])
  const container = host.find('c1')!
  expect(container).toMatchObject({ phase: 'running', supervisor: { pid } })
  await container.signal(15)
  expect(waitStatusOf((await container.ended) as { waitStatus: number })).toMatchObject({ signal: 15 })
})

test('what waited for work leaves with the agent', async () => {
  const first = agent([{ plan: machine.plan('c1', 'sleep 1000'), go: true }])
  await first.said('running c1')
  const nursery = (await childrenOf(first.process.pid!))[0]!
  const born = await childrenOf(nursery)
  expect(born.length).toBeGreaterThan(1)
  await first.kill()
  // All but the supervisor of c1: the nursery, and those that were parked.
  await expect
    .poll(async () => (await Promise.all([nursery, ...born].map(isAlive))).filter(Boolean).length, { timeout: 20_000 })
    .toBe(1)
})

test('a nursery that is killed takes nobody with it, and another takes its place', async () => {
  const host = await machine.open()
  const script = 'sleep 1000'
  const start = async (id: string) => {
    const container = await host.start(machine.plan(id, script))
    container.go()
    return container
  }
  const before = await start('c0')
  await before.started
  const stat = await readFile(`/proc/${before.supervisor.pid}/stat`, 'utf8')
  process.kill(Number(stat.split(') ')[1]!.split(' ')[1]), 'SIGKILL')
  // More than can have been parked before.
  const after = await Promise.all(Array.from({ length: 8 }, (_, index) => start(`c${index + 1}`)))
  await Promise.all(after.map((container) => container.started))
  expect(before.phase).toBe('running')
})

test('fifty containers come back after kill -9, ten times in a row', async () => {
  const ids = Array.from({ length: 50 }, (_, index) => `c${index}`)
  const first = agent(ids.map((id) => ({ plan: machine.plan(id, 'sleep 1000'), go: true })))
  for (const id of ids) await first.said(`running ${id} `)
  await first.kill()
  let pids: number[] | undefined
  for (let round = 0; round < 10; round++) {
    const { host, kept } = await recover(ids)
    expect(kept.sort()).toEqual([...ids].sort())
    const now = await Promise.all(ids.map(async (id) => (await host.find(id)!.started).taskPid))
    pids ??= now
    expect(now).toEqual(pids)
    await machine.crash()
  }
})

test('a runtime directory whose sockets have long paths is as good as any', async () => {
  const deep = join(machine.runtimeDir, 'x'.repeat(100), 'y'.repeat(100))
  const open = () => openRealHost({ runtimeDir: deep, cgroupsRoot: machine.cgroupsRoot })
  const before = await open()
  const container = await before.start(machine.plan('c1', 'sleep 1000'))
  container.go()
  const { taskPid } = await container.started
  await before.close()
  const after = await open()
  const [found] = (await after.recover()).containers
  expect(await found!.started).toMatchObject({ taskPid })
  await after.destroy('c1')
  await after.close()
})

describe('death at every point of a start leaves nothing that no checkpoint knows', () => {
  test.each(['launch.before-spawn', 'launch.after-spawn', ...SET_UP_FAULTS])('%s', async (point) => {
    const dying = point.startsWith('launch.')
    const first = agent([{ plan: machine.plan('c1', 'sleep 1000'), go: false }], `${point}:kill:1`)
    if (!dying) await first.said('cloned c1')
    await first.kill()
    await recover([])
    await nothingRuns()
  })

  test('between clone and go, without any help of the next agent', async () => {
    const first = agent([{ plan: machine.plan('c1', 'sleep 1000'), go: false }])
    await first.said('cloned c1')
    await first.kill()
    await nothingRuns()
  })

  test('a step that fails inside is told with its reason', async () => {
    const first = agent([{ plan: machine.plan('c1', 'sleep 1000'), go: true }], 'init.before-mounts:error:1')
    expect(await first.said('failed c1')).toBe(
      'failed c1 could not pass the fault point init.before-mounts: an error was asked for',
    )
    await first.kill()
  })
})

test.each(['supervisor.before-status', 'supervisor.after-status'])('a supervisor that dies at %s', async (point) => {
  const first = agent([{ plan: machine.plan('c1', 'exit 6'), go: true }], `${point}:kill:1`)
  await first.said('running c1')
  await first.kill()
  const { host } = await recover(['c1'])
  const end = await host.find('c1')!.ended
  if (point === 'supervisor.after-status') expect(end).toMatchObject({ how: 'exited', waitStatus: 6 << 8 })
  else expect(end).toMatchObject({ how: 'lost' })
})

test('a supervisor that is killed takes its container with it, and that is told', async () => {
  const host = await machine.open()
  const container = await host.start(machine.plan('c1', 'setsid sleep 1000 & sleep 1000'))
  container.go()
  const { taskPid } = await container.started
  process.kill(container.supervisor.pid, 'SIGKILL')
  expect(await container.ended).toMatchObject({ how: 'lost', reason: expect.stringContaining('was killed') })
  await expect(readFile(`/proc/${taskPid}/stat`)).rejects.toThrow()
})

test('a pid that another process has now is not taken for the supervisor', async () => {
  const host = await machine.open()
  const container = await host.start(machine.plan('c1', 'sleep 1000'))
  container.go()
  await container.started
  await machine.crash()
  // As after a crash and many forks: the record names a living process that started at another time.
  const path = `${host.facts.runtimeDirectory}/c1/record`
  const record = decode(SupervisorRecord, await readFile(path))
  process.kill(record.pid, 'SIGKILL')
  await writeFile(path, encode(SupervisorRecord, { ...record, pid: process.pid }))
  const next = await machine.open()
  const [found] = (await next.recover()).containers
  expect(await found!.ended).toMatchObject({ how: 'lost' })
})

async function nothingRuns(): Promise<void> {
  const scope = { directories: [machine.sandbox, machine.runtimeDir], cgroupsRoot: machine.cgroupsRoot }
  await expect.poll(() => traces(scope), { timeout: 20_000 }).toEqual([])
  const boots = await readdir(machine.runtimeDir).catch(() => [])
  const left = await Promise.all(boots.map((boot) => readdir(`${machine.runtimeDir}/${boot}`)))
  expect(left.flat()).toEqual([])
}

const isAlive = (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    (stat) => !stat.includes(') Z'),
    () => false,
  )
