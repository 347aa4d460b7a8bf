import { writeSync } from 'node:fs'
import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Clock, systemClock } from '#base/clock.js'
import { JournalRecord } from '#wire/internal.js'
import { decode, encode } from '#wire/protobuf.js'
import { AgentErrors } from '../errors.js'
import { Pump } from '../pump.js'
import { syncDirectory } from './durable-file.js'
import { frame, unframe } from './frames.js'
import { Reserve } from './reserve.js'

/** Of the records; an agent refuses to read what a newer one wrote. */
const VERSION = 1
/** A journal is rewritten when it is this long, and several times longer than what was needed of it last time. Bytes. */
const REWRITE_FROM = 4 * 1024 * 1024
const REWRITE_FACTOR = 4
/** How long to wait before a full disk is tried again. */
const RETRY = 500

export interface JournalOptions {
  path: string
  /** What is needed of it, when it is rewritten: the whole of what the agent knows by now. */
  snapshot: () => JournalRecord[]
  /** The disk does not keep its promises: what is acknowledged can no longer be known to be safe. */
  onFailure: (why: Error) => void
  clock?: Clock
}

interface Entry {
  bytes: Buffer
  synced: boolean
  resolve: () => void
  reject: (why: Error) => void
}

/**
 * What the agent must remember, in the order in which it happened. Appends that come together are one write, and one sync serves all that wait for
 * it, so that 200 launches cost the disk little more than one. Invariant: an append resolves only when it is in the file, a synced one only when it
 * is on the disk; nothing is resolved out of order.
 */
export class Journal {
  private readonly options: JournalOptions
  private readonly clock: Clock
  private file: FileHandle
  /** Where whole records end. */
  private end: number
  private needed: number
  private queue: Entry[] = []
  private unsynced: Entry[] = []
  private readonly writing = new Pump(
    () => this.queue.length > 0,
    () => this.writeNext(),
  )
  private readonly syncing = new Pump(
    () => this.unsynced.length > 0 && !this.broken,
    () => this.syncNext(),
  )
  private closed = false
  /** A sync failed: nothing is promised any more. */
  private broken = false
  private readonly reserve: Reserve

  private constructor(options: JournalOptions, file: FileHandle, end: number) {
    this.options = options
    this.clock = options.clock ?? systemClock
    this.file = file
    this.end = end
    this.needed = end
    this.reserve = new Reserve(`${options.path}.reserve`, this.clock)
  }

  /** Opens the journal, or makes it. */
  static async open(options: JournalOptions, end: number): Promise<Journal> {
    const file = await open(options.path, end === 0 ? 'w+' : 'r+', 0o600)
    const journal = new Journal(options, file, end)
    await file.truncate(end)
    await journal.reserve.keep()
    if (end === 0) {
      await journal.append([header()], true)
      await syncDirectory(dirname(options.path))
    }
    return journal
  }

  /** Resolves when the records are written, with `synced` when they will survive a crash of the host. Rejects when the disk has no room for them. */
  append(records: readonly JournalRecord[], synced: boolean): Promise<void> {
    const bytes = Buffer.concat(records.map((record) => frame(encode(JournalRecord, record))))
    return new Promise((resolve, reject) => {
      this.queue.push({ bytes, synced, resolve, reject })
      void this.writing.start()
    })
  }

