import { mkdirSync } from 'node:fs'
import { open, type RootDatabase } from 'lmdb'
import { StoreErrors } from './errors.js'
import { checkKeys, hasPrefix, keyBytes } from './keys.js'
import type { Change, Entry, Store } from './store.js'

export interface EmbeddedOptions {
  /** The directory of the store; made if it does not exist. */
  path: string
}

/**
 * The store of one machine: LMDB. It runs its writes in batches on a thread of its own, one transaction a turn of the event loop, so that one
 * flush serves all writers that wait.
 */
export class EmbeddedStore implements Store {
  private readonly db: Database
  private readonly underWay = new Set<Promise<unknown>>()
  private closing: Promise<void> | undefined

  constructor(options: EmbeddedOptions) {
    this.db = openDatabase(options.path)
  }

  async get(key: string): Promise<Buffer | undefined> {
    this.checkOpen()
    const bytes = keyBytes(key)
    return reading(() => this.db.get(bytes))
  }

  async range(prefix: string): Promise<Entry[]> {
    this.checkOpen()
    const start = Buffer.from(prefix)
    return reading(() => {
      const entries: Entry[] = []
      for (const { key, value } of this.db.getRange({ start: start.length > 0 ? start : FIRST })) {
        if (!hasPrefix(key, start)) break
        entries.push({ key: key.toString(), value })
      }
      return entries
    })
  }

  async write(changes: readonly Change[]): Promise<void> {
    this.checkOpen()
    checkKeys(changes)
    // What is queued within one turn is one transaction.
    const steps = changes.map((change) =>
      'put' in change ? this.db.put(keyBytes(change.put), Buffer.from(change.value)) : this.db.remove(keyBytes(change.delete)),
    )
    const done = Promise.all(steps)
    this.underWay.add(done)
    try {
      await done
    } catch (error) {
      throw StoreErrors.WRITE_FAILED({ why: whyOf(error) }, error)
    } finally {
      this.underWay.delete(done)
    }
  }

  close(): Promise<void> {
    this.closing ??= Promise.allSettled(this.underWay).then(() => this.db.close())
    return this.closing
  }

  private checkOpen(): void {
    if (this.closing) throw StoreErrors.CLOSED(undefined)
  }
}

type Database = RootDatabase<Buffer, Buffer>

const FIRST = Buffer.from([0])

function openDatabase(path: string): Database {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    return open<Buffer, Buffer>({
      path: `${path}/data.mdb`,
      encoding: 'binary',
      keyEncoding: 'binary',
      // By default lmdb resolves a write before it has flushed it (design §4.8).
      overlappingSync: false,
      eventTurnBatching: true,
    })
  } catch (error) {
    throw StoreErrors.OPEN_FAILED({ path, why: whyOf(error) }, error)
  }
}

function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw StoreErrors.READ_FAILED({ why: whyOf(error) }, error)
  }
}

const whyOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
