/** The plug of an agent's host is pulled while a task runs; the host comes back with the same disk (T15, row 5-008). */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/waiting.js'
import { type Outcome, VirtualMachine } from './machine/boot.js'
import { dataDisk } from './machine/disks.js'
import { whatIsMissing } from './machine/missing.js'
import { againIfStuck } from './machine/stuck.js'
import { programFile } from './program.js'

const missing = await whatIsMissing()
const job = (script: string) => `
mkdir -p /data && mount /dev/vdc /data || exit 1
node /run/vm/${script}
`
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meseta-reboot-'))
})
afterAll(() => rm(directory, { recursive: true }))

interface Before {
  readonly agent: string
  readonly task: string
}

/** On a new disk. */
async function untilThePlugIsPulled(disk: string): Promise<Before> {
  await dataDisk(disk)
  const machine = await VirtualMachine.boot({
    world: 'v2',
    disks: [disk],
    files: await programFile('before-reboot'),
    job: job('before-reboot.cjs'),
  })
  const ready = await until(() => machine.isStuck || /^ready: (.*)$/m.exec(machine.console)?.[1], 180)
  const { console } = await machine.pullThePlug()
  expect(ready, console).toBeTypeOf('string')
  return JSON.parse(String(ready)) as Before
}

async function thePlugIsBack(disk: string, task: string): Promise<Outcome> {
  const machine = await VirtualMachine.boot({
    world: 'v2',
    disks: [disk],
    files: await programFile('after-reboot'),
    job: job(`after-reboot.cjs ${task}`),
  })
  return machine.end()
}

test('the agent comes back as the same, tells that its tasks are lost, and works', async ({ skip }) => {
  if (missing !== undefined) skip(missing)
  const disk = join(directory, 'data')
  const before = await againIfStuck(() => untilThePlugIsPulled(disk))
  const { status, report, console } = await againIfStuck(() => thePlugIsBack(disk, before.task))
  expect(status, console).toBe(0)
  const after = JSON.parse(report) as { agent: string; lost: object; next: string; groups: string[] }
  expect(after.agent).toBe(before.agent)
  expect(after.lost).toMatchObject({ state: 'TASK_GONE' })
  expect(after.next).toBe('works\n')
  expect(after.groups).toEqual([])
})
