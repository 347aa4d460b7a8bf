import type { Readable } from 'node:stream'
import type { EventStream } from './event-stream.js'

/** What a handler learns of a request. Nothing of the HTTP library shows: handlers can be tried without one. */
export interface Request {
  readonly method: string
  /** As the client wrote it, without query. */
  readonly path: string
  /** Last value wins where a key is repeated; without prototype, so that any key is only data. */
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Decoded from its Content-Encoding. Empty when there is none. */
  readonly body: Buffer
  /** Address and port of the client. */
  readonly peer: string
}

export type Headers = Readonly<Record<string, string>>

export interface Answer {
  readonly status: number
  readonly headers?: Headers
  /** A stream comes with its Content-Length. */
  readonly body?: string | Buffer | Readable
}

/** An answer that goes on: 200 and the events that the handler sends over `stream`, which it made and keeps. */
export interface StreamAnswer {
  readonly headers: Headers
  readonly stream: EventStream
}

export type Handler = (request: Request) => Answer | StreamAnswer | Promise<Answer | StreamAnswer>

/** The only header of a name, also where a client repeated it. */
export function header(request: Pick<Request, 'headers'>, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

export const text = (status: number, body: string, headers: Headers = {}): Answer => ({
  status,
  headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' },
  body,
})

/** 202 of an asynchronous call, 200 of a write: no body, no type (1-004). */
export const empty = (status: number, headers: Headers = {}): Answer => ({ status, headers })

/** JSON text; as a script that calls the function named by `?jsonp=`, where that is asked for. */
export function json(request: Pick<Request, 'query'>, body: string): Answer {
  const callback = request.query.jsonp
  if (callback === undefined) return { status: 200, headers: { 'Content-Type': 'application/json' }, body }
  // Only a name or a path of names: anything else would be the requester's script on our origin.
  if (!/^[\w$.]{1,128}$/.test(callback))
    return text(400, `jsonp callback ${JSON.stringify(callback)} is not the name of a function`)
  return { status: 200, headers: { 'Content-Type': 'text/javascript' }, body: `${callback}(${body})` }
}
