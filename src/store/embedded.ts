import { mkdirSync } from 'node:fs'
import { type Database, open, type RootDatabase } from 'lmdb'
import { CodedError } from '#base/errors.js'
import { StoreErrors } from './errors.js'
import { GroupCommit } from './group-commit.js'
import { checkKeys, hasPrefix, keyBytes } from './keys.js'
import { isAlive, pidOf, self } from './owner.js'
import type { Change, Entry, Store } from './store.js'

export interface EmbeddedOptions {
  /** The directory of the store; made if it does not exist. */
  path: string
}

/** The store of one machine: LMDB, which reads from memory and commits on a thread of its own. */
export class EmbeddedStore implements Store {
  private readonly root: RootDatabase<Buffer, string>
  private readonly db: Database<Buffer, Buffer>
  private readonly commits: GroupCommit
  private closing: Promise<void> | undefined

  constructor(options: EmbeddedOptions) {
    const { root, entries } = openDatabase(options.path)
    this.root = root
    this.db = entries
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
    this.closing ??= this.commits.idle().then(() => this.end())
    return this.closing
  }

  private async end(): Promise<void> {
    this.root.removeSync(OWNER)
    await this.root.close()
  }

  private checkOpen(): void {
    if (this.closing) throw StoreErrors.CLOSED(undefined)
  }
}

/** Below every key, for a range without prefix. */
const FIRST = Buffer.from([0])

/** Who has the store open, in a table of its own beside the entries'. */
const OWNER = 'owner'

interface Opened {
  root: RootDatabase<Buffer, string>
  entries: Database<Buffer, Buffer>
}

function openDatabase(path: string): Opened {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const root = open<Buffer, string>({
      path: `${path}/data.mdb`,
      encoding: 'binary',
      // By default lmdb resolves a write before it has flushed it (design §4.8).
      overlappingSync: false,
      // Its own batches end the process when a commit fails: nobody holds their promise. GroupCommit makes ours.
      eventTurnBatching: false,
    })
    own(root, path)
    return { root, entries: root.openDB<Buffer, Buffer>({ name: 'entries', encoding: 'binary', keyEncoding: 'binary' }) }
  } catch (error) {
    throw error instanceof CodedError ? error : StoreErrors.OPEN_FAILED({ path, why: whyOf(error) }, error)
  }
}

/** One process at a time: two masters with one registry would undo each other's work. LMDB lets only one of them be in here. */
function own(root: RootDatabase<Buffer, string>, path: string): void {
  const other = root.transactionSync(() => {
    const owner = root.get(OWNER)?.toString()
    if (owner !== undefined && isAlive(owner)) return owner
    root.put(OWNER, Buffer.from(self()))
    return undefined
  })
  if (other === undefined) return
  void root.close()
  throw StoreErrors.IN_USE({ path, pid: pidOf(other) })
}

/** Durable when resolved: it is one LMDB transaction, with its flush. */
async function commit(db: Database<Buffer, Buffer>, changes: readonly Change[]): Promise<void> {
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
