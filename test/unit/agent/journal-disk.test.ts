import { mkdir, mkdtemp, rm, rmdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { syncDirectory } from '#agent/journal/durable-file.js'
import { Journal, readJournal } from '#agent/journal/journal.js'
import type { JournalRecord } from '#wire/internal.js'

vi.mock('#agent/journal/durable-file.js', async (original) => {
  const real = await original<typeof import('#agent/journal/durable-file.js')>()
  return { ...real, syncDirectory: vi.fn(real.syncDirectory) }
})

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meseta-journal-disk-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const removed = (id: string): JournalRecord => ({ runRemoved: { containerId: { value: id } } })

test('a rewrite whose directory cannot be synced ends all promises, and loses nothing that was written after it', async () => {
  const path = join(directory, 'journal')
  const failures: string[] = []
  const journal = await Journal.open({ path, snapshot: () => [], onFailure: (why) => failures.push(why.message) }, 0)
  vi.mocked(syncDirectory).mockRejectedValueOnce(new Error('the disk is ill'))
  const long = removed('x'.repeat(1024 * 1024))
  for (let i = 0; i < 5; i++) await journal.append([long], false)
  await vi.waitFor(() => expect(failures).toEqual([expect.stringContaining('the disk is ill')]), 30_000)
  await journal.append([removed('after')], false)
  await journal.close()
  const { records } = await readJournal(path, true)
  expect(records.at(-1)).toEqual(removed('after'))
}, 30_000)

test('a journal that was closed writes nothing any more: the reserve that it was taking hold of is whole by then', async () => {
  // Who does not wait is sometimes fast enough all the same.
  for (let round = 0; round < 20; round++) {
    let now = 0
    const path = join(directory, `journal-${round}`)
    const reserve = `${path}.reserve`
    await mkdir(reserve)
    const clock = { now: () => now, at: () => () => {} }
    const journal = await Journal.open({ path, snapshot: () => [], onFailure: () => {}, clock }, 0)
    await rmdir(reserve)
    now = 60_000
    await journal.append([removed('x')], false)
    await journal.close()
    expect((await stat(reserve)).size).toBe(256 * 1024)
  }
})
