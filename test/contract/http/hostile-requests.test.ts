import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from '#base/log.js'
import { type Handler, json, text } from '#http/answer.js'
import { createServer, type Server } from '#http/server.js'

/** Requests that are meant to break a server; ids are those of the catalogue of bad input (B1 to B18). */

let server: Server
let port: number
const LIMIT = 1024 * 1024

beforeAll(async () => {
  server = createServer({ prefix: 'master', log: silentLog, bodyLimit: LIMIT })
  const size: Handler = (request) => text(200, String(request.body.length))
  server.route('/size', size, { methods: ['POST'] })
  server.route('/query', (request) => json(request, JSON.stringify(request.query)))
  server.route('/slow', async () => {
    await new Promise((resolve) => setTimeout(resolve, 200))
    return text(200, 'slow')
  })
  port = await server.listen({ ip: '127.0.0.1', port: 0 })
})

afterAll(async () => {
  // Whatever was sent: the server is as it was.
  expect(await send(post('Content-Length: 3', 'abc'))).toMatch(/200 OK.*3$/s)
  await server.close()
})

/** Sends bytes, answers what came until the server closed, or `quiet` milliseconds of silence. */
function send(bytes: string, quiet = 1500): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    socket.setTimeout(quiet, () => socket.destroy())
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    // A server that refuses may cut the connection while we still send.
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
}

const statusOf = (answer: string): string => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 'closed'
const post = (headers: string, body = '', path = '/size') =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n\r\n${body}`

test.each([
  ['with its length', post(`Content-Length: ${LIMIT + 1}`, 'a'.repeat(LIMIT + 1))],
  ['in chunks', post('Transfer-Encoding: chunked', `${(LIMIT + 1).toString(16)}\r\n${'a'.repeat(LIMIT + 1)}\r\n0\r\n\r\n`)],
  ['that is only announced', post('Content-Length: 99999999999')],
])('B1: a body over the limit %s is 413', async (_how, bytes) => expect(statusOf(await send(bytes))).toBe('413'))

test.each(['-5', '+5', '5, 5', '0x10', '5\r\nContent-Length: 6', '5\r\nTransfer-Encoding: chunked', 'abc', ''])(
  'B2: Content-Length %j is refused, and the connection closed',
  async (length) =>
    expect(
      statusOf(await send(post(`Content-Length: ${length}`, '0\r\n\r\nGET /query?smuggled HTTP/1.1\r\nHost: x\r\n\r\n'))),
    ).toBe('400'),
)

test.each([
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked, identity',
  'X: a\r\n folded',
  'Na me: x',
  'X: a\0b',
  'X\r: a',
])('B3: header %j is refused', async (header) =>
  expect(['400', '501']).toContain(statusOf(await send(post(header, '0\r\n\r\n')))),
)

test.each([
  ['a size of 17 digits', '11111111111111111\r\n', ['400']],
  ['no size', 'zz\r\n', ['400']],
  ['an extension of a megabyte', `1;${'x'.repeat(LIMIT)}\r\na\r\n0\r\n\r\n`, ['400', '413']],
])('B4: a chunk with %s is refused', async (_what, body, allowed) =>
  expect(allowed).toContain(statusOf(await send(post('Transfer-Encoding: chunked', body)))),
)

test('B4: trailers are ignored', async () => {
  expect(await send(post('Transfer-Encoding: chunked', '3\r\nabc\r\n0\r\nX-Trailer: 9\r\n\r\n'))).toMatch(/200 OK.*3$/s)
})

test('B5: 65 KiB of headers are 431', async () => {
  expect(statusOf(await send(post(`X: ${'a'.repeat(65 * 1024)}`)))).toBe('431')
})

test.each([
  '',
  '//',
  '*',
  '/%zz',
  '/%00',
  '/%c0%ae%c0%ae/etc/passwd',
  `/${'a'.repeat(60_000)}`,
  'http://other/',
  '/query/../../x',
])('B6: path %j is refused', async (path) =>
  expect(['400', '404']).toContain(statusOf(await send(post('Content-Length: 0', '', path)))),
)

test('B15: answers keep the order of pipelined requests', async () => {
  const get = (path: string, last = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${last}\r\n`
  const many = Array.from({ length: 200 }, (_, i) => get(`/query?n=${i}`)).join('')
  const answer = await send(get('/slow') + many + get('/query?n=last', 'Connection: close\r\n'))
  expect([...answer.matchAll(/slow|"n":"(\w+)"/g)].map(([all, n]) => n ?? all)).toEqual([
    'slow',
    ...Array.from({ length: 200 }, (_, i) => String(i)),
    'last',
  ])
})

test('B17: neither HTTP/2 nor an upgrade is spoken', async () => {
  expect(statusOf(await send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'))).toBe('400')
  expect(statusOf(await send(post('Upgrade: websocket\r\nContent-Length: 1', 'a')))).toBe('200')
})

test('B18: query keys are data, whatever they are called', async () => {
  const answer = await send('GET /query?__proto__=1&constructor=2&a=1&a=2&%zz=x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  expect(answer).toContain('{"__proto__":"1","constructor":"2","a":"2"')
  expect(({} as Record<string, unknown>)['1']).toBeUndefined()
})
