/** Huge pages, which must be set aside on the host. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Host } from '#host/host.js'
import { RealMachine } from '../../support/real-machine.js'

const MiB = 1 << 20
const POOL = '/proc/sys/vm/nr_hugepages'
const FILES = '/tmp/huge-pages'

let machine: RealMachine
let host: Host

beforeAll(() => {
  writeFileSync(POOL, '16')
  mkdirSync(FILES)
  execFileSync('mount', ['-t', 'hugetlbfs', '-o', 'pagesize=2M', 'none', FILES])
})
afterAll(() => {
  execFileSync('umount', [FILES])
  rmdirSync(FILES)
  writeFileSync(POOL, '0')
})
beforeEach(async () => {
  machine = await RealMachine.prepare()
  host = await machine.open()
})
afterEach(() => machine.dispose())

test('a task gets as many as its limit says, and no more', async () => {
  const plan = machine.plan(
    'c1',
    `fallocate -l 4M ${FILES}/fits && echo fits; fallocate -l 4M ${FILES}/more || echo refused; sleep 1000`,
  )
  const cgroups = {
    path: plan.cgroups!.path,
    controllers: ['hugetlb', ...plan.cgroups!.controllers],
    settings: { hugetlb: [{ pageSize: '2MB', limitBytes: BigInt(6 * MiB) }] },
  }
  const container = await host.start({ ...plan, cgroups })
  container.go()
  await expect.poll(() => machine.output(), { timeout: 20_000 }).toBe('fits\nrefused\n')
  const pages = (await container.statistics()).hugetlb?.find(({ pageSize }) => pageSize === '2MB')
  expect(pages).toMatchObject({
    usageBytes: expect.toSatisfy((bytes: bigint) => bytes >= 4n * BigInt(MiB) && bytes <= 6n * BigInt(MiB)),
  })
  expect(pages?.failCount).toBeGreaterThan(0n)
  execFileSync('rm', ['-f', `${FILES}/fits`, `${FILES}/more`])
})
