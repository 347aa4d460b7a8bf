import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../support/waiting.js'
import { FetchPlace } from './place.js'
import { SmallFtpServer } from './small-ftp-server.js'

const FTP_MODULE = resolve(import.meta.dirname, '../../../docs/guide/examples/ftp-fetcher.mjs')

let place: FetchPlace
beforeEach(() => {
  place = new FetchPlace()
  chmodSync(place.directory, 0o711)
})
afterEach(() => place.close())

describe('http', () => {
  test('a body that breaks off goes on, and the file is whole', async () => {
    const ranges: unknown[] = []
    const content = Buffer.from('0123456789'.repeat(20_000))
    const url = await place.serve((request, response) => {
      ranges.push(request.headers.range)
      const from = Number(/\d+/.exec(String(request.headers.range))?.[0] ?? 0)
      const head = { etag: '"1"', 'content-length': content.length - from }
      response.writeHead(
        from ? 206 : 200,
        from ? { ...head, 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : head,
      )
      if (from) response.end(content.subarray(from))
      else response.write(content.subarray(0, 100_000), () => response.destroy())
    })
    await place.fetch({ value: `${url}/big` })
    expect(place.read('big')).toBe(content.toString())
    expect(ranges[0]).toBeUndefined()
    expect(ranges[1]).toMatch(/^bytes=\d+-$/)
    expect(place.tree()).toEqual(['f 644 65534 big'])
  })

  test('user, password and query are shown to nobody', async () => {
    const url = await place.serve((request, response) => {
      if (request.url?.startsWith('/missing')) response.writeHead(404).end()
      else response.end(String(request.headers.authorization))
    })
    const secret = `${url.replace('//', '//user:hunter2@')}/file?token=hunter2`
    await place.fetch({ value: secret })
    expect(place.read('file')).toBe(`Basic ${Buffer.from('user:hunter2').toString('base64')}`)
    const failure = await place.fetch({ value: secret.replace('/file', '/missing') }).catch((error) => error)
    expect(failure.message).toBe(`Failed to fetch ${url}/missing?…: the server answered 404`)
    expect(JSON.stringify(place.transfers.list()) + place.read('stderr')).not.toContain('hunter2')
    expect(place.read('stderr')).toContain(failure.message)
  })

  test('progress is told in bytes', async () => {
    const url = await place.serve((_, response) => response.writeHead(200, { 'content-length': 5 }).end('hello'))
    await place.fetch([{ value: `${url}/a` }, { value: place.file('local', 'four') }])
    expect(place.transfers.list()).toEqual([
      { kind: 'uri', name: `${url}/a`, phase: 'done', bytes: 5, total: 5 },
      { kind: 'uri', name: join(place.directory, 'local'), phase: 'done', bytes: 4, total: 4 },
    ])
  })

  test('one that fails ends the others, and nothing of them stays', async () => {
    const url = await place.serve((request, response) => {
      if (request.url === '/slow') response.write('some')
      else response.writeHead(500).end()
    })
    await expect(place.fetch([{ value: `${url}/slow` }, { value: `${url}/broken` }])).rejects.toThrow(
      `Failed to fetch ${url}/broken: the server answered 500`,
    )
    expect(place.names()).toEqual([])
  })

  test('more than announced, and silence, are errors that leave nothing', async () => {
    const url = await place.serve((_, response) => response.write('some'))
    await expect(place.with(place.fetcher({ stallMilliseconds: 200 }), { value: `${url}/x` })).rejects.toThrow(
      `Failed to fetch ${url}/x: nothing came for 0.2 s`,
    )
    expect(place.names()).toEqual([])
  })
})

describe('modules (row 5-035)', () => {
  test('the example fetches by ftp, and goes on where it broke off', async () => {
    const server = await SmallFtpServer.begin('by ftp', 3)
    try {
      const fetcher = place.fetcher({ modules: [FTP_MODULE] })
      await place.with(fetcher, { value: `ftp://me:pass%20word@127.0.0.1:${server.port}/a%20b/file` })
      expect(place.read('file')).toBe('by ftp')
      expect(server.heard).toEqual(expect.arrayContaining(['USER me', 'PASS pass word', 'RETR /a b/file']))
    } finally {
      server.close()
    }
  })

  test('a scheme that nobody fetches names the flags', async () => {
    await expect(place.fetch({ value: 'gopher://h/x' })).rejects.toThrow(
      /not gopher:\/\/; its --fetcher_modules can name a module that does, and --hadoop_home/,
    )
  })

  test('what is no module is said at start', async () => {
    const bad = (name: string, text: string) => place.fetcher({ modules: [place.file(name, text)] }).open!()
    await expect(bad('none.mjs', '')).rejects.toThrow(/exports no function createFetcherScheme/)
    await expect(bad('odd.mjs', 'export const createFetcherScheme = () => ({ schemes: [] })')).rejects.toThrow(/does not answer/)
    const taken = 'export const createFetcherScheme = () => ({ schemes: ["http"], open() {} })'
    await expect(bad('taken.mjs', taken)).rejects.toThrow(/wants to fetch http:\/\/, which is taken/)
    await expect(place.fetcher({ modules: ['/not/there.mjs'] }).open!()).rejects.toThrow(/cannot be used/)
  })
})

describe('hadoop', () => {
  const home = (script: string): string => {
    place.file('hadoop/bin/hadoop', `#!/bin/sh\n${script}`, 0o755)
    return join(place.directory, 'hadoop')
  }

  test("its client runs as the task's user, with an environment of its own", async () => {
    const fetcher = place.fetcher({ hadoopHome: home('echo "$@"; id -u; id -G; env | sort | cut -d= -f1') })
    await place.with(fetcher, { value: 'hdfs://name/some/file' })
    const [args, uid, groups, ...names] = place.read('file').trim().split('\n')
    expect([args, uid, groups]).toEqual(['fs -cat hdfs://name/some/file', '65534', '65534'])
    expect(names.filter((name) => !['_', 'OLDPWD', 'SHLVL'].includes(name))).toEqual(['HADOOP_HOME', 'LC_ALL', 'PATH', 'PWD'])
  })

  test('what it says when it fails is told', async () => {
    const fetcher = place.fetcher({ hadoopHome: home('echo half; echo "no such file" >&2; exit 3') })
    await expect(place.with(fetcher, { value: 's3a://bucket/x' })).rejects.toThrow(/bin\/hadoop: no such file$/)
    expect(place.names()).toEqual([])
  })

  test('it ends with all it started when nobody wants it any more', async () => {
    const fetcher = place.fetcher({ hadoopHome: home('sleep 1000 & echo $$ $!; wait') })
    const aborting = new AbortController()
    const fetching = place.with(fetcher, { value: 'hdfs://n/x' }, { abort: aborting.signal })
    expect(await until(() => place.transfers.list().some(({ bytes }) => bytes > 0), 30)).toBe(true)
    const temporary = readdirSync(place.sandbox).find((name) => name.startsWith('.meseta-fetch'))
    const running = place.read(temporary!).trim().split(' ')
    expect(running.map((pid) => existsSync(`/proc/${pid}`))).toEqual([true, true])
    aborting.abort(new Error('destroyed'))
    await expect(fetching).rejects.toThrow('destroyed')
    await expect.poll(() => running.some((pid) => runs(pid))).toBe(false)
    expect(place.names()).toEqual([])
  })
})

/** A zombie that its new parent has not reaped yet does not. */
function runs(pid: string): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
