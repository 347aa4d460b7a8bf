import { lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type CacheEntry, CacheLedger } from './cache-ledger.js'
import { FetcherErrors } from './errors.js'

/** Puts one file into the cache; `reserve` answers whether there is room for so many bytes. Answers false when it is better had past the cache. */
export type Fill = (file: string, reserve: (size: number) => Promise<boolean>, abort: AbortSignal) => Promise<boolean>

export interface Held {
  readonly file: string
  /** Idempotent. */
  release(): void
}

interface Flight {
  readonly done: Promise<boolean>
  readonly abort: AbortController
}

/** Our own files in a directory that may have others. */
const FILE_NAME = /^fetched-\d+$/

/**
 * Files that were fetched for several tasks (row 5-039). The first who wants one fetches it for all who want it meanwhile; who is used stays; the one
 * used longest ago makes room. What is here is never asked for anew: as in Mesos, who needs another content takes another URI.
 */
export class FetcherCache {
  readonly #directory: string
  readonly #ledger: CacheLedger
  readonly #flights = new Map<CacheEntry, Flight>()
  #next = 1

  constructor(directory: string, capacity: number) {
    this.#directory = directory
    this.#ledger = new CacheLedger(capacity)
  }

  get capacity(): number {
    return this.#ledger.capacity
  }

  get used(): number {
    return this.#ledger.used
  }

  /** Once, at the start of the agent: nothing is known of what an earlier one left. Throws when others could change what is in it. */
  async empty(): Promise<void> {
    const refused = (why: string) => FetcherErrors.CACHE_UNUSABLE({ path: this.#directory, why })
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 })
      const found = await lstat(this.#directory)
      if (!found.isDirectory()) throw new Error('it is not a directory')
      if (found.uid !== process.geteuid?.()) throw new Error('it belongs to another user')
      if (found.mode & 0o022) throw new Error('others may write to it')
    } catch (error) {
      throw refused((error as Error).message)
    }
    const left = (await readdir(this.#directory)).filter((name) => FILE_NAME.test(name))
    await Promise.all(left.map((name) => this.#unlink(join(this.#directory, name))))
  }

  /** `undefined`: it is to be had past the cache. Rejects for all who wait when it cannot be had. */
  async hold(key: string, fill: Fill, abort: AbortSignal): Promise<Held | undefined> {
    const known = this.#ledger.find(key)
    const entry = known ?? this.#ledger.add(key, join(this.#directory, `fetched-${this.#next++}`))
    entry.users++
    const leave = once(() => {
      entry.users--
      if (entry.users === 0) this.#giveUp(entry, abort.reason)
    })
    try {
      if (!known) this.#flights.set(entry, this.#begin(entry, fill))
      const flight = this.#flights.get(entry)
      const kept = flight ? await unlessAborted(flight.done, abort) : true
      if (kept) return { file: entry.file, release: leave }
      leave()
      return undefined
    } catch (error) {
      leave()
      throw error
    }
  }

  /** Goes on without who began it, as long as somebody waits. */
  #begin(entry: CacheEntry, fill: Fill): Flight {
    const abort = new AbortController()
    const reserve = async (size: number): Promise<boolean> => {
      const evicted = this.#ledger.reserve(entry, size)
      await Promise.all((evicted ?? []).map((file) => this.#unlink(file)))
      return evicted !== undefined
    }
    const forget = async (): Promise<void> => {
      this.#ledger.remove(entry)
      await this.#unlink(entry.file)
    }
    const done = fill(entry.file, reserve, abort.signal)
      .then(async (kept) => {
        if (!kept || abort.signal.aborted) await forget()
        return kept
      })
      .catch(async (error) => {
        await forget()
        throw error
      })
      .finally(() => this.#flights.delete(entry))
    done.catch(() => undefined) // who waits is told; perhaps nobody does any more
    return { done, abort }
  }

  /** Nobody waits for it any more; who comes now begins anew. */
  #giveUp(entry: CacheEntry, why: unknown): void {
    const flight = this.#flights.get(entry)
    if (!flight) return
    this.#ledger.remove(entry)
    flight.abort.abort(why)
  }

  async #unlink(file: string): Promise<void> {
    await rm(file, { force: true })
  }
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = (): void => reject(signal.reason)
    if (signal.aborted) give()
    signal.addEventListener('abort', give)
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give))
  })
}
