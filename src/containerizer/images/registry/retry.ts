import { setTimeout as sleep } from 'node:timers/promises'
import { Backoff } from '#base/backoff.js'
import type { Millis } from '#base/clock.js'
import type { Random } from '#base/random.js'

/** What may be better in a moment; `cause` is what went wrong, in a sentence. */
export class TryAgain extends Error {
  override readonly cause: Error
  readonly after: Millis | undefined
  constructor(cause: Error, after?: Millis) {
    super(cause.message)
    this.cause = cause
    this.after = after
  }
}

export interface Patience {
  /** Altogether. */
  readonly tries: number
  readonly first: Millis
  readonly most: Millis
  /** The longest wait that a server can ask for (Retry-After); who asks for more gets none. */
  readonly longest: Millis
  readonly random: Pick<Random, 'next'>
}

/** Repeats what throws `TryAgain`; rejects with the cause of the last one. Waits that a server asks for are kept. */
export async function patiently<T>(patience: Patience, abort: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  const backoff = new Backoff({ first: patience.first, most: patience.most }, patience.random)
  for (let left = patience.tries; ; ) {
    try {
      return await attempt()
    } catch (error) {
      abort.throwIfAborted()
      if (!(error instanceof TryAgain)) throw error
      if (--left === 0 || (error.after ?? 0) > patience.longest) throw error.cause
      await sleep(Math.max(backoff.next(), error.after ?? 0), undefined, { signal: abort }).catch(() => abort.throwIfAborted())
    }
  }
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
export function retryAfter(header: string | string[] | undefined, now: Millis): Millis | undefined {
  if (typeof header !== 'string') return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
