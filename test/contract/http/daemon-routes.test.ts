import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { silentLog } from '#base/log.js'
import { Metrics } from '#base/metrics.js'
import { Verbosity } from '#base/verbosity.js'
import { routeDaemon } from '#http/daemon-routes.js'
import { Files } from '#http/files.js'
import { modeText } from '#http/files-routes.js'
import { createServer, type Server } from '#http/server.js'

let directory: string
let sandbox: string
let server: Server
let url: string
const files = new Files()
const metrics = new Metrics()
const verbosity = new Verbosity(() => {})

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'meseta-files-'))
  sandbox = join(directory, 'work/run')
  mkdirSync(join(sandbox, 'd/e'), { recursive: true })
  writeFileSync(join(directory, 'secret'), 'not yours')
  writeFileSync(join(sandbox, 'ten'), '0123456789')
  writeFileSync(join(sandbox, 'big'), 'x'.repeat(108_894))
  writeFileSync(join(sandbox, 'with space'), '')
  symlinkSync('ten', join(sandbox, 'in'))
  symlinkSync('../../secret', join(sandbox, 'out'))
  symlinkSync('/does/not/exist', join(sandbox, 'broken'))
  execFileSync('mkfifo', [join(sandbox, 'pipe')])
  files.attach(sandbox, '/virtual/run')
  server = createServer({ prefix: 'master', log: silentLog })
  routeDaemon(server, { metrics, files, verbosity, flags: [['port', '5050']] })
  url = `http://127.0.0.1:${await server.listen({ ip: '127.0.0.1', port: 0 })}`
})

afterEach(async () => {
  verbosity.close()
  await server.close()
  rmSync(directory, { recursive: true })
})

const get = async (path: string): Promise<[number, string]> => {
  const answer = await fetch(url + path)
  return [answer.status, await answer.text()]
}
const read = (query: string) => get(`/files/read?path=/virtual/run/${query}`)

test.each([
  ['ten', '{"data":"","offset":10}'],
  ['ten&offset=0', '{"data":"0123456789","offset":0}'],
  ['ten&offset=3&length=4', '{"data":"3456","offset":3}'],
  ['ten&offset=8&length=100', '{"data":"89","offset":8}'],
  ['ten&offset=11', '{"data":"","offset":11}'],
  ['ten&offset=0&length=0', '{"data":"","offset":0}'],
  ['ten&offset=-1', '{"data":"","offset":10}'],
  ['ten&offset=0&length=-1', '{"data":"0123456789","offset":0}'],
  ['in&offset=0', '{"data":"0123456789","offset":0}'],
  ['d/../ten&offset=0', '{"data":"0123456789","offset":0}'],
  ['./ten&offset=0', '{"data":"0123456789","offset":0}'],
  ['with%20space&offset=0', '{"data":"","offset":0}'],
])('read %s', async (query, body) => expect(await read(query)).toEqual([200, body]))

test.each([
  ['&offset=0', 400, 'Cannot read a directory.\n'],
  ['d&offset=0', 400, 'Cannot read a directory.\n'],
  ['nope&offset=0', 404, ''],
  ['ten/x&offset=0', 404, ''],
  ['out&offset=0', 400, "'/virtual/run/out' is inaccessible.\n"],
  ['..&offset=0', 400, "'/virtual/run/..' is inaccessible.\n"],
  ['../../secret&offset=0', 400, "'/virtual/run/../../secret' is inaccessible.\n"],
  ['../../../../../../../../../../../nope&offset=0', 404, ''],
  ['pipe&offset=0', 400, "'/virtual/run/pipe' is inaccessible.\n"],
  ['ten&offset=-2', 400, 'Negative offset provided: -2.\n'],
  ['ten&offset=abc', 400, "Failed to parse offset: Failed to convert 'abc' to number.\n"],
  ['ten%00&offset=0', 404, ''],
])('read %s is refused', async (query, status, body) => expect(await read(query)).toEqual([status, body]))

test('a read without path, or of what is not attached, is refused', async () => {
  expect(await get('/files/read')).toEqual([400, "Expecting 'path=value' in query.\n"])
  expect(await get('/files/read?path=/etc/passwd&offset=0')).toEqual([404, ''])
  expect(await get('/files/browse?path=/virtual')).toEqual([404, ''])
})

