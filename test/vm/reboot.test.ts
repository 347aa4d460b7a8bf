/** The plug of an agent's host is pulled while a task runs; the host comes back with the same disk (T15, row 5-008). */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/waiting.js'
import { VirtualMachine } from './machine/boot.js'
import { dataDisk } from './machine/disks.js'
import { whatIsMissing } from './machine/missing.js'
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

test('the agent comes back as the same, tells that its tasks are lost, and works', async ({ skip }) => {
  if (missing !== undefined) skip(missing)
  const disk = join(directory, 'data')
  await dataDisk(disk)

  const first = await VirtualMachine.boot({
    world: 'v2',
    disks: [disk],
    files: await programFile('before-reboot'),
    job: job('before-reboot.cjs'),
  })
  const ready = await until(() => /^ready: (.*)$/m.exec(first.console)?.[1], 180)
  await first.pullThePlug()
  expect(ready, first.console).toBeDefined()
  const before = JSON.parse(ready ?? '') as { agent: string; task: string }

  const second = await VirtualMachine.boot({
    world: 'v2',
    disks: [disk],
    files: await programFile('after-reboot'),
    job: job(`after-reboot.cjs ${before.task}`),
  })
  const { status, report, console } = await second.end()
  expect(status, console).toBe(0)
  const after = JSON.parse(report) as { agent: string; lost: object; next: string; groups: string[] }
  expect(after.agent).toBe(before.agent)
  expect(after.lost).toMatchObject({ state: 'TASK_GONE' })
  expect(after.next).toBe('works\n')
  expect(after.groups).toEqual([])
})
