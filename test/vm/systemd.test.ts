/** An agent that systemd runs (rows 5-014, 9-059), with nothing said in its unit: systemd and the agent share the tree without a fight. */
import { expect, test } from 'vitest'
import { VirtualMachine } from './machine/boot.js'
import { whatIsMissingForSystemd } from './machine/missing.js'
import { againIfStuck } from './machine/stuck.js'
import { programFile } from './program.js'

const missing = await whatIsMissingForSystemd()

interface Place {
  readonly pid: number
  readonly path: string
  readonly limits: readonly string[]
}

interface Report {
  readonly agent: string
  readonly again: string
  readonly before: Place
  readonly after: Place
  readonly next: string
  readonly outlived: number
  readonly left: number | null
  readonly groups: boolean
}

test('containers live in a delegated scope, keep their limits and outlive the unit of the agent', async ({ skip }) => {
  if (missing !== undefined) skip(missing)
  const files = await programFile('under-systemd')
  const order = { world: 'systemd', files, job: 'node /run/vm/under-systemd.cjs' } as const
  const { status, report, console } = await againIfStuck(async () => (await VirtualMachine.boot(order)).end())
  expect(status, console).toBe(0)
  const { agent, again, before, after, next, outlived, left, groups } = JSON.parse(report) as Report
  expect(before.path).toMatch(/^\/system\.slice\/meseta-[\w.-]+\.scope\//)
  expect(after).toEqual(before)
  expect(again).toBe(agent)
  expect(next).toBe('works\n')
  expect(outlived).toBe(before.pid)
  // Who ends the scope ends all that is in it.
  expect({ left, groups }).toEqual({ left: null, groups: false })
})
