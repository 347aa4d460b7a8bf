import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { reason } from '#http/exchange.js'
import { chunksOf } from '#http/large-body.js'
import type { Connections } from './connections.js'
import { FetcherErrors } from './errors.js'
import type { FetcherScheme, OpenedSource } from './scheme.js'
import { shownUri } from './shown-uri.js'

const MOST_REDIRECTS = 10
const REDIRECTS = [301, 302, 303, 307, 308]

/** `http` and `https` over these connections. */
export function httpScheme(connections: Connections, stallMilliseconds: number): FetcherScheme {
  return {
    schemes: ['http', 'https'],
    async open(uri, from, abort, version) {
      const response = await follow(uri, (url, credentials) =>
        ask(connections, url, { ...credentials, ...rangeOf(from, version) }, stallMilliseconds, abort),
      )
      return openedOf(response, from)
    },
  }
}

type Response = Dispatcher.ResponseData
type Ask = (url: URL, credentials: Record<string, string>) => Promise<Response>

/** Credentials stay with the origin that they were meant for. */
async function follow(uri: string, ask: Ask): Promise<Response> {
  const first = addressOf(uri)
  const credentials = basicOf(first)
  let url = first
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const response = await ask(url, url.origin === first.origin ? credentials : {})
    if (!REDIRECTS.includes(response.statusCode)) return response
    await response.body.dump()
    url = redirected(url, String(response.headers.location ?? ''))
  }
  throw FetcherErrors.REDIRECTS({ most: MOST_REDIRECTS })
}

function addressOf(uri: string): URL {
  if (!URL.canParse(uri)) throw FetcherErrors.UNREACHABLE({ why: 'it is not an address' })
  return new URL(uri)
}

function redirected(from: URL, location: string): URL {
  const refused = (why: string) => FetcherErrors.REDIRECT_REFUSED({ to: JSON.stringify(shownUri(location)), why })
  if (!URL.canParse(location, from.href)) throw refused('which is no address')
  const to = new URL(location, from.href)
  if (to.protocol !== 'http:' && to.protocol !== 'https:') throw refused('which is neither http:// nor https://')
  if (from.protocol === 'https:' && to.protocol === 'http:') throw refused('where anybody could change what comes')
  return to
}

function basicOf({ username, password }: URL): Record<string, string> {
  if (!username && !password) return {}
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` }
}

/** Without a version nobody could say whether the rest belongs to what has come. */
const rangeOf = (from: number, version: string | undefined): Record<string, string> =>
  from > 0 && version !== undefined ? { range: `bytes=${from}-`, 'if-range': version } : {}

async function ask(
  connections: Connections,
  url: URL,
  headers: Record<string, string>,
  stall: number,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await connections.to(url).request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'GET',
      // What is stored there, not a form of it that is only for the way.
      headers: { 'accept-encoding': 'identity', 'user-agent': 'meseta-fetcher', ...headers },
      headersTimeout: stall,
      // Silence in the body is watched by who reads it.
      bodyTimeout: 0,
      signal,
    })
  } catch (error) {
    throw signal.aborted ? signal.reason : FetcherErrors.UNREACHABLE({ why: reason(error) }, error)
  }
}

async function openedOf({ statusCode, headers, body }: Response, from: number): Promise<OpenedSource> {
  const part = statusCode === 206 ? partOf(headers) : undefined
  if ((statusCode !== 200 && !part) || (part && part.at !== from)) {
    await body.dump()
    throw FetcherErrors.STATUS({ status: statusCode })
  }
  return { size: part ? part.size : lengthOf(headers), at: part?.at ?? 0, version: versionOf(headers), body: chunksOf(body) }
}

function partOf(headers: IncomingHttpHeaders): { at: number; size: number | undefined } | undefined {
  const [, at, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(String(headers['content-range'])) ?? []
  return at === undefined ? undefined : { at: Number(at), size: size === '*' ? undefined : Number(size) }
}

function lengthOf(headers: IncomingHttpHeaders): number | undefined {
  const length = headers['content-length']
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}

/** A weak tag means "much the same", which is not enough to join two halves. */
function versionOf(headers: IncomingHttpHeaders): string | undefined {
  const { etag } = headers
  return etag?.startsWith('"') ? etag : undefined
}
