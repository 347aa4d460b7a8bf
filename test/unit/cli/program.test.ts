import { expect, test } from 'vitest'
import type { CliContext } from '#cli/context.js'
import { runCli } from '#cli/program.js'

/** A command line without a world. */
async function run(...argv: string[]) {
  const out: unknown[] = []
  const err: unknown[] = []
  const calls: unknown[] = []
  const ends = (code: number) => async (given: unknown) => {
    calls.push(given)
    return code
  }
  const context: CliContext = {
    stdout: { write: (text) => void out.push(text) },
    stderr: { write: (text) => void err.push(text) },
    env: { MESETA_MASTER: '127.0.0.1:1' },
    user: 'me',
    onSignal: () => () => {},
    daemons: {
      master: ends(7),
      agent: ends(8),
      up: ends(0),
      down: ends(0),
    },
  }
  const code = await runCli(argv, context)
  return { code, calls, out: out.join(''), err: err.join('') }
}

test('help names every command, with an example and the exit codes', async () => {
  const { code, out } = await run('--help')
  expect(code).toBe(0)
  for (const word of [
    'up',
    'down',
    'master',
    'agent',
    'run',
    'ps',
    'logs',
    'kill',
    'agents',
    'frameworks',
    'state',
    'image',
    'meseta run -- echo hello',
    'Exit codes',
  ]) {
    expect(out).toContain(word)
  }
})

test.each(['up', 'down', 'run', 'ps', 'logs', 'kill', 'agents', 'frameworks', 'state', 'image'])(
  '%s has help with an example',
  async (command) => {
    const { code, out } = await run(command, '--help')
    expect([code, out.includes('Examples:\n  meseta')]).toEqual([0, true])
  },
)

test.each(['pull', 'ls', 'inspect', 'prune'])('image %s has help with an example', async (command) => {
  const { code, out } = await run('image', command, '--help')
  expect([code, out.includes('Examples:\n  meseta image')]).toEqual([0, true])
})

test('daemons get their flags untouched, --help among them, and end the program with their code', async () => {
  expect(await run('master', '--ip=127.0.0.1', '--port', '5050', '--help')).toMatchObject({
    code: 7,
    calls: [['--ip=127.0.0.1', '--port', '5050', '--help']],
  })
  expect(await run('agent', '--no-strict', '--version')).toMatchObject({ code: 8, calls: [['--no-strict', '--version']] })
})

test('up has defaults on the loopback', async () => {
  const { calls } = await run('up', '--agent-flag=--a', '--agent-flag=--b', '--data-dir', '/d')
  expect(calls).toEqual([
    { ip: '127.0.0.1', port: 5050, agentPort: 5051, masterFlags: [], agentFlags: ['--a', '--b'], dataDirectory: '/d' },
  ])
})

test.each([
  [['nope'], "unknown command 'nope'"],
  [['pss'], 'Did you mean ps?'],
  [['ps', '--nope'], "unknown option '--nope'"],
  [['logs'], "missing required argument 'task'"],
  [['up', '--port', 'x'], 'A port is a number up to 65535'],
  [['run'], 'no command given'],
  [['run', '--cpus', '0', '--', 'true'], '--cpus "0" is not a number above zero'],
  [['run', '--env', 'x', '--', 'true'], 'is not NAME=VALUE'],
  [['kill'], 'name either tasks or --framework ID'],
  [['ps', '--master', 'ftp://x'], 'is not an address'],
  [['image', 'pull'], "missing required argument 'name'"],
  [['image', 'nope'], "unknown command 'nope'"],
  [['image', 'ls', '--agent', 'x'], 'is not an address such as'],
  [['image', 'pull', '--docker-config', '/does/not/exist', 'x'], '/does/not/exist cannot be read'],
  [['run', '--image', 'a', '--image-dir', '/b', 'c'], 'either --image or --image-dir'],
  [['run', '--pull', 'c'], '--pull says something of an image'],
  [['logs', '-n', '-1', 't'], 'is not a number above zero'],
])('%j is a mistake in the command line', async (argv, sentence) => {
  const { code, err } = await run(...argv)
  expect([code, err]).toEqual([2, expect.stringContaining(sentence)])
})

test.each(['ps', 'agents', 'frameworks', 'state'])('%s without a master says what to do', async (command) => {
  const { code, err } = await run(command)
  expect(code).toBe(69)
  expect(err).toContain('no master answers at http://127.0.0.1:1: nobody listens there')
  expect(err).toContain('meseta up')
})

test('image without an agent where one was named says what to do', async () => {
  const { code, err } = await run('image', 'ls', '--agent', '127.0.0.1:1')
  expect(code).toBe(69)
  expect(err).toContain('no agent answers at 127.0.0.1:1: nobody listens there')
  expect(err).toContain('meseta agents')
})