test('one read brings at most 64 KiB', async () => {
  expect(JSON.parse((await read('big&offset=0&length=1000000'))[1]).data.length).toBe(65_536)
})

test('a directory is listed with what Mesos shows of each entry', async () => {
  const listing = JSON.parse((await get('/files/browse?path=/virtual/run/'))[1])
  expect(listing.map((each: { path: string }) => each.path.slice('/virtual/run/'.length))).toEqual([
    'big',
    'broken',
    'd',
    'in',
    'out',
    'pipe',
    'ten',
    'with space',
  ])
  expect(listing[2]).toMatchObject({ mode: expect.stringMatching(/^drwx/), nlink: 3 })
  expect(listing[3]).toMatchObject({ mode: expect.stringMatching(/^-rw/), size: 10 })
  expect(listing[5].mode[0]).toBe('p')
  expect(await get('/files/browse?path=/virtual/run/ten')).toEqual([200, '[]'])
})

test('a download brings the bytes under the name of the real file', async () => {
  const answer = await fetch(`${url}/files/download?path=/virtual/run/in`)
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-length': '10',
    'content-disposition': 'attachment; filename=ten',
    'content-type': 'application/octet-stream',
  })
  expect(await answer.text()).toBe('0123456789')
  expect((await get('/files/download?path=/virtual/run/big'))[1].length).toBe(108_894)
  expect(await get('/files/download?path=/virtual/run/d')).toEqual([400, 'Cannot download a directory.\n'])
  expect(await get('/files/download?path=/virtual/run/nope')).toEqual([404, '404 Not Found.'])
  expect((await get('/files/download?path=/virtual/run/out'))[0]).toBe(400)
})

test('what is detached is gone, and debug shows what is attached', async () => {
  files.attach(`${sandbox}/d`, '/other')
  expect(JSON.parse((await get('/files/debug'))[1])).toEqual({ '/other': `${sandbox}/d`, '/virtual/run': sandbox })
  files.detach('/other')
  expect((await get('/files/browse?path=/other'))[0]).toBe(404)
})

test('modes read as in ls', () => {
  expect([0o100644, 0o040755, 0o010600, 0o120777].map(modeText)).toEqual(['-rw-r--r--', 'drwxr-xr-x', 'prw-------', 'lrwxrwxrwx'])
})

test('what both daemons answer alike', async () => {
  metrics.counter('master/uptime').increment()
  expect(await get('/health')).toEqual([200, ''])
  expect(await get('/master/health')).toEqual([200, ''])
  expect(await get('/flags')).toEqual([200, '{"flags":{"port":"5050"}}'])
  expect(JSON.parse((await get('/version'))[1])).toMatchObject({ version: '1.12.0', git_tag: expect.stringContaining('meseta') })
  expect((await get('/version?jsonp=f'))[1]).toMatch(/^f\(\{.*\}\)$/)
  expect((await get('/metrics/snapshot'))[1]).toContain('"master/uptime":1.0')
  expect((await get('/metrics/snapshot?timeout=x'))[0]).toBe(400)
  expect(JSON.parse((await get('/system/stats.json'))[1])).toMatchObject({
    cpus_total: expect.any(Number),
    avg_load_1min: expect.any(Number),
  })
})

test.each([
  ['', 200, '0\n'],
  ['?level=1', 400, "Expecting 'duration=value' in query.\n"],
  ['?duration=1secs', 400, "Expecting 'level=value' in query.\n"],
  ['?level=x&duration=1secs', 400, "Failed to convert 'x' to number.\n"],
  ['?level=-1&duration=1secs', 400, "Invalid level '-1'.\n"],
  ['?level=1&duration=x', 400, "Failed to convert 'x' to number.\n"],
])('/logging/toggle%s', async (query, status, body) => expect(await get(`/logging/toggle${query}`)).toEqual([status, body]))

test('a raised level falls back', async () => {
  expect(await get('/logging/toggle?level=2&duration=50ms')).toEqual([200, ''])
  expect(await get('/logging/toggle')).toEqual([200, '2\n'])
  await vi.waitFor(async () => expect(await get('/logging/toggle')).toEqual([200, '0\n']))
})
