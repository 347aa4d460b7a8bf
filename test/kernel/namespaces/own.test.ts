import { readlink } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ContainerPlan, Host } from '#host/host.js'
import type { Namespaces } from '#wire/native.js'
import { RealMachine } from '../../support/real-machine.js'

let machine: RealMachine
let host: Host

beforeEach(async () => {
  machine = await RealMachine.prepare()
  host = await machine.open()
})
afterEach(() => machine.dispose())

const plan = (script: string, namespaces: Namespaces): ContainerPlan => {
  const base = machine.plan('c1', script)
  return { ...base, namespaces: { ...base.namespaces, ...namespaces } }
}

async function run(script: string, namespaces: Namespaces): Promise<string> {
  const container = await host.start(plan(script, namespaces))
  container.go()
  const end = await container.ended
  expect(end, await machine.errors().catch(() => '')).toMatchObject({ how: 'exited', waitStatus: 0 })
  return machine.output()
}

test('a network of its own has nothing but a loopback that works', async () => {
  const out = await run(
    'cat /proc/self/net/dev | tail -n +3 | cut -d: -f1; ip -o addr; busybox ping -c1 -W1 127.0.0.1 >/dev/null && echo answers',
    {
      network: true,
    },
  )
  const lines = out.trim().split('\n')
  expect(lines[0]!.trim()).toBe('lo')
  expect(out).toContain('127.0.0.1/8')
  expect(lines.at(-1)).toBe('answers')
  expect(lines.filter((line) => /^\d+: (?!lo)/.test(line))).toEqual([])
})

test('networks that are made in advance are each one container’s alone, and nobody gets one who did not ask', async () => {
  const namespaces: string[] = []
  // All at once, and more than are made in advance, so that there are those that were and those that were not.
  for (let i = 0; i < 12; i++) {
    const container = await host.start({ ...plan('sleep 1000', { network: true }), containerId: `n${i}` })
    container.go()
    const { taskPid } = await container.started
    namespaces.push(await readlink(`/proc/${taskPid}/ns/net`))
  }
  const own = await readlink('/proc/self/ns/net')
  expect(new Set([...namespaces, own]).size).toBe(13)
  expect((await run('readlink /proc/self/ns/net', {})).trim()).toBe(own)
})

test('clocks of its own count from where they were set, on the host they do not', async () => {
  const day = 86_400
  const [before] = (await run('cat /proc/uptime', {})).split('.')
  await host.destroy('c1')
  const out = await run('cut -d. -f1 /proc/uptime; readlink /proc/self/ns/time', {
    time: true,
    timeOffsets: { monotonicNs: BigInt(7 * day) * 1_000_000_000n, bootNs: BigInt(10 * day) * 1_000_000_000n },
  })
  const [uptime, namespace] = out.trim().split('\n').slice(-2)
  expect(Number(uptime) - Number(before)).toBeGreaterThanOrEqual(10 * day)
  expect(Number(uptime) - Number(before)).toBeLessThan(10 * day + 600)
  expect(namespace).not.toBe(await readlink('/proc/self/ns/time'))
})

test('clocks that would be negative are refused in a sentence', async () => {
  const container = await host.start(plan('true', { time: true, timeOffsets: { monotonicNs: -(1n << 62n) } }))
  expect(await container.ended).toMatchObject({
    how: 'failed',
    reason: 'could not set the clocks /proc/self/timens_offsets: numerical result out of range',
  })
})
