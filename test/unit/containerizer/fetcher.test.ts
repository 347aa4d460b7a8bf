import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { downloadOf } from '#containerizer/fetcher/download.js'
import { createFetcher } from '#containerizer/fetcher/fetcher.js'
import type { CommandInfoURI } from '#wire/mesos.js'

describe('a URI as a download (rows 5-034 to 5-038)', () => {
  test.each([
    [
      { value: 'file:///etc/hostname', extract: true },
      { from: { path: '/etc/hostname' }, to: 'hostname', executable: false },
    ],
    [
      { value: '/etc/hostname', outputFile: 'a/b' },
      { from: { path: '/etc/hostname' }, to: 'a/b', executable: false },
    ],
    [
      { value: 'https://h/x/run.sh?a=/b#c', executable: true },
      { from: { url: 'https://h/x/run.sh?a=/b#c' }, to: 'run.sh', executable: true },
    ],
    [
      { value: '/x/a.tar.gz', extract: false },
      { from: { path: '/x/a.tar.gz' }, to: 'a.tar.gz', executable: false },
    ],
  ])('%o', (uri, download) => expect(downloadOf(uri)).toEqual(download))

  test.each([
    [{ value: '/x/a.tar.gz' }, /does not extract/],
    [{ value: 'hdfs://n/x' }, /not hdfs:\/\//],
    [{ value: 'relative' }, /must be absolute/],
    [{ value: 'http://h/' }, /set output_file/],
    [{ value: '/x', outputFile: '../y' }, /does not lie in the sandbox/],
    [{ value: '/x', outputFile: '/y' }, /does not lie in the sandbox/],
    [{ value: '/x/..' }, /does not lie in the sandbox/],
  ])('%o is refused', (uri, why) => expect(() => downloadOf(uri)).toThrow(why))
})

describe('fetching', () => {
  let sandbox: string
  let server: Server
  let url: string
  const fetchAll = (stall: number, ...uris: CommandInfoURI[]) =>
    createFetcher(stall).fetch(uris, { sandbox }, new AbortController().signal)

  beforeEach(async () => {
    sandbox = await mkdtemp(join(tmpdir(), 'meseta-fetch-'))
    server = createServer((request, response) => {
      if (request.url === '/file') response.end('content')
      else if (request.url === '/stalls') response.write('some')
      else response.writeHead(404).end()
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(sandbox, { recursive: true })
  })

  test('local files and HTTP, all at once', async () => {
    await writeFile(join(sandbox, 'source'), 'local')
    await fetchAll(
      1000,
      { value: join(sandbox, 'source'), outputFile: 'deep/er/copy' },
      { value: `${url}/file`, executable: true },
    )
    expect(await readFile(join(sandbox, 'deep/er/copy'), 'utf8')).toBe('local')
    expect(await readFile(join(sandbox, 'file'), 'utf8')).toBe('content')
    expect((await stat(join(sandbox, 'file'))).mode & 0o111).toBe(0o111)
  })

  test('the sentence names the URI and what was wrong', async () => {
    await expect(fetchAll(1000, { value: '/not/there' })).rejects.toThrow(/^Failed to fetch \/not\/there: .*No such file/)
    await expect(fetchAll(1000, { value: `${url}/none` })).rejects.toThrow(`Failed to fetch ${url}/none: the server answered 404`)
    await expect(fetchAll(1000, { value: 'http://127.0.0.1:1/x' })).rejects.toThrow(
      /Failed to fetch http:\/\/127\.0\.0\.1:1\/x: /,
    )
  })

  test('a server that goes silent is given up', async () => {
    await expect(fetchAll(200, { value: `${url}/stalls` })).rejects.toThrow(/nothing came for 0.2 s/)
  })

  test('fetching ends when its container does', async () => {
    const ended = new AbortController()
    const fetching = createFetcher(60_000).fetch([{ value: `${url}/stalls` }], { sandbox }, ended.signal)
    ended.abort(new Error('the container is over'))
    await expect(fetching).rejects.toThrow(/Failed to fetch/)
  })
})
