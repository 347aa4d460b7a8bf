import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { containerResources } from '#containerizer/resources.js'
import { TaskStatusReason, ValueType } from '#wire/mesos.js'
import { missingCompiler } from '../security/programs.js'
import { Arena } from './arena.js'

const missing = missingCompiler()
const MEGABYTE = 1024 * 1024

describe.skipIf(missing)(`attacks on what all share${missing ? ` (${missing})` : ''}`, () => {
  let arena: Arena
  beforeAll(async () => {
    const often = '--container_disk_watch_interval=20ms'
    const isolation =
      '--isolation=filesystem/linux,namespaces/pid,cgroups/cpu,cgroups/mem,cgroups/pids,disk/du,linux/capabilities,linux/seccomp'
    arena = await Arena.open(isolation, often, '--enforce_container_disk_quota')
  })
  afterAll(() => arena.close())

  const scalar = (name: string, value: number) => ({ name, type: ValueType.SCALAR, scalar: { value } })

  test.each([
    ['root on the files of the host', false, 'root'],
    ['a user on the files of the host', false, 'daemon'],
    ['root in an image', true, 'root'],
    ['a user in an image', true, 'daemon'],
  ])(
    'S48 %s takes all descriptors, inotify instances, keys and pipes that it gets: others start, run and end as if it were not there',
    async (_, image, user) => {
      const { place } = arena
      const resources = { ...place.config('').resources, memory: 512 * MEGABYTE }
      const greedy = place.config(`ulimit -n $(ulimit -Hn); exec ${image ? 'attacker' : arena.attacker} exhaust`, {
        resources,
        user,
        ...(image && { container: arena.image() }),
      })
      await place.start(greedy)
      await expect.poll(() => place.output(greedy), { timeout: 60_000 }).toMatch(/^instances \d+ .*, then EMFILE\n$/)
      for (const other of ['root', 'daemon']) {
        expect(await arena.outside('echo started', { user: other })).toBe('started\n')
        expect(await arena.inside('echo started', { user: other })).toBe('started\n')
      }
      expect(await arena.atTerminal('echo at a terminal')).toContain('at a terminal\n')
      expect((await place.restart([greedy])).live).toEqual([greedy.id])
      expect(await place.containerizer.usage(greedy.id)).toMatchObject({ memLimitBytes: BigInt(512 * MEGABYTE) })
      await place.containerizer.destroy(greedy.id)
    },
    120_000,
  )

  test.each([
    ['with an image', true],
    ['without one', false],
  ])('S49 a flood of output %s ends at the quota of the disk, and nothing of ours grows with it', async (_, image) => {
    const { place } = arena
    const resources = containerResources([{ resources: [scalar('cpus', 0.5), scalar('mem', 64), scalar('disk', 40)] }])
    const flood = place.config('exec /bin/busybox yes', { resources, ...(image && { container: arena.image() }) })
    const { supervisor } = await place.containerizer.clone(flood)
    await place.containerizer.go(flood.id)
    let most = 0
    const ended = place.containerizer.wait(flood.id)
    for (let over = false; !over; ) {
      most = Math.max(most, residentOf(await readFile(`/proc/${supervisor.pid}/status`, 'utf8').catch(() => '')))
      over = await Promise.race([ended.then(() => true), new Promise<false>((resolve) => setTimeout(resolve, 5, false))])
    }
    expect(await ended).toMatchObject({ reason: TaskStatusReason.REASON_CONTAINER_LIMITATION_DISK })
    expect((await readFile(join(flood.sandbox, 'stdout'))).length).toBeGreaterThan(40 * MEGABYTE)
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(8 * MEGABYTE)
    await place.containerizer.destroy(flood.id)
  })
})

const residentOf = (status: string): number => Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
