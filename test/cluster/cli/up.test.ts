import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { LocalCluster, Program, processes, script } from './local-cluster.js'

const cluster = new LocalCluster()
beforeAll(() => cluster.start())
afterAll(() => cluster.remove())

const patience = { timeout: 30_000, interval: 100 }
const tasks = async (...argv: string[]) => JSON.parse((await cluster.run('ps', '--json', ...argv)).stdout || '{}')
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('what is built is a program, as npx takes it to be', () => {
  expect(execFileSync(script, ['--version'], { encoding: 'utf8' })).toMatch(/^meseta \d/)
})

describe('run', () => {
  test('output goes where the task sends it, and its code is ours', async () => {
    expect(await cluster.run('run', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3')).toEqual({
      code: 3,
      stdout: 'out\n',
      stderr: 'err\nmeseta: TASK_FAILED: Command exited with status 3\n',
    })
    expect(await cluster.run('run', '--', 'printf', '%s|', 'a b', '$HOME')).toEqual({ code: 0, stdout: 'a b|$HOME|', stderr: '' })
  })

  test('bytes come out as they went in', async () => {
    const { stdout } = await cluster.run('run', '--shell', '--', "head -c 300000 /dev/zero | tr '\\0' x; printf end")
    expect([stdout.length, stdout.slice(-5)]).toEqual([300_003, 'xxend'])
  })

  test('environment and shell', async () => {
    expect((await cluster.run('run', '-e', 'A=b c', '--shell', '--', 'echo "$A" | tr b x')).stdout).toBe('x c\n')
  })

  test('files are fetched into the sandbox before it starts; one that is not there is said', async () => {
    const uri = '{"value": "/etc/hostname", "output_file": "conf/name"}'
    const { code, stdout } = await cluster.run('run', '--uri', '/etc/passwd', '--uri', uri, '--', 'ls', 'passwd', 'conf')
    expect([code, stdout]).toEqual([0, 'passwd\n\nconf:\nname\n'])
    expect(await cluster.run('run', '--uri', '/no/such/file', '--', 'true')).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('/no/such/file'),
    })
  })

  test('a signal is 128 and its number', async () => {
    expect((await cluster.run('run', '--', 'sh', '-c', 'kill -SEGV $$')).code).toBe(139)
  })

  test('a program that does not exist is said so', async () => {
    const { code, stderr } = await cluster.run('run', '--', '/no/such/program')
    expect([code, stderr]).toEqual([125, expect.stringContaining('/no/such/program: no such file or directory')])
  })

  test('what no agent has room for is explained while it waits', async () => {
    const waiting = cluster.begin('run', '--cpus', '100', '--', 'true')
    await vi.waitFor(() => expect(waiting.stderr).toMatch(/waiting: no agent has enough free \(.*cpus .* of 100\)/), patience)
    waiting.signal('SIGINT')
    expect((await waiting.ended).code).toBe(130)
  })

  test('Ctrl-C ends the task by its own way to end', async () => {
    const program = cluster.begin(
      'run',
      '--',
      'sh',
      '-c',
      'trap "echo bye; exit 5" TERM; echo ready; while :; do sleep 0.05; done',
    )
    await vi.waitFor(() => expect(program.stdout).toContain('ready'), patience)
    program.signal('SIGINT')
    expect(await program.ended).toMatchObject({ code: 5, stdout: 'ready\nbye\n' })
  })

  test('no framework of a run is left', async () => {
    await cluster.run('run', '--', 'true')
    const { stdout } = await cluster.run('frameworks', '--json')
    expect(JSON.parse(stdout).frameworks ?? []).toEqual([])
  })
})

