import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Connections } from '#containerizer/fetcher/connections.js'
import { httpScheme } from '#containerizer/fetcher/http-scheme.js'
import type { Proxies } from '#http/proxy.js'

describe('http and https', () => {
  let server: Server
  let url: string
  let answer: (request: IncomingMessage, response: ServerResponse) => void
  const connections: Connections[] = []
  const never = new AbortController().signal

  beforeEach(async () => {
    server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((each) => each.close()))
    server.closeAllConnections()
    server.close()
  })

  const scheme = (proxies: Proxies = {}) => {
    const agent = new Connections({ proxies, connectTimeout: 30_000 })
    connections.push(agent)
    return httpScheme(agent, 30_000)
  }
  async function get(uri: string, from = 0, version?: string, proxies?: Proxies): Promise<string> {
    const opened = await scheme(proxies).open(uri, from, never, version)
    const chunks: Uint8Array[] = []
    for await (const chunk of opened.body) chunks.push(chunk)
    return `${opened.at}/${opened.size} ${opened.version} ${Buffer.concat(chunks)}`
  }

  test('size and version come with the body', async () => {
    answer = (_, response) => response.writeHead(200, { etag: '"1"', 'content-length': 5 }).end('hello')
    expect(await get(`${url}/x`)).toBe('0/5 "1" hello')
  })

  test('the rest is asked for only of the same content', async () => {
    const asked: unknown[] = []
    answer = ({ headers }, response) => {
      asked.push([headers.range, headers['if-range']])
      if (headers.range) response.writeHead(206, { etag: '"1"', 'content-range': 'bytes 2-4/5' }).end('llo')
      else response.writeHead(200, { etag: 'W/"1"' }).end('hello')
    }
    expect(await get(`${url}/x`, 2, '"1"')).toBe('2/5 "1" llo')
    expect(await get(`${url}/x`, 2)).toBe('0/undefined undefined hello')
    expect(asked).toEqual([
      ['bytes=2-', '"1"'],
      [undefined, undefined],
    ])
    answer = (_, response) => response.writeHead(206, { 'content-range': 'bytes 1-4/5' }).end('ello')
    await expect(get(`${url}/x`, 2, '"1"')).rejects.toThrow('the server answered 206')
  })

  test('credentials go to their own origin only', async () => {
    const seen: unknown[] = []
    const other = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.end('there')
    }).listen(0, '127.0.0.1')
    await once(other, 'listening')
    answer = (request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(302, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/` }).end()
    }
    expect(await get(url.replace('//', '//us%40er:se:cret@'))).toMatch(/there$/)
    expect(seen).toEqual([`Basic ${Buffer.from('us@er:se:cret').toString('base64')}`, undefined])
    other.closeAllConnections()
    other.close()
  })

  test.each([
    ['file:///etc/passwd', /redirects to "file:\/\/\/etc\/passwd", which is neither/],
    ['http://', /which is no address/],
  ])('a redirect to %s is refused', async (location, why) => {
    answer = (_, response) => response.writeHead(302, { location }).end()
    await expect(get(url)).rejects.toThrow(why)
  })

  test('redirects end', async () => {
    let hops = 0
    answer = (_, response) => response.writeHead(307, { location: `/${++hops}` }).end()
    await expect(get(url)).rejects.toThrow('redirects more than 10 times')
    expect(hops).toBe(11)
  })

  test('what is wrong is said', async () => {
    answer = (_, response) => response.writeHead(404).end()
    await expect(get(url)).rejects.toThrow('the server answered 404')
    await expect(get('http://127.0.0.1:1/x')).rejects.toThrow(/connection refused/)
  })

  test('a proxy is asked for everything but what it is not to be', async () => {
    const asked: unknown[] = []
    answer = (request, response) => {
      asked.push(request.url)
      response.end('by proxy')
    }
    expect(await get('http://nowhere.invalid/x?y', 0, undefined, { http: url })).toMatch(/by proxy$/)
    expect(asked).toEqual(['http://nowhere.invalid/x?y'])
    await get(`${url}/direct`, 0, undefined, { http: 'http://127.0.0.1:1', none: '127.0.0.1' })
    expect(asked[1]).toBe('/direct')
  })
})
