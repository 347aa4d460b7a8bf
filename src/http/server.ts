import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline, Readable } from 'node:stream'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type HTTPMethods } from 'fastify'
import { CodedError } from '#base/errors.js'
import type { Log } from '#base/log.js'
import { type Answer, type Handler, type Request, type StreamAnswer, text } from './answer.js'
import { decodeBody, encodeAnswer } from './body.js'
import { cannotListen } from './listening.js'

export interface ServerOptions {
  /** Mesos' name of the daemon's main actor: what is at `/state` is also at `/master/state`, `/slave(1)/state`. */
  prefix: string
  log: Log
  /** Of a request's body, packed or unpacked. Bytes (B1). */
  bodyLimit?: number
}

export interface RouteOptions {
  /** Absent: any method, as Mesos' reads (a POST of /state is answered like a GET). */
  methods?: readonly Method[]
  /** Also under the server's prefix. Not so for what are other actors in Mesos: /files, /metrics, /system, /logging, /version. */
  prefixed?: boolean
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'

export interface Server {
  /** Before `listen` only. */
  route(path: string, handler: Handler, options?: RouteOptions): void
  /** Resolves with the port, which the system chose where 0 was wished. */
  listen(address: { ip: string; port: number }): Promise<number>
  /** Ends open streams, answers what is under way, frees the port. Idempotent. */
  close(): Promise<void>
}

const MEBIBYTE = 1024 * 1024
/** An accept of thousands of tasks fits; nothing that would make a daemon swap does. */
const BODY_LIMIT = 64 * MEBIBYTE
const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']

export function createServer(options: ServerOptions): Server {
  const bodyLimit = options.bodyLimit ?? BODY_LIMIT
  const app = createFastify(options.log, bodyLimit)
  const streams = new Set<StreamAnswer['stream']>()

  const serve = async (handler: Handler, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    // From here on the raw response is ours: header names keep the case in which Mesos sends them, and streams need no detour.
    reply.hijack()
    const answer = await answerOf(handler, request, bodyLimit, options.log)
    if (!('stream' in answer)) return write(reply.raw, request.method, answer)
    // The prefix of the stream goes out at once: a subscriber learns its stream id before the first event.
    reply.raw.writeHead(200, { ...answer.headers })
    reply.raw.flushHeaders()
    streams.add(answer.stream)
    reply.raw.on('close', () => streams.delete(answer.stream))
    answer.stream.attach(reply.raw)
  }

  return {
    route(path, handler, { methods, prefixed = true } = {}) {
      const allowed = methods ? withMethods(handler, methods) : handler
      for (const url of prefixed ? [path, `/${options.prefix}${path}`] : [path]) {
        app.route({ method: METHODS, url, handler: (request, reply) => serve(allowed, request, reply) })
      }
    },
    async listen({ ip, port }) {
      try {
        await app.listen({ host: ip, port })
      } catch (error) {
        throw cannotListen({ ip, port }, error)
      }
      return (app.server.address() as AddressInfo).port
    },
    async close() {
      for (const stream of streams) stream.end()
      await app.close()
    },
  }
}

/** We describe no route by a schema; the compilers that would be loaded for it are a fifth of a daemon's start. */
const never = () => () => {
  throw new Error('routes have no schemas here')
}
const NO_SCHEMAS = { buildValidator: never, buildSerializer: never }

function createFastify(log: Log, bodyLimit: number): FastifyInstance {
  const app = fastify({
    bodyLimit,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 4096 },
    requestTimeout: 120_000,
    // Who sends a byte now and then may not hold a connection for ever (B7).
    http: { headersTimeout: 15_000, connectionsCheckingInterval: 5000, maxHeaderSize: 65_536 },
    frameworkErrors: (error, request, reply) => void refuse(reply.hijack().raw, request.method, error, log),
    schemaController: { compilersFactory: NO_SCHEMAS },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.setNotFoundHandler((request, reply) => void write(reply.hijack().raw, request.method, text(404, '404 Not Found.')))
  app.setErrorHandler((error, request, reply) => void refuse(reply.hijack().raw, request.method, error as Error, log))
  return app
}

/** What the daemon answers, whatever the handler does: an error of a catalogue as it says, anything else as a defect of ours. */
async function answerOf(handler: Handler, request: FastifyRequest, limit: number, log: Log): Promise<Answer | StreamAnswer> {
  try {
    const understood = await understand(request, limit)
    const answer = await handler(understood)
    return 'stream' in answer ? answer : await encodeAnswer(understood, answer)
  } catch (error) {
    return errorAnswer(error as Error, request.method, request.url, log)
  }
}

function errorAnswer(error: Error, method: string, url: string, log: Log): Answer {
  if (error instanceof CodedError && error.http !== undefined) return text(error.http, error.message)
  const { statusCode } = error as { statusCode?: number }
  if (statusCode !== undefined && statusCode < 500) return text(statusCode, error.message)
  log.error({ err: error, method, url }, 'a request failed for a reason of ours')
  return text(500, `Internal error: ${error.message}`)
}

function refuse(response: ServerResponse, method: string, error: Error, log: Log): void {
  const answer = errorAnswer(error, method, '', log)
  // A body that was not read to its end would be taken for the next request.
  write(response, method, { ...answer, headers: { ...answer.headers, Connection: 'close' } })
}

async function understand(request: FastifyRequest, limit: number): Promise<Request> {
  const [path = '', query = ''] = splitOnce(request.raw.url ?? '/', '?')
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  return {
    method: request.method,
    path,
    query: parseQuery(query),
    headers: request.raw.headers,
    body: await decodeBody(body, request.headers['content-encoding'], limit),
    peer: `${request.socket.remoteAddress ?? ''}:${request.socket.remotePort ?? ''}`,
  }
}

function parseQuery(query: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null)
  for (const [key, value] of new URLSearchParams(query)) values[key] = value
  return values
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function write(response: ServerResponse, method: string, { status, headers, body = '' }: Answer): void {
  if (response.destroyed || response.headersSent) {
    if (body instanceof Readable) body.destroy()
    return
  }
  if (body instanceof Readable) {
    response.writeHead(status, { ...headers })
    // A body that breaks off cannot be taken back: the connection is cut, so that nobody takes it for whole.
    pipeline(body, response, () => {})
    return
  }
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) })
  response.end(method === 'HEAD' ? undefined : body)
}

/** 405 for the other methods, in Mesos' words (1-001). */
function withMethods(handler: Handler, methods: readonly Method[]): Handler {
  return (request) => {
    if (methods.includes(request.method as Method)) return handler(request)
    const expected = methods.map((method) => `'${method}'`).join(', ')
    return text(405, `405 Method Not Allowed. Expecting one of { ${expected} }, but received '${request.method}'.`, {
      Allow: methods.join(', '),
    })
  }
}
