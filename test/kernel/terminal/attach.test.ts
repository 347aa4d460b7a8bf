import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AttachedOutput, Container, ContainerPlan, Host } from '#host/host.js'
import { RealMachine } from '../../support/real-machine.js'

let machine: RealMachine
let host: Host

beforeEach(async () => {
  machine = await RealMachine.prepare()
  host = await machine.open()
})
afterEach(() => machine.dispose())

function plan(script: string, identity?: ContainerPlan['process']['identity']): ContainerPlan {
  const base = machine.plan('c1', script)
  return { ...base, process: { ...base.process, identity, stdio: { ...base.process.stdio, attachable: true } } }
}

async function start(wanted: ContainerPlan): Promise<Container> {
  const container = await host.start(wanted)
  container.go()
  await container.started
  return container
}

async function everything(output: AttachedOutput): Promise<Record<'stdout' | 'stderr', string>> {
  const all = { stdout: '', stderr: '' }
  for await (const { stream, data } of output) all[stream] += Buffer.from(data).toString()
  return all
}

test('both streams reach the watcher apart, to the last byte, and the log files too', async () => {
  const container = await host.start(plan('seq 100000; echo bad >&2; exit 3'))
  const output = await container.attachOutput()
  container.go()
  const { stdout, stderr } = await everything(output)
  expect(stderr).toBe('bad\n')
  expect(stdout).toBe(await machine.output())
  expect(stdout.split('\n')).toHaveLength(100_001)
  expect(await machine.errors()).toBe('bad\n')
  expect(await container.ended).toMatchObject({ waitStatus: 3 << 8 })
})

test('the user of the task may open its streams again by name', async () => {
  const container = await host.start(
    plan('echo again > /dev/stdout; echo bad > /dev/stderr', { uid: 65_533, gid: 65_532, groups: [] }),
  )
  const output = await container.attachOutput()
  container.go()
  expect(await everything(output)).toEqual({ stdout: 'again\n', stderr: 'bad\n' })
})

test('a watcher that does not read is dropped and told so; neither the task nor another watcher nor the log waits for it', async () => {
  const container = await host.start(plan('head -c 8000000 /dev/zero | tr "\\0" x; echo end >&2'))
  const [idle, busy] = await Promise.all([container.attachOutput(), container.attachOutput()])
  container.go()
  const seen = await everything(busy)
  expect(seen.stdout).toHaveLength(8_000_000)
  expect((await stat(join(machine.sandbox, 'stdout'))).size).toBe(8_000_000)
  await expect(everything(idle)).rejects.toMatchObject({ code: 'HOST_FELL_BEHIND' })
  expect(await container.ended).toMatchObject({ waitStatus: 0 })
})

test('who writes to a task that does not read waits, the supervisor does not grow, and nothing is lost', async () => {
  const go = join(machine.sandbox, 'go')
  const container = await start(plan(`while [ ! -e ${go} ]; do sleep 0.02; done; wc -c`))
  const input = await container.attachInput()
  let written = false
  const writing = input.write(Buffer.alloc(8_000_000)).then(() => {
    written = true
  })
  // Commands of others get through meanwhile.
  expect(await container.signal(0)).toBe(true)
  const resident = Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${container.supervisor.pid}/status`, 'utf8'))?.[1])
  expect(resident).toBeLessThan(4_000)
  expect(written).toBe(false)
  await writeFile(go, '')
  await writing
  await input.end()
  await container.ended
  expect((await machine.output()).trim()).toBe('8000000')
})

test('a supervisor that is killed ends what was attached to it', async () => {
  const container = await start(plan('echo ready; sleep 1000'))
  const output = await container.attachOutput()
  process.kill(container.supervisor.pid, 'SIGKILL')
  expect((await everything(output)).stderr).toBe('')
  expect(await container.ended).toMatchObject({ how: 'lost' })
})

test('a container that nobody may attach to writes into its files itself', async () => {
  const container = await host.start(machine.plan('c1', 'readlink /proc/self/fd/1; exit 0'))
  container.go()
  await container.ended
  expect((await machine.output()).trim()).toBe(join(machine.sandbox, 'stdout'))
})
