import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removeEverything } from '../../support/leftovers.js'
import { until } from '../../support/waiting.js'
import { makeRoot, RUNTIME } from './workplace.js'

const missing = ['/usr/sbin/dockerd', '/usr/bin/docker'].find((path) => !existsSync(path))
const directory = `/tmp/meseta-docker-${randomBytes(4).toString('hex')}`
const socket = `unix://${directory}/docker.sock`
const PATIENCE = 60

let daemon: ChildProcess | undefined

function docker(...words: string[]) {
  const { status, stdout, stderr } = spawnSync('docker', ['-H', socket, ...words], { encoding: 'utf8', timeout: 60_000 })
  return { code: status, out: stdout, err: stderr }
}

const run = (...words: string[]) => docker('run', '--runtime', 'meseta', '--network', 'none', ...words)

/** A daemon of our own, which makes cgroups below a parent of our own and touches nothing of the host's network. */
async function startDaemon(): Promise<void> {
  mkdirSync(directory)
  const words = [
    '--add-runtime',
    `meseta=${RUNTIME}`,
    '--iptables=false',
    '--bridge=none',
    '--exec-opt',
    'native.cgroupdriver=cgroupfs',
  ]
  const places = [
    '--data-root',
    `${directory}/data`,
    '--exec-root',
    `${directory}/exec`,
    '--pidfile',
    `${directory}/pid`,
    '-H',
    socket,
  ]
  daemon = spawn('/usr/sbin/dockerd', [...words, ...places, '--cgroup-parent', `/${directory.split('/').at(-1)}`], {
    stdio: 'ignore',
  })
  expect(await until(() => docker('version').code === 0, PATIENCE), 'dockerd did not start').toBe(true)
  makeRoot(join(directory, 'root'))
  const imported = spawnSync('sh', ['-c', `tar -C ${directory}/root -c . | docker -H ${socket} import - box`], {
    encoding: 'utf8',
  })
  expect(imported.status, imported.stderr).toBe(0)
}

describe.skipIf(missing)(`under Docker${missing ? ` (${missing} is missing)` : ''}`, () => {
  beforeAll(startDaemon)
  afterAll(async () => {
    for (const id of docker('ps', '-aq').out.split('\n').filter(Boolean)) docker('rm', '-f', id)
    daemon?.kill('SIGTERM')
    await until(() => daemon?.exitCode !== null || daemon?.signalCode !== null, PATIENCE)
    await removeEverything(directory)
    const groups = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids', 'systemd', 'unified', '.']
    for (const group of groups) spawnSync('rmdir', [join('/sys/fs/cgroup', group, directory.split('/').at(-1) ?? '')])
    rmSync(directory, { recursive: true, force: true })
  })

  test('run gives output and exit code', () => {
    expect(run('--rm', 'box', 'sh', '-c', 'echo out; echo err >&2; exit 5')).toEqual({ code: 5, out: 'out\n', err: 'err\n' })
  })

  test('a command that is not there ends with 127, as with runc', () => {
    const ran = run('--rm', 'box', 'nothing-like-it')
    expect(ran.err).toContain('no such file or directory')
    expect(ran.code).toBe(127)
  })

  test('exec, pause, update and stop reach a container that runs', () => {
    expect(
      run(
        '-d',
        '--name',
        'c1',
        '--memory',
        '64m',
        '--pids-limit',
        '50',
        'box',
        'sh',
        '-c',
        'trap "exit 3" TERM; while :; do sleep 0.1; done',
      ).code,
    ).toBe(0)
    expect(docker('exec', '-e', 'A=b', 'c1', 'sh', '-c', 'echo $A; exit 4')).toMatchObject({ code: 4, out: 'b\n' })
    expect(docker('exec', '-t', 'c1', 'tty').out.trim()).toMatch(/^\/dev\/pts\/\d+$/)
    expect(docker('pause', 'c1').code).toBe(0)
    expect(docker('inspect', '-f', '{{.State.Status}}', 'c1').out).toBe('paused\n')
    expect(docker('unpause', 'c1').code).toBe(0)
    expect(memoryLimit()).toBe(64 << 20)
    expect(docker('update', '--memory', '96m', '--memory-swap', '96m', 'c1')).toMatchObject({ code: 0 })
    expect(memoryLimit()).toBe(96 << 20)
    expect(docker('stop', '-t', '20', 'c1').code).toBe(0)
    expect(docker('inspect', '-f', '{{.State.ExitCode}}', 'c1').out).toBe('3\n')
    expect(docker('rm', 'c1').code).toBe(0)
  })

  test('a container that needs more memory than it may is killed', () => {
    run('--name', 'c2', '--memory', '16m', '--memory-swap', '16m', 'box', 'sh', '-c', 'a=x; while :; do a=$a$a; done')
    expect(docker('inspect', '-f', '{{.State.ExitCode}}', 'c2').out).toBe('137\n')
  })

  test('a terminal is one inside', () => {
    expect(run('--rm', '-t', 'box', 'sh', '-c', 'tty; echo $TERM').out).toMatch(/^\/dev\/(pts\/\d+|console)\r\nxterm\r\n$/)
  })
})

function memoryLimit(): number {
  const id = docker('inspect', '-f', '{{.Id}}', 'c1').out.trim()
  const parent = directory.split('/').at(-1)
  const files = [`memory/${parent}/${id}/memory.limit_in_bytes`, `${parent}/${id}/memory.max`].map((file) =>
    join('/sys/fs/cgroup', file),
  )
  return Number(readFileSync(files.find((file) => existsSync(file)) ?? '', 'utf8'))
}
