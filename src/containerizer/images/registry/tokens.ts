import { createHash } from 'node:crypto'
import type { Millis } from '#base/clock.js'
import { JsonFields } from '../json-fields.js'
import { mayReach, type Reach, reachOfHost } from './addresses.js'
import type { Challenge } from './challenge.js'
import type { Connections } from './connections.js'
import type { Login } from './docker-config.js'
import type { Endpoint } from './endpoint.js'
import { RegistryErrors } from './errors.js'
import { call, reachOfEndpoint, readAll } from './http-call.js'
import { refusal } from './refusals.js'

export interface TokenWish {
  readonly endpoint: Endpoint
  /** `https://host:port` that sent the challenge. */
  readonly origin: string
  readonly challenge: Challenge
  readonly login: Login | undefined
}

const MOST_KEPT = 256
const MOST_ANSWER = 1024 * 1024
/** Of tokens that say nothing, by the specification. */
const SHORTEST: Millis = 60_000
/** It must still hold when it arrives. */
const MARGIN: Millis = 5000

interface Kept {
  readonly token: Promise<string>
  until: Millis
}

/** Bearer tokens by what they are good for, each asked for once until it ends. */
export class Tokens {
  readonly #connections: Connections
  readonly #kept = new Map<string, Kept>()
  readonly #now: () => Millis

  constructor(connections: Connections, now: () => Millis) {
    this.#connections = connections
    this.#now = now
  }

  /** `stale`: one that was refused; it is not given again. */
  async get(wish: TokenWish, stale: string | undefined, abort: AbortSignal): Promise<string> {
    const key = keyOf(wish)
    const known = this.#kept.get(key)
    if (known && known.until > this.#now()) {
      const token = await known.token.catch(() => undefined)
      if (token !== undefined && token !== stale) return token
    }
    if (this.#kept.get(key) !== known) return this.get(wish, stale, abort)
    const kept: Kept = { until: Number.POSITIVE_INFINITY, token: this.#ask(wish, abort, (until) => (kept.until = until)) }
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    kept.token.catch(() => this.#kept.get(key) === kept && this.#kept.delete(key))
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value as string)
    return kept.token
  }

  async #ask(wish: TokenWish, abort: AbortSignal, holds: (until: Millis) => void): Promise<string> {
    const { endpoint, login } = wish
    const realm = await this.#realmOf(wish)
    const from = realm.hostname === new URL(wish.origin).hostname ? undefined : await reachOfEndpoint(endpoint)
    const parameters = parametersOf(wish)
    const request =
      login && 'identityToken' in login ? refresh(realm, parameters, login.identityToken) : plain(realm, parameters, login)
    const answer = await call(this.#connections, endpoint, { ...request, from }, abort)
    if (answer.status !== 200)
      throw await refusal(answer, { endpoint, what: 'a token', hasLogin: login !== undefined, now: this.#now() })
    const fields = JsonFields.parse(await readAll(answer, MOST_ANSWER), `the answer of ${realm.host}`)
    const token = fields.text('token') || fields.text('access_token')
    if (!token || !/^[\x21-\x7e]+$/.test(token)) throw RegistryErrors.TOKEN_MISSING({ server: realm.origin })
    holds(this.#now() + Math.max(SHORTEST, (fields.count('expires_in') ?? 0) * 1000) - MARGIN)
    return token
  }

  /** Whoever answers for a registry could else have us send passwords, or requests at all, to where only this host comes (S59). */
  async #realmOf({ endpoint, origin, challenge }: TokenWish): Promise<URL> {
    const text = challenge.parameters.realm ?? ''
    const refuse = (why: string): Error =>
      RegistryErrors.REALM_REFUSED({ registry: endpoint.host, realm: JSON.stringify(text.split('?')[0]!.slice(0, 200)), why })
    const realm = URL.canParse(text) ? new URL(text) : undefined
    if (realm?.protocol !== 'https:' && realm?.protocol !== 'http:') throw refuse('is no address')
    if (realm.username !== '' || realm.password !== '') throw refuse('has a password in it')
    if (realm.protocol === 'http:' && endpoint.verify) throw refuse('is plain http')
    if (realm.hostname === new URL(origin).hostname) return realm
    const [registry, there]: Reach[] = await Promise.all([reachOfEndpoint(endpoint), reachOfHost(realm.hostname)])
    if (!mayReach(registry!, there!)) throw refuse(`is a ${there} address, while the registry is not`)
    return realm
  }
}

/** Without what is secret, so that nothing of it lies in keys. */
function keyOf({ endpoint, challenge: { parameters }, login }: TokenWish): string {
  const who = createHash('sha256')
    .update(JSON.stringify(login ?? null))
    .digest('hex')
  return JSON.stringify([endpoint.host, endpoint.repository, parameters.realm, parameters.service, parameters.scope, who])
}

/** Both may be missing (L12): a scope that nobody names is that of a pull. */
function parametersOf({ endpoint, challenge: { parameters } }: TokenWish): Record<string, string> {
  return {
    ...(parameters.service !== undefined && { service: parameters.service }),
    scope: parameters.scope || `repository:${endpoint.repository}:pull`,
  }
}

function plain(realm: URL, parameters: Record<string, string>, login: Login | undefined) {
  const url = new URL(realm)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return { url, headers: login && 'username' in login ? { authorization: basic(login) } : {} }
}

function refresh(url: URL, parameters: Record<string, string>, identityToken: string) {
  const form = new URLSearchParams({
    ...parameters,
    grant_type: 'refresh_token',
    client_id: 'meseta',
    refresh_token: identityToken,
  })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return { url, method: 'POST' as const, headers, body: form.toString() }
}

export const basic = ({ username, password }: { username: string; password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
