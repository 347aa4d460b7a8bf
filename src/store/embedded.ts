import { mkdirSync } from 'node:fs'
import { open, type RootDatabase } from 'lmdb'
import { StoreErrors } from './errors.js'
import { GroupCommit } from './group-commit.js'
import { checkKeys, hasPrefix, keyBytes } from './keys.js'
import type { Change, Entry, Store } from './store.js'

export interface EmbeddedOptions {
  /** The directory of the store; made if it does not exist. */
  path: string
}

/** The store of one machine: LMDB, which reads from memory and commits on a thread of its own. */
export class EmbeddedStore implements Store {
  private readonly db: Database
  private readonly commits: GroupCommit
  private closing: Promise<void> | undefined

  constructor(options: EmbeddedOptions) {
    this.db = openDatabase(options.path)
    this.commits = new GroupCommit((changes) => commit(this.db, changes))
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
    // The caller may go on with its buffers while they wait for their group.
    await this.commits.write(
      changes.map((change) => ('put' in change ? { put: change.put, value: Buffer.from(change.value) } : change)),
    )
  }

  close(): Promise<void> {
    this.closing ??= this.commits.idle().then(() => this.db.close())
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
      // Its own batches end the process when a commit fails: nobody holds their promise. GroupCommit makes ours.
      eventTurnBatching: false,
    })
  } catch (error) {
    throw StoreErrors.OPEN_FAILED({ path, why: whyOf(error) }, error)
  }
}

/** Durable when resolved: it is one LMDB transaction, with its flush. */
async function commit(db: Database, changes: readonly Change[]): Promise<void> {
  try {
    await db.batch(() => {
      for (const change of changes) {
        if ('put' in change) db.put(keyBytes(change.put), change.value as Buffer)
        else db.remove(keyBytes(change.delete))
      }
    })
  } catch (error) {
    throw StoreErrors.WRITE_FAILED({ why: await whyCommitFailed(error) }, error)
  }
}

function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw StoreErrors.READ_FAILED({ why: whyOf(error) }, error)
  }
}

/** lmdb tells the cause in a promise of its own, which would end the process if nobody looked at it. */
async function whyCommitFailed(error: unknown): Promise<string> {
  const { commitError } = error as { commitError?: Promise<never> }
  return commitError ? commitError.catch(whyOf) : whyOf(error)
}

const whyOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
