import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { JsonScheduler } from '../../support/test-scheduler.js'
import { until } from '../../support/waiting.js'
import { freshId, outcome } from './bad-tasks.js'
import { type Victim, Victims } from './victims.js'

/** What the files endpoints are made to open (B40, S10, S29): nothing outside of a sandbox is ever shown, nothing blocks. */

const TRAPS = `
ln -s /etc/passwd link; ln -s / root; ln -s ../../../../../../.. up; ln -s /proc/self/environ environment; ln -s loop loop
ln -s /proc/1/root/etc/shadow shadow; mkfifo fifo; mknod device c 1 5 2>/dev/null; truncate -s 1T sparse; mkdir real; echo harmless > real/passwd
ln -s /etc/hostname "$(printf 'odd\\nname')"; rm stdout; ln -s /etc/passwd stdout; rm stderr; mkfifo stderr
: > "quote\\"back\\\\slash"; mkdir -p a/$(printf 'x%.0s' $(seq 200))/$(printf 'y%.0s' $(seq 200)); touch ready
while :; do ln -sfn /etc toggled; ln -sfn real toggled; done`

let victims: Victims
let scheduler: JsonScheduler
let sandbox: string
const id = freshId()

beforeAll(async () => {
  victims = await Victims.begin()
  scheduler = await victims.scheduler()
  await scheduler.launch(id, TRAPS)
  await scheduler.update(id, 'TASK_STARTING')
  await scheduler.update(id, 'TASK_RUNNING')
  const { frameworks } = JSON.parse(await victims.agent.read('/state')) as {
    frameworks: { executors: { directory: string }[] }[]
  }
  sandbox = frameworks[0]!.executors[0]!.directory
  const ready = async () => (await victims.agent.read(`/files/browse?path=${encodeURIComponent(sandbox)}`)).includes('/ready')
  expect(await until(ready, 20)).toBe(true)
})
afterEach(() => victims.areWell())
afterAll(async () => {
  await scheduler.call({ type: 'KILL', kill: { task_id: { value: id } } })
  await outcome(scheduler, id)
  await victims.end()
})

/** All ways to look at a path: what came, joined. */
async function everyWay(victim: Victim, path: string, query = ''): Promise<{ statuses: number[]; bodies: string }> {
  const at = `path=${encodeURIComponent(path)}${query}`
  const answers = [
    await victim.ask({ method: 'GET', path: `/files/read?${at}${query ? '' : '&offset=0&length=65536'}` }),
    await victim.ask({ method: 'GET', path: `/files/browse?${at}` }),
    // Of what is as long as a disk, a download would be, too.
    ...(path.endsWith('/sparse') ? [] : [await victim.ask({ method: 'GET', path: `/files/download?${at}` })]),
    await victim.post('/api/v1', { type: 'READ_FILE', read_file: { path, offset: 0, length: 65536 } }),
    await victim.post('/api/v1', { type: 'LIST_FILES', list_files: { path } }),
  ]
  return { statuses: answers.map(({ status }) => status), bodies: answers.map(({ body }) => body).join('\n') }
}

const secret = /root:[^\n]*:0:0|cm9vdDp4OjA6M|PATH=|"path":"\/(etc|usr|bin)/

test.each([
  'link',
  'root',
  'root/etc/passwd',
  'up',
  'up/etc/passwd',
  'environment',
  'shadow',
  'loop',
  'stdout',
  'odd\nname',
  'real/../link',
  'real/../../../../../../../../../../etc/passwd',
  '../../../../../../../../../../../etc/passwd',
])('B40: %j leads nowhere', async (name) => {
  const { statuses, bodies } = await everyWay(victims.agent, `${sandbox}/${name}`)
  expect(bodies).not.toMatch(secret)
  for (const status of statuses) expect([400, 403, 404], `${statuses}`).toContain(status)
})

test('B40: a pipe, a device and a directory are not read, and nothing waits for them', async () => {
  for (const name of ['fifo', 'device', 'stderr', '', 'real', 'a'])
    for (const status of (await everyWay(victims.agent, `${sandbox}/${name}`)).statuses)
      expect([200, 400, 403, 404], name).toContain(status)
})

test('B40: of a file of a terabyte one page comes', async () => {
  const { bodies } = await everyWay(victims.agent, `${sandbox}/sparse`)
  expect(bodies.length).toBeLessThan(1024 * 1024)
})

test('S29: a directory that is a link to /etc half of the time never shows a file of the host', async () => {
  for (let i = 0; i < 150; i++) expect((await everyWay(victims.agent, `${sandbox}/toggled/passwd`)).bodies).not.toMatch(secret)
})

test.each([
  '/',
  '',
  '.',
  '..',
  '/etc/passwd',
  '/proc/self/environ',
  '/master/log/../../etc/passwd',
  '/slave/log/..',
  '%252e%252e',
  '\u0000',
  'a\u0000b',
  '/frameworks/../..',
  'x'.repeat(10_000),
  '/'.repeat(10_000),
  '__proto__',
  '~',
  'C:\\',
])('B40: %j is attached to nothing', async (path) => {
  for (const victim of victims.both) {
    const { statuses, bodies } = await everyWay(victim, path)
    expect(bodies, victim.name).not.toMatch(secret)
    for (const status of statuses) expect([400, 403, 404], victim.name).toContain(status)
  }
})

test('B40: offsets and lengths that no file has', async () => {
  const path = `${sandbox}/real/passwd`
  for (const offset of [
    '-1',
    '-2',
    '-9223372036854775808',
    '9223372036854775807',
    '9223372036854775808',
    '1e3',
    'NaN',
    '0x1',
    '',
    '1099511627776',
  ])
    for (const field of ['offset', 'length']) {
      const { status } = await victims.agent.ask({
        method: 'GET',
        path: `/files/read?path=${encodeURIComponent(path)}&${field}=${offset}`,
      })
      expect([200, 400], `${field}=${offset}`).toContain(status)
      const call = { type: 'READ_FILE', read_file: { path, offset: 0, [field]: offset } }
      expect([200, 400], `${field} ${offset}`).toContain((await victims.agent.post('/api/v1', call)).status)
    }
})

test('B15: a hundred downloads that nobody reads hold no files open', async () => {
  const { hold, request } = await import('./raw-http.js')
  const path = encodeURIComponent(`${sandbox}/sparse`)
  const sockets = await Promise.all(
    Array.from({ length: 100 }, () => hold(victims.agent.port, request(`GET /files/download?path=${path} HTTP/1.1`), false)),
  )
  await victims.areWell()
  for (const socket of sockets) socket.destroy()
  const { readdirSync, readlinkSync } = await import('node:fs')
  const held = () =>
    readdirSync(`/proc/${victims.agent.daemon.pid}/fd`).filter((fd) => {
      try {
        return readlinkSync(`/proc/${victims.agent.daemon.pid}/fd/${fd}`).endsWith('/sparse')
      } catch {
        return false
      }
    })
  await expect.poll(() => held().length, { timeout: 10_000 }).toBe(0)
})
