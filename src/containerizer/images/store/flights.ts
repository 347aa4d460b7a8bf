import { StoreErrors } from './errors.js'

/** One of those who want it; whoever joined must leave, however it went. */
export interface Flight<T, About> {
  readonly result: Promise<T>
  readonly about: About
  /** Nobody else had begun it. */
  readonly first: boolean
  leave(): void
}

interface Entry<T, About> {
  holders: number
  readonly about: About
  readonly result: Promise<T>
  readonly control: AbortController
}

/**
 * Work that many want at once and that is done once. It goes on as long as one of them stays. What came of it is theirs until the last one leaves;
 * then `dispose` gets it. After a failure the next one who comes begins anew.
 */
export class Flights<T, About = undefined> {
  readonly #entries = new Map<string, Entry<T, About>>()
  /** What was begun, and what is disposed of. */
  readonly #running = new Set<Promise<unknown>>()
  readonly #dispose: (value: T) => void | Promise<void>

  constructor(dispose: (value: T) => void | Promise<void>) {
    this.#dispose = dispose
  }

  /** `about`: of a flight that begins now, for all who join it. */
  join(key: string, about: () => About, begin: (abort: AbortSignal, about: About) => Promise<T>): Flight<T, About> {
    const known = this.#entries.get(key)
    const entry = known ?? this.#begin(key, about(), begin)
    entry.holders++
    let left = false
    const leave = (): void => {
      if (left) return
      left = true
      if (--entry.holders === 0) this.#end(key, entry)
    }
    return { result: entry.result, about: entry.about, first: known === undefined, leave }
  }

  /** Who comes now begins anew; those who are in it stay. */
  forget(key: string): void {
    this.#entries.delete(key)
  }

  /** All are told to give up. */
  abort(why: Error): void {
    for (const { control } of this.#entries.values()) control.abort(why)
  }

  get size(): number {
    return this.#running.size
  }

  /** All that was begun has come to an end, and what nobody wanted of it is disposed of. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  #begin(key: string, about: About, begin: (abort: AbortSignal, about: About) => Promise<T>): Entry<T, About> {
    const control = new AbortController()
    const result = begin(control.signal, about)
    const entry = { holders: 0, about, result, control }
    this.#entries.set(key, entry)
    this.#running.add(result)
    const over = (): boolean => this.#running.delete(result)
    result.then(over, () => over() && this.#remove(key, entry))
    return entry
  }

  #end(key: string, entry: Entry<T, About>): void {
    this.#remove(key, entry)
    entry.control.abort(StoreErrors.GIVEN_UP({}))
    const disposed = entry.result.then(this.#dispose, () => undefined) // who waited for it knows why it failed
    this.#running.add(disposed)
    disposed.finally(() => this.#running.delete(disposed))
  }

  #remove(key: string, entry: Entry<T, About>): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key)
  }
}

/** What comes first: the result, or that somebody gives up waiting for it. */
export async function unlessAborted<T>(result: Promise<T>, abort: AbortSignal): Promise<T> {
  abort.throwIfAborted()
  let stop = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(abort.reason)
    abort.addEventListener('abort', stop, { once: true })
  })
  return Promise.race([result, aborted]).finally(() => abort.removeEventListener('abort', stop))
}
