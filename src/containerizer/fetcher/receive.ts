import { ftruncate, write } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Backoff } from '#base/backoff.js'
import { CodedError } from '#base/errors.js'
import type { ChecksumWatch } from './checksum.js'
import { FetcherErrors } from './errors.js'
import type { OpenedSource, Source } from './scheme.js'
import { StallWatch } from './stall-watch.js'

export interface Receiving {
  readonly descriptor: number
  /** More bytes are refused. */
  readonly most: number
  readonly stallMilliseconds: number
  readonly abort: AbortSignal
  readonly checksum?: ChecksumWatch | undefined
  /** Answered already, from the beginning. */
  readonly first?: OpenedSource | undefined
  readonly onProgress?: ((bytes: number, total: number | undefined) => void) | undefined
}

/** Tries in a row that bring nothing. */
const MOST_TRIES = 4
/** Altogether, also where each brings a little more. */
const MOST_BREAKS = 100
const PAUSES = { first: 200, most: 5_000 }

const writeAt = promisify(write)
const truncate = promisify(ftruncate)

/**
 * Everything that a source has, into an empty file. A body that breaks off goes on where it did, if the source can tell that it is still the same,
 * and else begins again. Answers how many bytes it is.
 */
export async function receive(source: Source, receiving: Receiving): Promise<number> {
  const stall = new StallWatch(receiving.stallMilliseconds)
  const signal = AbortSignal.any([receiving.abort, stall.signal])
  const backoff = new Backoff(PAUSES, { next: Math.random })
  const state = new Received(receiving)
  let { first } = receiving
  try {
    for (let tries = 1, breaks = 1; ; tries++, breaks++) {
      const before = state.at
      try {
        stall.touch()
        const from = state.resumable
        const opened = first ?? (await orAborted(source(from, signal, state.version), signal))
        first = undefined
        await state.take(opened, from, signal, stall)
        return state.at
      } catch (error) {
        stall.rest()
        if (signal.aborted) throw signal.reason
        if (state.at > before) tries = 1
        if (!isBroken(error) || !state.begun || tries >= MOST_TRIES || breaks >= MOST_BREAKS) throw error
        await wait(backoff.next(), undefined, { signal })
      }
    }
  } finally {
    stall.rest()
  }
}

class Received {
  at = 0
  version: string | undefined
  /** The source has answered once: what goes wrong from then on may go better next time. */
  begun = false
  readonly #receiving: Receiving

  constructor(receiving: Receiving) {
    this.#receiving = receiving
  }

  get resumable(): number {
    return this.version === undefined ? 0 : this.at
  }

  async take(opened: OpenedSource, from: number, signal: AbortSignal, stall: StallWatch): Promise<void> {
    this.begun = true
    const iterator = opened.body[Symbol.asyncIterator]()
    try {
      await this.#beginAt(opened.at ?? from)
      this.version = opened.version
      await this.#takeAll(iterator, opened.size, signal, stall)
    } finally {
      // Whether the source minds that nobody wants the rest is nothing to wait for.
      iterator.return?.()?.catch(() => undefined)
    }
    if (opened.size !== undefined && this.at < opened.size) throw FetcherErrors.BROKEN({ bytes: this.at, total: opened.size })
  }

  async #beginAt(position: number): Promise<void> {
    if (position === this.at) return
    await truncate(this.#receiving.descriptor, 0)
    this.#receiving.checksum?.reset()
    this.at = 0
  }

  async #takeAll(
    body: AsyncIterator<Uint8Array>,
    total: number | undefined,
    signal: AbortSignal,
    stall: StallWatch,
  ): Promise<void> {
    const { most, descriptor, checksum, onProgress } = this.#receiving
    if (total !== undefined && total > most) throw FetcherErrors.NO_SPACE({ most })
    for (;;) {
      const { done, value: chunk } = await orAborted(body.next(), signal)
      if (done) return
      stall.touch()
      const end = this.at + chunk.length
      if (total !== undefined && end > total) throw FetcherErrors.LONGER({ total })
      if (end > most) throw FetcherErrors.NO_SPACE({ most })
      await writeAll(descriptor, chunk, this.at)
      checksum?.see(chunk)
      this.at = end
      onProgress?.(end, total)
    }
  }
}

async function writeAll(descriptor: number, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await writeAt(descriptor, chunk, done, chunk.length - done, position + done)
    done += bytesWritten
  }
}

/** Sources may be anybody's, so they are not trusted to listen. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let give = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    give = () => reject(signal.reason)
    if (signal.aborted) give()
    else signal.addEventListener('abort', give)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', give)
    work.catch(() => undefined)
  }
}

/** Anything but what was refused, here or by the source, for a reason that stays. */
function isBroken(error: unknown): boolean {
  if (!(error instanceof CodedError)) return !(error instanceof Error && 'syscall' in error && error.syscall === 'write')
  return ['FETCHER_BROKEN', 'FETCHER_UNREACHABLE'].includes(error.code)
}
