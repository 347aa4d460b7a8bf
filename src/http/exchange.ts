import { Agent, type Dispatcher } from 'undici'
import type { Millis } from '#base/clock.js'
import type { Headers } from './answer.js'
import { HttpErrors } from './errors.js'

/** One request of ours to another program. */
export interface Outgoing {
  url: string
  method?: 'GET' | 'POST'
  headers?: Headers
  body?: string | Buffer
}

export interface Incoming {
  status: number
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: Buffer
}

/** Connecting takes longer only where nobody answers. */
const CONNECT_TIMEOUT: Millis = 5000
/** From the request to the first byte of its answer. */
const ANSWER_TIMEOUT: Millis = 30_000
const REDIRECTS = 5
/** What of an error's body stands in our sentence. */
const SHOWN = 500

/** Keep-alive connections to any server. With one connection an origin, requests are sent and answered in order (1-009). */
export function createConnections(options: { each?: number } = {}): Agent {
  return new Agent({
    connections: options.each ?? null,
    pipelining: 1,
    connect: { timeout: CONNECT_TIMEOUT },
    headersTimeout: ANSWER_TIMEOUT,
    bodyTimeout: 0,
  })
}

/** The whole answer, whatever its status; follows redirects. Throws `HTTP_UNREACHABLE` where there is none. */
export async function exchange(connections: Agent, outgoing: Outgoing): Promise<Incoming> {
  const { response } = await send(connections, outgoing)
  try {
    return { status: response.statusCode, headers: response.headers, body: Buffer.from(await response.body.arrayBuffer()) }
  } catch (error) {
    throw HttpErrors.UNREACHABLE({ url: outgoing.url, why: reason(error) }, error)
  }
}

/** Like `exchange`, and any status but 2xx is an error (`HTTP_REFUSED`) with what the server said. */
export async function exchangeOrThrow(connections: Agent, outgoing: Outgoing): Promise<Incoming> {
  const incoming = await exchange(connections, outgoing)
  if (incoming.status < 200 || incoming.status > 299) throw refused(outgoing.url, incoming.status, incoming.body)
  return incoming
}

export function refused(url: string, status: number, body: Buffer): Error {
  return HttpErrors.REFUSED({ url, status, body: body.toString('utf8', 0, SHOWN).trim() })
}

/** Sends, and sends again where it is redirected to: a standby names the leading master so (1-005). Answers the address that answered. */
export async function send(
  connections: Agent,
  outgoing: Outgoing,
  signal?: AbortSignal,
): Promise<{ url: string; response: Dispatcher.ResponseData }> {
  let { url } = outgoing
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    const response = await request(connections, { ...outgoing, url }, signal)
    if (response.statusCode !== 307 && response.statusCode !== 308) return { url, response }
    await response.body.dump()
    url = redirected(url, String(response.headers.location ?? ''))
  }
  throw HttpErrors.REDIRECTS_ENDLESS({ url: outgoing.url, limit: REDIRECTS })
}

function redirected(from: string, location: string): string {
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined
  if (to?.protocol !== 'http:' && to?.protocol !== 'https:')
    throw HttpErrors.UNREACHABLE({ url: from, why: `it redirects to ${JSON.stringify(location)}, which is no address` })
  return to.href
}

async function request(
  connections: Agent,
  { url, method = 'POST', headers, body }: Outgoing,
  signal?: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  try {
    const { origin, pathname, search } = new URL(url)
    return await connections.request({
      origin,
      path: pathname + search,
      method,
      headers: headers ?? {},
      body: body ?? null,
      signal: signal ?? null,
    })
  } catch (error) {
    throw HttpErrors.UNREACHABLE({ url, why: reason(error) }, error)
  }
}

/** undici wraps what happened: the innermost sentence is the one to read. */
export function reason(error: unknown): string {
  const { message, code, cause, errors } = error as Error & { code?: string; errors?: Error[] }
  if (cause) return reason(cause)
  if (errors?.[0]) return reason(errors[0])
  if (code === 'ECONNREFUSED') return 'nobody listens there (connection refused)'
  return message || code || String(error)
}
