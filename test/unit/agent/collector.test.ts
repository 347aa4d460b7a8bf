import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Collector } from '#agent/gc/collector.js'
import { findSandboxes, sandboxFinder } from '#agent/sandboxes.js'
import { systemClock } from '#base/clock.js'
import { silentLog } from '#base/log.js'
import { Metrics } from '#base/metrics.js'

let work: string
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'meseta-gc-'))
})
afterEach(() => rm(work, { recursive: true, force: true }))

async function run(executor: string, container: string): Promise<string> {
  const path = join(work, 'slaves/S0/frameworks/F/executors', executor, 'runs', container)
  await mkdir(path, { recursive: true })
  await writeFile(join(path, 'stdout'), 'x')
  await symlink(path, join(path, '..', 'latest')).catch(() => undefined)
  return path
}

function collector(delay: number, headroom = 0): Collector {
  return new Collector({
    workDirectory: work,
    delay,
    headroom,
    interval: 5,
    removeTree: (path) => rm(path, { recursive: true }),
    clock: systemClock,
    log: silentLog,
    metrics: new Metrics(),
  })
}

test('every run is found again, links are none', async () => {
  const [a, b] = [await run('E', 'c1'), await run('E', 'c2')]
  expect((await findSandboxes(work)).sort((x, y) => (x.path < y.path ? -1 : 1))).toEqual([
    { path: a, framework: 'F', executor: 'E' },
    { path: b, framework: 'F', executor: 'E' },
  ])
})

test('what is due goes, with the directories that nothing else is in; what is not due or not handed over stays', async () => {
  const [due, kept] = [await run('E', 'c1'), await run('L', 'c2')]
  const gc = collector(0)
  gc.schedule({ path: due, framework: 'F', executor: 'E' })
  gc.start()
  await vi.waitFor(() => expect(existsSync(join(work, 'slaves/S0/frameworks/F/executors/E'))).toBe(false))
  gc.close()
  expect(existsSync(join(kept, 'stdout'))).toBe(true)
})

test('the other run of an executor keeps its link', async () => {
  const [due, kept] = [await run('E', 'c1'), await run('E', 'c2')]
  const gc = collector(0)
  gc.schedule({ path: due, framework: 'F', executor: 'E' })
  gc.start()
  await vi.waitFor(() => expect(existsSync(due)).toBe(false))
  gc.close()
  expect(existsSync(kept)).toBe(true)
})

test('the fuller the disk, the sooner: with all of it as headroom nothing is kept', async () => {
  const path = await run('E', 'c1')
  const week = 7 * 24 * 3600 * 1000
  const patient = collector(week)
  patient.schedule({ path, framework: 'F', executor: 'E' })
  patient.start()
  await new Promise((resolve) => setTimeout(resolve, 50))
  patient.close()
  expect(existsSync(path)).toBe(true)
  const hasty = collector(week, 1)
  hasty.schedule({ path, framework: 'F', executor: 'E' })
  hasty.start()
  await vi.waitFor(() => expect(existsSync(path)).toBe(false))
  hasty.close()
})

test('a sandbox is found by where it is and by its short path, and nothing else is', () => {
  const find = sandboxFinder('/w', () => 'S0')
  const path = '/w/slaves/S0/frameworks/F/executors/E/runs/c1'
  expect(find(path)).toBe(path)
  expect(find('/frameworks/F/executors/E/runs/latest')).toBe('/w/slaves/S0/frameworks/F/executors/E/runs/latest')
  for (const other of [
    '/w',
    '/w/slaves',
    '/w/meta/slaves/S0/journal',
    `${path}/d`,
    '/w/slaves/S0/frameworks/F/executors/E/runs/..',
  ]) {
    expect(find(other), other).toBeUndefined()
  }
})
