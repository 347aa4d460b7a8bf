import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { encodeRecord } from '#wire/recordio.js'
import { type Ended, Program } from '../cli/local-cluster.js'
import { Victims } from './victims.js'

/** Command lines without sense: each ends by itself, with a code and a sentence, never with a stack. */

let victims: Victims
beforeAll(async () => {
  victims = await Victims.begin()
})
afterEach(() => victims.areWell())
afterAll(() => victims.end())

async function run(argv: readonly string[], master = victims.master.url): Promise<Ended> {
  const program = new Program(argv, { MESETA_MASTER: master })
  const timer = setTimeout(() => program.signal('SIGKILL'), 20_000)
  const ended = await program.ended
  clearTimeout(timer)
  return ended
}

const stack = /^\s+at .*[(:]\d+:\d+\)?$/m

async function refused(argv: readonly string[], master?: string): Promise<void> {
  const { code, stderr } = await run(argv, master)
  const what = `${argv.map((argument) => argument.slice(0, 60)).join(' ')}: ${stderr.slice(0, 400)}`
  expect(code ?? -1, what).toBeGreaterThan(0)
  expect(code, what).toBeLessThan(128)
  expect(stderr, what).toMatch(/\S.{8}/)
  expect(stderr, what).not.toMatch(stack)
}

/** Some of each at once: a start costs a tenth of a second. */
async function allRefused(lines: readonly (readonly string[])[], master?: string): Promise<void> {
  for (let i = 0; i < lines.length; i += 4) await Promise.all(lines.slice(i, i + 4).map((line) => refused(line, master)))
}

test('commands and options that there are not', () =>
  allRefused([
    ['fly'],
    ['__proto__'],
    ['constructor'],
    ['--fly'],
    ['ps', '--fly'],
    ['run'],
    ['run', '--'],
    ['kill'],
    ['logs'],
    [''],
    ['run', '--cpus'],
    ['kill', '--framework'],
  ]))

test('amounts, names and ids that are none', () =>
  allRefused([
    ...['NaN', '-1', '0', '1e999', 'x', '', 'Infinity', '0x10', '1,5'].map((amount) => ['run', `--cpus=${amount}`, '--', 'true']),
    ...['NaN', '-1', 'x'].map((amount) => ['run', `--mem=${amount}`, '--', 'true']),
    ['run', '--env=', '--', 'true'],
    ['run', '--env==x', '--', 'true'],
    ['run', '--image-dir=relative', '--', 'true'],
    ...['nobody', '..', '__proto__', '\n', 'x'.repeat(5000)].flatMap((id) => [
      ['kill', id],
      ['logs', id],
      ['kill', '--framework', id],
    ]),
    ['kill', 'a', '--framework', 'b'],
  ]))

test('masters that are none', () =>
  allRefused(
    [
      '',
      'x',
      '127.0.0.1',
      '127.0.0.1:0',
      '127.0.0.1:99999',
      'http://',
      'ftp://127.0.0.1:1',
      '127.0.0.1:1',
      '[::1',
      'a b:5050',
      'http://127.0.0.1:1/../x',
      '-',
    ].flatMap((master) => [['ps', '--master', master]]),
  ))

/** For daemons that do not come to use them. */
const unused = (kind: 'work' | 'runtime'): string => `--${kind}_dir=${join(victims.machine.directory, `unused-${kind}`)}`
const directories = {
  master: () => [unused('work')],
  agent: (work = unused('work')) => [work, unused('runtime')],
}

test('flags of daemons that make no sense', { timeout: 180_000 }, () =>
  allRefused([
    ...['70000', '-1', 'x', '', '1.5', '1e3'].map((port) => ['master', `--port=${port}`, ...directories.master()]),
    ...['x', '-1secs', '5', '1parsec', 'NaNsecs', '0secs'].map((time) => [
      'master',
      `--allocation_interval=${time}`,
      ...directories.master(),
    ]),
    ['master', '--ip=999.1.1.1', '--port=0', '--registry=in_memory'],
    ['master', '--port=0', '--registry=etched'],
    ['master', '--port=0', '--quiet=maybe', '--registry=in_memory'],
    ['master', '--port=0', '--work_dir=/dev/null/nowhere'],
    ['master', '--port=0', '--work_dir=file:///nowhere'],
    ['master', '--flying'],
    ['agent', '--port=0'],
    ...['x', '', '127.0.0.1', ':5050', 'zk://'].map((master) => [
      'agent',
      '--port=0',
      ...directories.agent(),
      `--master=${master}`,
    ]),
    ...[
      'cpus',
      'cpus:',
      'cpus:x',
      'cpus:-1',
      'cpus:NaN',
      'cpus:1;cpus',
      'ports:[5-1]',
      'ports:[1-',
      'disks:{a',
      '[{"name":5}]',
      '[{',
      '{}',
      'null',
      `cpus:1e400`,
    ].map((resources) => ['agent', '--port=0', ...directories.agent(), '--master=127.0.0.1:1', `--resources=${resources}`]),
    ['agent', '--port=0', ...directories.agent(), '--master=127.0.0.1:1', '--attributes=a'],
    ['agent', '--port=0', ...directories.agent(), '--master=127.0.0.1:1', '--isolation=../x'],
    ['agent', '--port=0', ...directories.agent(), '--master=127.0.0.1:1', '--executor_environment_variables=[1]'],
    ['agent', '--port=0', ...directories.agent('--work_dir=/dev/null/nowhere'), '--master=127.0.0.1:1'],
  ]),
)

describe('a master that is something else', () => {
  const servers: Server[] = []
  afterAll(() => {
    for (const server of servers) server.close().closeAllConnections()
  })

  async function posing(answer: (response: import('node:http').ServerResponse) => void): Promise<string> {
    const server = createServer((request, response) => {
      request.resume()
      answer(response)
    })
    servers.push(server)
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  test.each<[string, (response: import('node:http').ServerResponse) => void]>([
    ['hangs up', (response) => response.destroy()],
    ['answers nonsense', (response) => response.end('<html>hello</html>')],
    ['answers nothing', (response) => response.end()],
    [
      'answers JSON that is something else',
      (response) =>
        response
          .setHeader('Content-Type', 'application/json')
          .end('{"frameworks":5,"slaves":null,"get_state":[],"type":"GET_HEALTH"}'),
    ],
    ['answers a stream of nonsense', (response) => response.writeHead(200, { 'Mesos-Stream-Id': 'x' }).end('5\nhello')],
    [
      'answers events that are half',
      (response) =>
        response
          .writeHead(200, { 'Mesos-Stream-Id': 'x', 'Content-Type': 'application/x-protobuf' })
          .end(encodeRecord(Buffer.from([8, 1]))),
    ],
    ['redirects for ever', (response) => response.writeHead(307, { Location: '/' }).end()],
    ['redirects to nowhere', (response) => response.writeHead(307, { Location: 'gopher://x y/' }).end()],
    ['is broken', (response) => response.writeHead(500).end('Internal error')],
  ])('%s', async (_what, answer) => {
    const url = await posing(answer)
    await allRefused([['agents'], ['state']], url)
  })
})
