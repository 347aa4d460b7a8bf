import { isIP } from 'node:net'
import type { Dispatcher } from 'undici'
import type { Millis } from '#base/clock.js'
import { CodedError } from '#base/errors.js'
import { bareHost, mayReach, type Reach, reachOfHost } from './addresses.js'
import type { Connections } from './connections.js'
import type { Endpoint } from './endpoint.js'
import { RegistryErrors } from './errors.js'
import { TryAgain } from './retry.js'

export interface Call {
  readonly url: URL
  readonly method?: 'GET' | 'POST' | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** The reach of who names this address, if it is not the user. */
  readonly from?: Reach | undefined
}

export interface Answer {
  /** Who it came from, for sentences: the origin alone, since queries may hold signatures. */
  readonly server: string
  readonly status: number
  readonly headers: Dispatcher.ResponseData['headers']
  readonly body: Dispatcher.ResponseData['body']
}

const LONGEST: Millis = 120_000
const MOST_REDIRECTS = 5
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Sends, and follows where it is redirected to, without credentials as soon as that is another server, and never from https to http (S58). */
export async function call(connections: Connections, endpoint: Endpoint, first: Call, abort: AbortSignal): Promise<Answer> {
  let next = first
  for (let hop = 0; ; hop++) {
    const answer = await send(connections, endpoint, next, abort)
    if (!REDIRECTS.has(answer.status) || next.method === 'POST') return answer
    await answer.body.dump()
    if (hop === MOST_REDIRECTS) throw RegistryErrors.REDIRECTS_ENDLESS({ server: next.url.host, most: MOST_REDIRECTS })
    next = await redirected(next, endpoint, String(answer.headers.location ?? ''))
  }
}

async function redirected({ url, headers, from, ...rest }: Call, endpoint: Endpoint, location: string): Promise<Call> {
  const refuse = (why: string): Error => RegistryErrors.REDIRECT_INVALID({ server: url.host, why })
  const to = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined
  if (to?.protocol !== 'http:' && to?.protocol !== 'https:') throw refuse('what is no http address')
  if (url.protocol === 'https:' && to.protocol === 'http:') throw refuse(`plain http (${to.host})`)
  if (to.username !== '' || to.password !== '') throw refuse('an address with a password in it')
  const { authorization: _, ...open } = headers
  const same = to.origin === url.origin
  return {
    ...rest,
    url: to,
    headers: same ? headers : open,
    from: to.hostname === url.hostname ? from : (from ?? (await reachOfEndpoint(endpoint))),
  }
}

export const reachOfEndpoint = ({ origins }: Endpoint): Promise<Reach> => reachOfHost(new URL(origins[0]!).hostname)

async function send(
  connections: Connections,
  endpoint: Endpoint,
  { url, method = 'GET', headers, body, from }: Call,
  abort: AbortSignal,
): Promise<Answer> {
  if (from !== undefined) await refuseNearer(url, from)
  abort.throwIfAborted()
  try {
    const { statusCode, ...answer } = await connections.to(url, endpoint, from).request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { 'user-agent': 'meseta', 'accept-encoding': 'identity', ...headers },
      body: body ?? null,
      signal: abort,
    })
    answer.body.on('error', () => undefined) // whoever reads it is told; until somebody does, nobody else should be
    return { server: url.origin, status: statusCode, headers: answer.headers, body: answer.body }
  } catch (error) {
    abort.throwIfAborted()
    throw unreachable(url, error)
  }
}

/** Addresses as numbers, and `localhost`, are not looked up where connections are guarded. */
async function refuseNearer({ hostname }: URL, from: Reach): Promise<void> {
  if (isIP(bareHost(hostname)) === 0 && hostname !== 'localhost') return
  const reach = await reachOfHost(hostname)
  if (!mayReach(from, reach)) throw RegistryErrors.REACH_REFUSED({ host: hostname, reach })
}

/** Trying again does not make a certificate or a name right. */
const LASTING = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO$|ENOTFOUND$|ERR_INVALID|HOSTNAME_MISMATCH)/

function unreachable(url: URL, error: unknown): Error {
  const found = innermost(error)
  if (found instanceof CodedError) return found
  const { code, message } = found
  const failure = RegistryErrors.UNREACHABLE({ server: url.origin, why: sayConnection(code, message) }, error)
  return LASTING.test(code) ? failure : new TryAgain(failure)
}

function innermost(error: unknown): Error & { code: string } {
  const { cause, errors } = error as { cause?: unknown; errors?: unknown[] }
  if (error instanceof CodedError) return error
  if (cause instanceof Error) return innermost(cause)
  if (errors?.[0] instanceof Error) return innermost(errors[0])
  const found = error as Error & { code?: string }
  return Object.assign(found, { code: found.code ?? '' })
}

function sayConnection(code: string, message: string): string {
  if (code === 'ECONNREFUSED') return 'nobody listens there (connection refused)'
  if (code === 'ENOTFOUND') return 'no such host is known'
  if (/SELF_SIGNED|UNABLE_TO|DEPTH_ZERO/.test(code))
    return `its certificate is not from an authority that this agent trusts (${code}); name its own one by "ca" in --docker_registries`
  return message || code
}

/** A body that must be small, and be here in a time that is enough for it. */
export async function readAll(answer: Answer, most: number): Promise<Buffer> {
  const late = setTimeout(() => answer.body.destroy(new Error(`its answer took longer than ${LONGEST / 1000} s`)), LONGEST)
  try {
    return await readBounded(answer, most)
  } finally {
    clearTimeout(late)
  }
}

async function readBounded(answer: Answer, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  const tooLarge = (): Error => RegistryErrors.ANSWER_TOO_LARGE({ server: answer.server, most })
  if (Number(answer.headers['content-length'] ?? 0) > most) {
    answer.body.destroy()
    throw tooLarge()
  }
  try {
    for await (const chunk of answer.body) {
      length += chunk.length
      if (length > most) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw new TryAgain(RegistryErrors.BROKE_OFF({ server: answer.server, why: innermost(error).message }, error))
  }
  if (length > most) throw tooLarge()
  return Buffer.concat(chunks)
}
