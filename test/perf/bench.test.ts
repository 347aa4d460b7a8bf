import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Row } from './report.js'

const run = promisify(execFile)

/** Times depend on who else uses this machine, so none is judged here. */
test('every suite of the benchmark gives figures and leaves nothing behind', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'meseta-perf-test-'))
  try {
    const file = join(directory, 'rows.json')
    await run(process.execPath, ['scripts/run.mjs', 'test/perf/bench.ts', '--short', '--save', file])
    const { rows } = JSON.parse(await readFile(file, 'utf8')) as { rows: Row[] }
    expect(new Set(rows.map(({ target }) => target))).toEqual(
      new Set(['', 'T1', 'T2', 'T4', 'T5', 'T6', 'T7', 'T8', 'T9', 'T10']),
    )
    for (const { what, ours, theirs } of rows) {
      // A daemon that collects its garbage meanwhile has less memory with two tasks than without.
      expect(ours, what).toSatisfy(Number.isFinite)
      expect(theirs, what).toBeGreaterThan(0)
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})

test('a short soak leaves the kernel as it found it', async () => {
  const { stdout } = await run(process.execPath, ['scripts/run.mjs', 'test/perf/soak.ts', '40'])
  expect(stdout).toContain('all is back')
})
