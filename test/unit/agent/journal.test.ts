import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Journal, readJournal } from '#agent/journal/journal.js'
import type { JournalRecord } from '#wire/internal.js'

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meseta-journal-'))
  path = join(directory, 'journal')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const removed = (id: string): JournalRecord => ({ runRemoved: { containerId: { value: id } } })
const idsOf = (records: JournalRecord[]): (string | undefined)[] => records.slice(1).map((it) => it.runRemoved?.containerId.value)

async function open(end = 0, snapshot: () => JournalRecord[] = () => []): Promise<Journal> {
  return Journal.open({ path, snapshot, onFailure: (why) => expect.unreachable(why.message) }, end)
}

test('what was appended is read again, in order, by the next agent, which goes on behind it', async () => {
  const first = await open()
  await Promise.all([first.append([removed('a'), removed('b')], false), first.append([removed('c')], true)])
  await first.close()
  const second = await open((await readJournal(path, true)).end)
  await second.append([removed('d')], true)
  await second.close()
  expect(idsOf((await readJournal(path, true)).records)).toEqual(['a', 'b', 'c', 'd'])
})

test('no journal is an empty journal, and so is an empty file', async () => {
  expect(await readJournal(path, true)).toEqual({ records: [], end: 0 })
  await writeFile(path, '')
  expect(await readJournal(path, true)).toEqual({ records: [], end: 0 })
})

test('a write that was torn at any byte costs that record only', async () => {
  const journal = await open()
  await journal.append([removed('a')], true)
  const { end } = await readJournal(path, true)
  await journal.append([removed('b')], true)
  await journal.close()
  const whole = await readFile(path)
  for (let length = end; length < whole.length; length++) {
    await truncate(path, length)
    const read = await readJournal(path, true)
    expect([idsOf(read.records), read.end]).toEqual([['a'], end])
    await writeFile(path, whole)
  }
})

test('damage before whole records is an operator’s decision: --strict refuses, without it what comes before counts', async () => {
  const journal = await open()
  await journal.append([removed('a')], true)
  const { end } = await readJournal(path, true)
  await journal.append([removed('b')], true)
  await journal.append([removed('c')], true)
  await journal.close()
  const bytes = await readFile(path)
  bytes[end + 9]! ^= 0xff
  await writeFile(path, bytes)
  await expect(readJournal(path, true)).rejects.toMatchObject({ code: 'AGENT_JOURNAL_CORRUPT' })
  expect(idsOf((await readJournal(path, false)).records)).toEqual(['a'])
})

test('zeros behind the end, as a crash of the host leaves them, are no damage', async () => {
  const journal = await open()
  await journal.append([removed('a')], true)
  await journal.close()
  await appendFile(path, Buffer.alloc(4096))
  expect(idsOf((await readJournal(path, true)).records)).toEqual(['a'])
})

test('a journal of a newer release is refused in a sentence', async () => {
  const journal = await open()
  await journal.append([{ header: { version: 99 } }], true)
  await journal.close()
  const bytes = await readFile(path)
  const header = bytes.readUInt32LE(0) + 8
  await writeFile(path, bytes.subarray(header))
  await expect(readJournal(path, true)).rejects.toMatchObject({ code: 'AGENT_JOURNAL_NEWER' })
})

test('a journal that is mostly history is rewritten, and loses nothing', async () => {
  const needed = [removed('needed')]
  const journal = await open(0, () => needed)
  const long = 'x'.repeat(64 * 1024)
  for (let i = 0; i < 80; i++) await journal.append([removed(long)], false)
  needed.push(removed('after'))
  await journal.append([removed('after')], true)
  await journal.close()
  const { records, end } = await readJournal(path, true)
  expect(end).toBeLessThan(5 * 1024 * 1024)
  expect(idsOf(records)[0]).toBe('needed')
  expect(idsOf(records).at(-1)).toBe('after')
})

test('an append is never left lying, whenever it comes', async () => {
  const journal = await open()
  // Each one comes in one of the microtasks that follow the end of the one before it.
  for (let i = 0; i < 200; i++) {
    await journal.append([removed(`n${i}`)], i % 3 === 0)
    for (let tick = 0; tick < i % 7; tick++) await Promise.resolve()
  }
  await journal.close()
  expect(idsOf((await readJournal(path, true)).records)).toHaveLength(200)
})
