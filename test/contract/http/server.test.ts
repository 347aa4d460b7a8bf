import { connect } from 'node:net'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { catalogue } from '#base/errors.js'
import { silentLog } from '#base/log.js'
import { type Handler, json, text } from '#http/answer.js'
import { answerMessage, decodeCall } from '#http/call.js'
import { MESSAGE_TYPES, negotiate } from '#http/media-type.js'
import { createServer, type RouteOptions, type Server } from '#http/server.js'
import { Call, CallType, Response, ResponseType } from '#wire/master.js'

let server: Server
afterEach(() => server.close())

/** A server with these routes; answers its address. */
async function serve(routes: Record<string, Handler | [Handler, RouteOptions]>, bodyLimit?: number): Promise<string> {
  server = createServer({ prefix: 'slave(1)', log: silentLog, ...(bodyLimit === undefined ? {} : { bodyLimit }) })
  for (const [path, route] of Object.entries(routes)) {
    if (typeof route === 'function') server.route(path, route)
    else server.route(path, ...route)
  }
  return `http://127.0.0.1:${await server.listen({ ip: '127.0.0.1', port: 0 })}`
}

const health: Handler = (request) => {
  const call = decodeCall(Call, request)
  expect(call.type).toBe(CallType.GET_HEALTH)
  return answerMessage(
    Response,
    { type: ResponseType.GET_HEALTH, getHealth: { healthy: true } },
    negotiate(request, MESSAGE_TYPES),
  )
}
const api = { '/api/v1': [health, { methods: ['POST'] }] as [Handler, RouteOptions] }
const post = (url: string, body: string | Buffer, headers: Record<string, string>) =>
  fetch(url, { method: 'POST', body, headers })

test('a route answers under its own path and under the prefix', async () => {
  const url = await serve({
    '/state': (request) => json(request, '{}'),
    '/files/debug': [() => text(200, 'x'), { prefixed: false }],
  })
  expect((await fetch(`${url}/state`)).status).toBe(200)
  expect((await fetch(`${url}/slave(1)/state`)).status).toBe(200)
  expect((await fetch(`${url}/slave(1)/files/debug`)).status).toBe(404)
})

test('a read takes any method, HEAD without a body', async () => {
  const url = await serve({ '/state': (request) => json(request, '{"a":1}') })
  for (const method of ['GET', 'POST', 'DELETE', 'PUT'])
    expect(await (await fetch(`${url}/state`, { method })).text()).toBe('{"a":1}')
  const head = await fetch(`${url}/state`, { method: 'HEAD' })
  expect([head.headers.get('content-length'), await head.text()]).toEqual(['7', ''])
})

test('an unknown path is 404 in Mesos words', async () => {
  const url = await serve({})
  const answer = await fetch(`${url}/nope`)
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
    404,
    'text/plain; charset=utf-8',
    '404 Not Found.',
  ])
})

test('another method on a call endpoint is 405 and names the right one', async () => {
  const answer = await fetch(`${await serve(api)}/api/v1`)
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
  expect(await answer.text()).toBe("405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'.")
})

test.each([
  [{ 'Content-Type': 'application/json' }, '{"type":"GET_HEALTH"}', 200, '{"type":"GET_HEALTH","get_health":{"healthy":true}}'],
  [
    { 'Content-Type': 'application/json', Accept: 'text/html, */*;q=0.1' },
    '{"type":"GET_HEALTH"}',
    200,
    '{"type":"GET_HEALTH","get_health":{"healthy":true}}',
  ],
  [
    { 'Content-Type': 'text/plain' },
    '{"type":"GET_HEALTH"}',
    415,
    "Expecting 'Content-Type' of application/json or application/x-protobuf",
  ],
  [
    { 'Content-Type': 'application/json; charset=utf-8' },
    '{"type":"GET_HEALTH"}',
    415,
    'application/json or application/x-protobuf',
  ],
  [{ 'Content-Type': 'application/json', Accept: 'text/html' }, '{"type":"GET_HEALTH"}', 406, "Expecting 'Accept' to allow"],
  [
    { 'Content-Type': 'application/json', Accept: 'application/json;q=0' },
    '{"type":"GET_HEALTH"}',
    406,
    "Expecting 'Accept' to allow",
  ],
  [{ 'Content-Type': 'application/json' }, '{', 400, 'Failed to parse body into JSON: syntax error at line 1'],
  [{ 'Content-Type': 'application/json' }, '[]', 400, 'Failed to convert JSON into Call protobuf: Expecting a JSON object'],
  [{ 'Content-Type': 'application/x-protobuf' }, Buffer.from('ff00ff', 'hex'), 400, 'Failed to parse body into Call protobuf'],
  [{ 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }, '{"type":"GET_HEALTH"}', 500, 'failed to decode body'],
  [{ 'Content-Type': 'application/json', 'Content-Encoding': 'br' }, '{"type":"GET_HEALTH"}', 415, 'use gzip or none'],
  [{ 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }, gzipSync('{"type":"GET_HEALTH"}'), 200, 'healthy'],
])('a call with %o and body %s', async (headers, body, status, sentence) => {
  const answer = await post(`${await serve(api)}/api/v1`, body, headers as Record<string, string>)
  expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(sentence)])
})

