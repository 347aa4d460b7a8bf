import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createPlain, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseFlags } from '#base/flags.js'
import { imageFlags } from '#containerizer/images/flags.js'
import { Downloads } from '#containerizer/images/sources/download.js'
import type { Proxies } from '#http/proxy.js'
import { OwnAuthority } from '../../support/own-authority.js'

const CONTENT = Buffer.from('an archive '.repeat(50_000))

describe('archives of images from the web', () => {
  let directory: string
  let count = 0
  const servers: Server[] = []
  const made: Downloads[] = []
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meseta-download-'))
  })
  afterEach(async () => {
    for (const downloads of made.splice(0)) await downloads.close()
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
    rmSync(directory, { recursive: true })
  })

  async function serve(server: Server): Promise<string> {
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  async function get(url: string, { registries = {}, proxies = {} }: { registries?: object; proxies?: Proxies } = {}) {
    const flags = parseFlags(imageFlags, [`--docker_registries=${JSON.stringify(registries)}`])
    const downloads = new Downloads({ flags, proxies })
    made.push(downloads)
    const path = join(directory, `file-${count++}`)
    const told: object[] = []
    await downloads.get(url, path, new AbortController().signal, (uri, change) => told.push({ uri, ...change }))
    return { same: readFileSync(path).equals(CONTENT), last: told.at(-1) }
  }
  const whole: RequestListener = (_, response) => void response.end(CONTENT)

  test('go on where they broke off, and are told of', async () => {
    const ranges: (string | undefined)[] = []
    const etag = '"1"'
    const host = await serve(
      createPlain((request, response) => {
        ranges.push(request.headers.range)
        const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0)
        const about = { etag, 'content-length': CONTENT.length - from }
        const part = { ...about, 'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` }
        response.writeHead(from > 0 ? 206 : 200, from > 0 ? part : about)
        if (from > 0) response.end(CONTENT.subarray(from))
        else response.write(CONTENT.subarray(0, 100_000), () => response.destroy())
      }),
    )
    const bytes = CONTENT.length
    const done = { uri: `http://${host}/web.tar?…`, phase: 'done', bytes, total: bytes }
    expect(await get(`http://${host}/web.tar?token=secret`)).toEqual({ same: true, last: done })
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/)])
  })

  test('come by https from whom the user trusts, and from nobody else', async () => {
    const authority = new OwnAuthority(directory)
    const { certificate: cert, key } = authority.issue('server')
    const host = await serve(createSecure({ cert, key }, whole))
    expect(await get(`https://${host}/web.tar`, { registries: { [host]: { ca: authority.file } } })).toMatchObject({ same: true })
    expect(await get(`https://${host}/web.tar`, { registries: { [host]: { insecure: true } } })).toMatchObject({ same: true })
    await expect(get(`https://${host}/web.tar?token=secret`)).rejects.toThrow(
      new RegExp(`could not download https://${host}/web.tar\\?…: .*certificate`),
    )
  })

  test('come through the proxy of the agent', async () => {
    const asked: IncomingMessage['url'][] = []
    const proxy = await serve(
      createPlain((request, response) => {
        asked.push(request.url)
        whole(request, response as never)
      }),
    )
    expect(await get('http://files.example/web.tar', { proxies: { http: `http://${proxy}` } })).toMatchObject({ same: true })
    expect(asked).toEqual(['http://files.example/web.tar'])
  })
})
