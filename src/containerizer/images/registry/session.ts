import type { Millis } from '#base/clock.js'
import { parseChallenges } from './challenge.js'
import type { Connections } from './connections.js'
import type { Login } from './docker-config.js'
import type { Endpoint } from './endpoint.js'
import { RegistryErrors } from './errors.js'
import { type Answer, call } from './http-call.js'
import { refusal } from './refusals.js'
import { type Patience, patiently, TryAgain } from './retry.js'
import { basic, type Tokens } from './tokens.js'

export interface SessionOptions {
  readonly connections: Connections
  readonly tokens: Tokens
  readonly patience: Patience
  readonly now: () => Millis
}

export interface Wish {
  readonly path: string
  /** For sentences: `library/alpine:latest`, `layer sha256:…`. */
  readonly what: string
  readonly headers: Readonly<Record<string, string>>
}

/** Of one request: without a token, with one, and with another where the first had ended (S60). */
const MOST_TRIES = 3

/** One repository at one endpoint, for as long as a pull takes: who we are there, and how it is reached. */
export class Session {
  readonly endpoint: Endpoint
  readonly #login: Promise<Login | undefined>
  readonly #options: SessionOptions
  #origin: string | undefined
  #authorization: string | undefined

  constructor(endpoint: Endpoint, login: Promise<Login | undefined>, options: SessionOptions) {
    this.endpoint = endpoint
    this.#login = login
    this.#options = options
  }

  /** What `take` makes of an answer of 200 or 206 to `/v2/<repository>/<path>`; everything else is an error with a sentence. */
  get<T>({ path, what, headers }: Wish, take: (answer: Answer) => Promise<T>, abort: AbortSignal): Promise<T> {
    return patiently(this.#options.patience, abort, async () => {
      const answer = await this.#authorised(path, headers, abort)
      if (answer.status === 200 || answer.status === 206) return take(answer)
      const hasLogin = (await this.#login) !== undefined
      throw await refusal(answer, { endpoint: this.endpoint, what, hasLogin, now: this.#options.now() })
    })
  }

  async #authorised(path: string, headers: Readonly<Record<string, string>>, abort: AbortSignal): Promise<Answer> {
    for (let left = MOST_TRIES; ; ) {
      const authorization = this.#authorization
      const answer = await this.#reach(path, authorization === undefined ? headers : { ...headers, authorization }, abort)
      if (answer.status !== 401 || --left === 0) return answer
      await answer.body.dump()
      const wanted = answer.headers['www-authenticate']
      if (this.#authorization === authorization && !(await this.#authorise(wanted, abort))) return answer
    }
  }

  /** Where plain http is allowed, https comes first all the same. */
  async #reach(path: string, headers: Readonly<Record<string, string>>, abort: AbortSignal): Promise<Answer> {
    const { origins, repository } = this.endpoint
    const candidates = this.#origin === undefined ? origins : [this.#origin]
    let failure: unknown
    for (const origin of candidates) {
      const url = new URL(`${origin}/v2/${repository}/${path}`)
      try {
        const answer = await call(this.#options.connections, this.endpoint, { url, headers }, abort)
        this.#origin = origin
        return answer
      } catch (error) {
        abort.throwIfAborted()
        if (!isUnreachable(error)) throw error
        failure = error
      }
    }
    throw failure
  }

  /** False: there is nothing new to try. */
  async #authorise(header: string | string[] | undefined, abort: AbortSignal): Promise<boolean> {
    const challenges = parseChallenges(header)
    const login = await this.#login
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
    const before = this.#authorization
    if (login && 'registryToken' in login) this.#authorization = `Bearer ${login.registryToken}`
    else if (bearer) {
      const stale = before?.startsWith('Bearer ') ? before.slice('Bearer '.length) : undefined
      const wish = { endpoint: this.endpoint, origin: this.#origin!, challenge: bearer, login }
      this.#authorization = `Bearer ${await this.#options.tokens.get(wish, stale, abort)}`
    } else if (challenges.some(({ scheme }) => scheme === 'basic')) {
      if (login && 'username' in login) this.#authorization = basic(login)
    } else if (challenges.length > 0) {
      const schemes = challenges.map(({ scheme }) => scheme).join(', ')
      throw RegistryErrors.CHALLENGE_UNKNOWN({ registry: this.endpoint.host, schemes })
    }
    return this.#authorization !== before
  }
}

const isUnreachable = (error: unknown): boolean =>
  ((error instanceof TryAgain ? error.cause : error) as { code?: string }).code === 'REGISTRY_UNREACHABLE'