test('a call without Content-Type is 400', async () => {
  const port = new URL(await serve(api)).port
  expect(await raw(port, 'POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}')).toMatch(
    /^HTTP\/1.1 400 Bad Request\r\n.*Expecting 'Content-Type' to be present$/s,
  )
})

test('a protobuf client gets protobuf', async () => {
  const answer = await post(`${await serve(api)}/api/v1`, Buffer.from('0801', 'hex'), {
    'Content-Type': 'application/x-protobuf',
    Accept: 'application/x-protobuf',
  })
  expect(Buffer.from(await answer.arrayBuffer()).toString('hex')).toBe('080112020801')
})

test('a body over the limit is 413, packed or not', async () => {
  const url = await serve({ '/x': () => text(200, 'taken') }, 1000)
  expect((await post(`${url}/x`, 'a'.repeat(1001), {})).status).toBe(413)
  expect((await post(`${url}/x`, gzipSync('a'.repeat(100_000)), { 'Content-Encoding': 'gzip' })).status).toBe(413)
  expect((await post(`${url}/x`, 'a'.repeat(1000), {})).status).toBe(200)
})

test('a large answer is packed for those who take gzip, a small one never', async () => {
  const url = new URL(
    await serve({ '/large': (request) => json(request, `"${'a'.repeat(5000)}"`), '/small': (request) => json(request, '{}') }),
  )
  const ask = async (path: string, accept: string) =>
    await raw(url.port, `GET ${path} HTTP/1.1\r\nHost: x\r\n${accept}Connection: close\r\n\r\n`, 'latin1')
  const packed = await ask('/large', 'Accept-Encoding: gzip\r\n')
  expect(packed).toContain('Content-Encoding: gzip\r\n')
  expect(gunzipSync(Buffer.from(packed.slice(packed.indexOf('\r\n\r\n') + 4), 'latin1')).length).toBe(5002)
  expect(await ask('/large', '')).not.toContain('Content-Encoding')
  expect(await ask('/large', 'Accept-Encoding: gzip;q=0\r\n')).not.toContain('Content-Encoding')
  expect(await ask('/small', 'Accept-Encoding: gzip\r\n')).not.toContain('Content-Encoding')
})

test('jsonp wraps the answer, and only in the name of a function', async () => {
  const url = await serve({ '/version': (request) => json(request, '{"version":"1"}') })
  const wrapped = await fetch(`${url}/version?jsonp=cb`)
  expect([wrapped.headers.get('content-type'), await wrapped.text()]).toEqual(['text/javascript', 'cb({"version":"1"})'])
  expect((await fetch(`${url}/version?jsonp=alert(1)//`)).status).toBe(400)
})

test('an error of a catalogue answers as it says, any other is our defect and named so', async () => {
  const Errors = catalogue('TEST', { GONE: { say: (_: object) => 'it is gone', http: 410 } })
  const url = await serve({
    '/gone': () => {
      throw Errors.GONE({})
    },
    '/bug': () => Promise.reject(new TypeError('oops')),
  })
  const gone = await fetch(`${url}/gone`)
  expect([gone.status, await gone.text()]).toEqual([410, 'it is gone'])
  const bug = await fetch(`${url}/bug`)
  expect([bug.status, await bug.text()]).toEqual([500, 'Internal error: oops'])
})

test.each([
  'GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET //..//state HTTP/1.1\r\nHost: x\r\n\r\n',
  'FOO / HTTP/1.1\r\n\r\n',
  '\0\0\0\r\n\r\n',
])('garbage %j is refused and the next client served', async (garbage) => {
  const url = await serve({ '/ok': () => text(200, 'fine') })
  expect(await raw(new URL(url).port, garbage.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))).toMatch(/^HTTP\/1.1 40[04]/)
  expect(await (await fetch(`${url}/ok`)).text()).toBe('fine')
})

test('a taken port is said in one sentence', async () => {
  const port = Number(new URL(await serve({})).port)
  const second = createServer({ prefix: 'x', log: silentLog })
  await expect(second.listen({ ip: '127.0.0.1', port })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: `)
  await second.close()
})

/** Sends bytes, answers all that comes back. */
function raw(port: string, bytes: string, encoding: BufferEncoding = 'utf8'): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (chunk) => chunks.push(chunk)).on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString(encoding)))
  })
}
