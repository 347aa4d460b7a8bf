import { setTimeout as sleep } from 'node:timers/promises'
import { Backoff } from '#base/backoff.js'
import { chunksOf } from '#http/large-body.js'
import type { Digest } from '../digest.js'
import { RegistryErrors } from './errors.js'
import type { Answer } from './http-call.js'
import type { Patience } from './retry.js'
import type { Session } from './session.js'
import type { Sessions } from './sessions.js'

/** One layer on its way: its bytes from any one on, again and again when they break off. Who takes them checks the digest. */
export class BlobSource {
  readonly #sessions: Sessions
  readonly #digest: Digest
  readonly #size: number | undefined
  readonly #backoff: Backoff
  #before: number | undefined
  /** Who gave some of it. */
  readonly #givers = new Set<Session>()

  constructor(sessions: Sessions, digest: Digest, size: number | undefined, patience: Patience) {
    this.#sessions = sessions
    this.#digest = digest
    this.#size = size
    this.#backoff = new Backoff(patience, patience.random)
  }

  /** Not one byte more than it has. Rejects when nobody gives it. */
  async open(from: number, abort: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    await this.#pause(from, abort)
    if (from === this.#size) return nothing()
    const { answer, skip, session } = await this.#sessions.first((each) => this.#openAt(each, from, abort), abort)
    this.#givers.add(session)
    return bytesOf(answer, skip, this.#size === undefined ? undefined : this.#size - from)
  }

  /** The registry itself is the last to ask, and what it gives is what there is. */
  distrust(): boolean {
    const others = this.#sessions.exclude(this.#givers)
    this.#givers.clear()
    this.#before = undefined
    return others
  }

  /** Whoever broke off is not asked again at once, and where nothing came somebody else is. */
  async #pause(from: number, abort: AbortSignal): Promise<void> {
    const [before, fruitless] = [this.#before, this.#before !== undefined && from <= this.#before]
    this.#before = from
    if (before === undefined) return
    if (fruitless) this.#sessions.avoid()
    else this.#backoff.reset()
    await sleep(this.#backoff.next(), undefined, { signal: abort }).catch(() => abort.throwIfAborted())
  }

  #openAt(session: Session, from: number, abort: AbortSignal): Promise<Opened & { readonly session: Session }> {
    const headers: Record<string, string> = from === 0 ? {} : { range: `bytes=${from}-` }
    const wish = { path: `blobs/${this.#digest}`, what: `layer ${this.#digest}`, headers }
    return session.get(wish, async (answer) => ({ ...this.#checked(answer, from), session }), abort)
  }

  /** Its headers say what we asked for. Who knows no ranges sends everything again. */
  #checked(answer: Answer, from: number): Opened {
    const size = this.#size
    const skip = answer.status === 206 ? 0 : from
    const range = answer.status === 206 ? wrongRange(answer, from, size) : undefined
    const length = answer.headers['content-length']
    const wanted = size === undefined ? undefined : size - from + skip
    const lies = length !== undefined && wanted !== undefined && Number(length) !== wanted
    if (range === undefined && !lies) return { answer, skip }
    answer.body.destroy()
    if (range !== undefined) throw RegistryErrors.RANGE_WRONG({ server: answer.server, wanted: from, got: range })
    throw RegistryErrors.LENGTH_WRONG({ server: answer.server, wanted: wanted!, got: String(length) })
  }
}

interface Opened {
  readonly answer: Answer
  /** So many bytes are here already. */
  readonly skip: number
}

function wrongRange({ headers }: Answer, from: number, size: number | undefined): string | undefined {
  const text = String(headers['content-range'] ?? 'no Content-Range').slice(0, 100)
  const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(text) ?? []
  const right = Number(start) === from && (size === undefined || total === '*' || Number(total) === size)
  return right && (size === undefined || Number(end) === size - 1) ? undefined : text
}

async function* bytesOf(answer: Answer, skip: number, wanted: number | undefined): AsyncGenerator<Uint8Array> {
  let left = skip
  let come = 0
  try {
    for await (const chunk of chunksOf(answer.body)) {
      const bytes = left > 0 ? chunk.subarray(left) : chunk
      left = Math.max(0, left - chunk.length)
      come += bytes.length
      if (wanted !== undefined && come > wanted) break
      if (bytes.length > 0) yield bytes
    }
  } catch (error) {
    throw RegistryErrors.BROKE_OFF({ server: answer.server, why: sayBreak(error as Error & { code?: string }) }, error)
  }
  if (wanted !== undefined && come > wanted) throw RegistryErrors.ANSWER_TOO_LARGE({ server: answer.server, most: wanted })
}

function sayBreak({ code, message }: Error & { code?: string }): string {
  return code === 'UND_ERR_BODY_TIMEOUT' ? 'nothing came for too long' : message
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