describe('a task that was left running', () => {
  const name = `web-${randomBytes(3).toString('hex')}`

  test('is listed, read, followed and ended', async () => {
    const { stdout: id, code } = await cluster.run(
      'run',
      '-d',
      '-n',
      name,
      '--',
      'sh',
      '-c',
      'for i in 1 2 3; do echo line $i; done; sleep 1000',
    )
    expect(code).toBe(0)
    expect(id).toMatch(new RegExp(`^${name}\\.[0-9a-f]{8}\\n$`))
    expect((await cluster.run('ps')).stdout).toMatch(new RegExp(`${id.trim()} +${name} +RUNNING`))
    expect((await tasks()).tasks).toMatchObject([{ name, state: 'TASK_RUNNING' }])
    await vi.waitFor(async () => expect((await cluster.run('logs', name)).stdout).toBe('line 1\nline 2\nline 3\n'), patience)
    expect((await cluster.run('logs', '-n', '2', name)).stdout).toBe('line 2\nline 3\n')
    const follower = cluster.begin('logs', '-f', name)
    await vi.waitFor(() => expect(follower.stdout).toContain('line 3'), patience)
    expect(await cluster.run('kill', name)).toMatchObject({ code: 0, stdout: `${id.trim()} TASK_KILLED\n` })
    expect((await follower.ended).code).toBe(0)
    expect((await tasks()).tasks ?? []).toEqual([])
    expect((await cluster.run('ps', '-a')).stdout).toContain(name)
    expect(await cluster.run('kill', name)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has ended already (TASK_KILLED)'),
    })
  })

  test('is found only by an id that there is', async () => {
    expect(await cluster.run('logs', 'nothing')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no task has an id that begins with "nothing"'),
    })
  })

  test('a run whose task is killed from elsewhere ends with that', async () => {
    const program = cluster.begin('run', '-n', 'attached', '--', 'sh', '-c', 'echo ready; exec sleep 1000')
    await vi.waitFor(() => expect(program.stdout).toContain('ready'), patience)
    expect((await cluster.run('kill', 'attached')).code).toBe(0)
    expect(await program.ended).toMatchObject({ code: 143, stderr: expect.stringContaining('TASK_KILLED') })
  })
})

test('agents and state show the cluster', async () => {
  expect((await cluster.run('agents')).stdout).toMatch(/-S0 +127\.0\.0\.1:\d+ +active +\S+\/4 +\S+\/2048/)
  expect((await cluster.run('state')).stdout).toContain('Agents:     1 active of 1')
  expect(JSON.parse((await cluster.run('state', '--json')).stdout).get_agents.agents).toHaveLength(1)
})

test.each([['ps'], ['state'], ['run', '--', 'true']])('%j of an agent says that it is no master', async (...argv) => {
  const [address] = /127\.0\.0\.1:\d+/.exec((await cluster.run('agents')).stdout)!
  const { code, stderr } = await new Program([argv[0]!, '--master', address, ...argv.slice(1)]).ended
  expect([code, stderr]).toEqual([1, expect.stringContaining(`http://${address} does not answer as a master does`)])
})

test('an interrupted run that waited says nothing of its own end', async () => {
  const waiting = cluster.begin('run', '--cpus', '100', '--', 'true')
  await vi.waitFor(() => expect(waiting.stderr).toContain('waiting: '), patience)
  waiting.signal('SIGINT')
  expect((await waiting.ended).stderr).not.toContain('trying again')
})

