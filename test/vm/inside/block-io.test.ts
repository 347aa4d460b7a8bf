/** Throttling of a disk that is nobody else's. */
import { statSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Host } from '#host/host.js'
import type { BlkioDevice } from '#wire/native.js'
import { RealMachine } from '../../support/real-machine.js'

const MiB = 1 << 20
const DISK = '/dev/vdc'
const BYTES = 3 * MiB
const { rdev } = statSync(DISK)
const number = { major: rdev >> 8, minor: rdev & 0xff }

let machine: RealMachine
let host: Host

beforeEach(async () => {
  machine = await RealMachine.prepare()
  host = await machine.open()
})
afterEach(() => machine.dispose())

/** Milliseconds that the transfer takes, as the task itself sees it, and what the kernel counted for it. */
async function transfer(direction: 'read' | 'write', limits: Partial<BlkioDevice>) {
  const dd = { read: `if=${DISK} of=/dev/null iflag=direct`, write: `if=/dev/zero of=${DISK} oflag=direct` }[direction]
  const script = `a=$(date +%s%N); dd ${dd} bs=64k count=${BYTES / 65536} 2>/dev/null; b=$(date +%s%N); echo $(((b - a) / 1000000))`
  const plan = machine.plan('c1', script)
  const cgroups = {
    path: plan.cgroups!.path,
    controllers: ['blkio', ...plan.cgroups!.controllers],
    settings: { blkio: { devices: [{ ...number, ...limits }] } },
  }
  const container = await host.start({ ...plan, cgroups })
  container.go()
  await container.ended
  const { blkio } = await container.statistics()
  await host.destroy('c1')
  const counted = blkio?.devices?.find(({ major, minor }) => major === number.major && minor === number.minor)
  return { milliseconds: Number((await machine.output()).trim().split('\n').at(-1)), counted }
}

test('written bytes a second', async () => {
  expect((await transfer('write', {})).milliseconds).toBeLessThan(1500)
  const { milliseconds, counted } = await transfer('write', { writeBytes: BigInt(MiB) })
  expect(milliseconds).toBeGreaterThan(2000)
  expect(counted?.writeBytes).toBe(BigInt(BYTES))
})

test('read operations a second', async () => {
  // 48 of 64 KiB each.
  const { milliseconds, counted } = await transfer('read', { readOperations: 20n })
  expect(milliseconds).toBeGreaterThan(1500)
  expect(counted?.readBytes).toBe(BigInt(BYTES))
})