  /** Writes and syncs what was asked for. */
  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.writing.idle()
    await this.syncing.idle()
    await this.file.close()
  }

  private async writeNext(): Promise<void> {
    await this.write(this.queue.splice(0))
    if (this.queue.length > 0) return
    if (this.isMostlyHistory()) await this.rewrite()
    await this.reserve.keep()
  }

  private async write(batch: Entry[]): Promise<void> {
    const bytes = batch.length === 1 ? batch[0]!.bytes : Buffer.concat(batch.map((entry) => entry.bytes))
    try {
      writeAt(this.file, bytes, this.end)
    } catch (error) {
      await this.postpone(batch, error as Error)
      return
    }
    this.end += bytes.length
    for (const entry of batch) {
      if (entry.synced) this.unsynced.push(entry)
      else entry.resolve()
    }
    void this.syncing.start()
  }

  /** No room: launches fail, but what has been acknowledged to somebody, or will be, waits for room (design §6). */
  private async postpone(batch: Entry[], why: Error): Promise<void> {
    await this.file.truncate(this.end).catch(() => undefined) // a torn record at the end is cut off when it is read
    for (const entry of batch) if (!entry.synced) entry.reject(why)
    this.queue.unshift(...batch.filter((entry) => entry.synced))
    if (this.queue.length === 0 || (await this.reserve.release())) return
    // Nobody was told of these, so the next agent does not owe them.
    if (this.closed) for (const entry of this.queue.splice(0)) entry.reject(why)
    await new Promise<void>((resolve) => this.clock.at(this.clock.now() + RETRY, resolve))
  }

  private async syncNext(): Promise<void> {
    const waiting = this.unsynced.splice(0)
    try {
      await this.file.datasync()
    } catch (error) {
      // The kernel may have dropped the pages: trying again would prove nothing.
      return this.fail(error as Error)
    }
    for (const entry of waiting) entry.resolve()
  }

  private isMostlyHistory(): boolean {
    return this.end > REWRITE_FROM && this.end > this.needed * REWRITE_FACTOR && !this.closed
  }

  /**
   * A new file beside the old one, then in its place. A failure leaves the old one, which is as good but longer. What waits in the queue comes after
   * the snapshot although it may be in it: `restore` takes no harm from what it reads twice.
   */
  private async rewrite(): Promise<void> {
    await this.syncing.idle()
    const bytes = Buffer.concat([header(), ...this.options.snapshot()].map((record) => frame(encode(JournalRecord, record))))
    const next = `${this.options.path}.new`
    const old = this.file
    try {
      this.file = await writeSynced(next, bytes)
      await rename(next, this.options.path)
    } catch {
      if (this.file !== old) await this.file.close().catch(() => undefined)
      await unlink(next).catch(() => undefined) // it takes room that a full disk lacks; the next rewrite writes over it anyhow
      this.file = old
      this.needed = this.end
      return
    }
    this.end = bytes.length
    this.needed = bytes.length
    await old.close().catch(() => undefined) // nobody reads it any more
    // The old file could come back with the next boot, without what is promised from here on.
    await syncDirectory(dirname(this.options.path)).catch((error) => this.fail(error))
  }

  private fail(error: Error): void {
    this.broken = true
    this.options.onFailure(AgentErrors.JOURNAL_UNSYNCED({ path: this.options.path, why: error.message }, error))
  }
}

async function writeSynced(path: string, bytes: Buffer): Promise<FileHandle> {
  const file = await open(path, 'w+', 0o600)
  try {
    writeAt(file, bytes, 0)
    await file.sync()
    return file
  } catch (error) {
    await file.close().catch(() => undefined) // the error above says more
    throw error
  }
}

const header = (): JournalRecord => ({ header: { version: VERSION } })

/** Into the page cache, which takes microseconds; waking a thread of the pool for it takes many times that. Only a sync waits for the disk. */
function writeAt(file: FileHandle, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file.fd, bytes, done, bytes.length - done, position + done)
}

/** Its records, and where the next one goes. Throws what an operator must decide about. */
export async function readJournal(path: string, strict: boolean): Promise<{ records: JournalRecord[]; end: number }> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!file) return { records: [], end: 0 }
  const bytes = await file.readFile().finally(() => file.close())
  const { payloads, end, damaged } = unframe(bytes)
  if (damaged && strict) throw AgentErrors.JOURNAL_CORRUPT({ path, at: end })
  const records = payloads.map((payload) => decode(JournalRecord, payload, { keepUnknown: true }))
  const version = records[0]?.header?.version ?? VERSION
  if (version > VERSION) throw AgentErrors.JOURNAL_NEWER({ path, version })
  return { records, end }
}