test('a daemon that dies is started again, and neither task nor reader loses anything', async () => {
  const count = 'i=0; while :; do echo $((i=i+1)); sleep 0.05; done'
  const { stdout } = await cluster.run('run', '-d', '-n', 'survivor', '--', 'sh', '-c', count)
  const follower = cluster.begin('logs', '-f', 'survivor')
  const attached = cluster.begin('run', '--', 'sh', '-c', 'echo ready; while ! test -e go; do sleep 0.1; done; echo done')
  await vi.waitFor(
    () => expect([attached.stdout, follower.stdout]).toEqual(['ready\n', expect.stringContaining('3\n')]),
    patience,
  )
  for (const name of ['agent', 'master'] as const) {
    const [pid] = await cluster.daemons(name)
    process.kill(pid!, 'SIGKILL')
    await vi.waitFor(async () => expect((await cluster.daemons(name)).filter((each) => each !== pid)).toHaveLength(1), patience)
  }
  expect(cluster.up!.stderr).toContain('the agent ended (signal SIGKILL); starting it again')
  await vi.waitFor(
    async () =>
      expect((await tasks()).tasks).toContainEqual(
        expect.objectContaining({ task_id: { value: stdout.trim() }, state: 'TASK_RUNNING' }),
      ),
    patience,
  )
  const before = follower.stdout.length
  await vi.waitFor(() => expect(follower.stdout.length).toBeGreaterThan(before), patience)
  await release(attached)
  expect(await attached.ended).toMatchObject({ code: 0, stdout: 'ready\ndone\n' })
  expect(await cluster.run('kill', 'survivor')).toMatchObject({ code: 0, stdout: expect.stringContaining('TASK_KILLED') })
  const lines = (await follower.ended).stdout.trim().split('\n').map(Number)
  expect(lines).toEqual(lines.map((_, i) => i + 1))
})

/** Lets the attached task of the test above go on, by a file in its sandbox. */
async function release(program: Program): Promise<void> {
  const running = (await processes()).find(({ text }) => text.startsWith('sh -c echo ready; while'))
  if (!running) throw new Error(`its task does not run: ${program.stderr}`)
  writeFileSync(`/proc/${running.pid}/cwd/go`, '')
}

test('Ctrl-C stops the daemons, tasks go on, down ends them', async () => {
  const mark = `9${Math.floor(Math.random() * 1e6)}`
  await cluster.run('run', '-d', '-n', 'left', '--', 'sleep', mark)
  const sleeping = async () => (await processes()).filter(({ text }) => text === `sleep ${mark}`)
  const end = await cluster.stop()
  expect(end).toMatchObject({ code: 0, stdout: expect.stringContaining('Stopped. 1 task goes on without the daemons.') })
  expect([await cluster.daemons('master'), await cluster.daemons('agent')]).toEqual([[], []])
  expect(await sleeping()).toHaveLength(1)
  const down = new Program(['down', '--data-dir', cluster.directory])
  expect(await down.ended).toMatchObject({ code: 0, stdout: 'Ended 1 task.\n' })
  expect(await sleeping()).toEqual([])
})

test('the daemons do not outlive a cluster that was killed', async () => {
  const other = new LocalCluster()
  await other.start()
  const pids = [...(await other.daemons('master')), ...(await other.daemons('agent'))]
  expect(pids).toHaveLength(2)
  other.up!.signal('SIGKILL')
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), patience)
  await other.remove()
})

test('a port that is taken and a directory that cannot be are said in a sentence', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'meseta-cli-'))
  const taken = new LocalCluster()
  await taken.start()
  const port = new URL(taken.master).port
  const second = await new Program(['up', '--data-dir', directory, '--port', port, '--agent-port', '0']).ended
  expect([second.code, second.stderr]).toEqual([
    1,
    expect.stringContaining(`cannot listen on 127.0.0.1:${port}: another program has this port`),
  ])
  const third = await new Program(['up', '--data-dir', '/dev/null/x']).ended
  expect([third.code, third.stderr]).toEqual([1, expect.stringContaining('choose another with --data-dir')])
  await taken.remove()
  rmSync(directory, { recursive: true })
})

test.each([
  [['master', '--no_such_flag=1'], 'unknown flag --no_such_flag'],
  [['agent', '--work_dir=/tmp/x'], '--master is required'],
  [['master', '--port=abc'], '--port: "abc" is not a whole number'],
])('%j is refused with code 2', async (argv, sentence) => {
  expect(await new Program(argv).ended).toMatchObject({ code: 2, stderr: expect.stringContaining(sentence) })
})

test('help of a daemon lists its flags', async () => {
  const { code, stdout } = await new Program(['agent', '--help']).ended
  expect([code, stdout]).toEqual([0, expect.stringContaining('--work_dir=PATH')])
})
