/** Requests as a client sends them, without a library's opinion on what may be sent. */
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { type Json, writeJson } from './json.js'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Request {
  readonly port: number
  readonly method: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: Json | undefined
  readonly timeout?: number
  /** The status that the answer should have. Of another the body is read only so far as it comes at once: it may be a stream. */
  readonly wanted?: number
}

export const JSON_HEADERS = { 'Content-Type': 'application/json', Accept: 'application/json' }

const bytesOf = (body: Json | undefined): Buffer | undefined =>
  body === undefined || body === null
    ? undefined
    : Buffer.from(typeof body === 'string' ? body : writeJson(body), typeof body === 'string' ? 'latin1' : 'utf8')

function optionsOf({ port, method, path, headers = {} }: Request, body: Buffer | undefined): RequestOptions {
  const length = body ? { 'Content-Length': String(body.length) } : {}
  return { host: '127.0.0.1', port, method, path, headers: { ...length, ...headers }, agent: false }
}

/** The answer's head; its body is still to come. */
export function open(request: Request): Promise<IncomingMessage> {
  const body = bytesOf(request.body)
  return new Promise((resolve, reject) => {
    const sent = httpRequest(optionsOf(request, body), resolve)
    sent.on('error', reject)
    if (request.timeout) sent.setTimeout(request.timeout * 1000, () => sent.destroy(new Error('timed out')))
    sent.end(body)
  })
}

export async function readAll(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  try {
    for await (const part of message) parts.push(part as Buffer)
  } catch (error) {
    if (!message.destroyed || parts.length === 0) throw error
  }
  const body = Buffer.concat(parts)
  return body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body
}

export async function send(request: Request): Promise<Answer> {
  const message = await open({ timeout: 30, ...request })
  if (request.wanted && request.wanted !== message.statusCode) setTimeout(() => message.destroy(), 500)
  return { status: message.statusCode ?? 0, headers: message.headers, body: await readAll(message) }
}

export const call = (port: number, body: Json, timeout = 30): Promise<Answer> =>
  send({ port, method: 'POST', path: '/api/v1', headers: JSON_HEADERS, body, timeout })

/** A streaming request: each record is a chunk of its own, sent while the answer may already come. */
export async function sendRecords(request: Request, records: readonly Json[]): Promise<Answer> {
  const sent = httpRequest({ ...optionsOf(request, undefined), headers: { ...request.headers, 'Transfer-Encoding': 'chunked' } })
  const answered = new Promise<IncomingMessage>((resolve, reject) => sent.on('response', resolve).on('error', reject))
  const answer = answered.then(async (message) => ({
    status: message.statusCode ?? 0,
    headers: message.headers,
    body: await readAll(message),
  }))
  answer.catch(() => {})
  sent.setTimeout(8000, () => sent.destroy(new Error('timed out')))
  for (const record of records) {
    const text = Buffer.from(writeJson(record))
    if (!sent.destroyed) sent.write(Buffer.concat([Buffer.from(`${text.length}\n`), text]))
    await sleep(150)
  }
  await sleep(800)
  if (!sent.destroyed) sent.end()
  return answer
}

/** Whether something accepts connections there. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1')
    const answer = (is: boolean): void => {
      socket.destroy()
      resolve(is)
    }
    socket.on('connect', () => answer(true)).on('error', () => answer(false))
  })
}
