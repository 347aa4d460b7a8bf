import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../../support/waiting.js'
import { RUNTIME, Workplace } from './workplace.js'

let place: Workplace

beforeEach(async () => {
  place = await Workplace.prepare()
})

afterEach(() => place.dispose())

test('run gives the exit code and the output of the program, and leaves nothing', () => {
  place.configure('echo in $(hostname); exit 7')
  const ran = place.oci('run', 'c1')
  expect(ran).toEqual({ code: 7, out: 'in meseta\n', err: '' })
  expect(place.oci('list', '--quiet').out).toBe('')
})

test('a container is created, started, signalled and deleted, and each step is seen in its state', async () => {
  const pidFile = join(place.directory, 'pid')
  place.configure('trap "exit 3" TERM; echo up > /tmp/up; while :; do sleep 0.05; done', (config) => {
    config.root = { path: 'rootfs', readonly: false }
    config.annotations = { 'org.example.key': 'value' }
  })
  expect(place.oci('create', '--pid-file', pidFile, 'c1').code).toBe(0)
  const state = JSON.parse(place.oci('state', 'c1').out)
  expect(state).toMatchObject({ id: 'c1', status: 'created', bundle: place.bundle, annotations: { 'org.example.key': 'value' } })
  expect(readFileSync(pidFile, 'utf8')).toBe(String(state.pid))
  expect(existsSync(join(place.bundle, 'rootfs/tmp/up'))).toBe(false)

  expect(place.oci('start', 'c1').code).toBe(0)
  expect(place.oci('delete', 'c1').err).toContain('only what has stopped can be deleted')
  expect(place.status('c1')).toBe('running')
  expect(place.oci('start', 'c1').err).toContain('it does not wait to be started')
  expect(await until(() => existsSync(join(place.bundle, 'rootfs/tmp/up')), 10)).toBe(true)

  expect(place.oci('kill', 'c1', 'TERM').code).toBe(0)
  expect(await until(() => place.status('c1') === 'stopped', 10)).toBe(true)
  expect(place.oci('kill', 'c1', 'KILL').code).toBe(1)
  expect(place.oci('delete', 'c1').code).toBe(0)
  expect(place.oci('state', 'c1').err).toContain('container does not exist')
})

test('what was created and never started can be deleted', () => {
  place.configure('true')
  expect(place.oci('create', 'c1').code).toBe(0)
  expect(place.oci('delete', 'c1')).toMatchObject({ code: 0, err: '' })
  expect(place.oci('state', 'c1').err).toContain('container does not exist')
})

test('what cannot be executed is told at create, and the name is free again', () => {
  place.configure('', (config) => {
    config.process.args = ['nothing-like-it']
  })
  expect(place.oci('create', 'c1').err).toContain('could not start the task nothing-like-it: no such file or directory')
  expect(existsSync(join(place.directory, 'state', 'c1'))).toBe(false)
})

test('another program enters, sees what the container sees, and its exit code comes out', () => {
  place.configure('sleep 1000')
  place.oci('run', '--detach', 'c1')
  const script = 'readlink /proc/self/ns/pid; hostname; id -g; echo $EXTRA; exit 9'
  const ran = place.oci('exec', '--env', 'EXTRA=yes', '--user', '0:1000', 'c1', '/bin/sh', '-c', script)
  const { pid } = JSON.parse(place.oci('state', 'c1').out)
  expect(ran).toEqual({ code: 9, out: `${readlinkSync(`/proc/${pid}/ns/pid`)}\nmeseta\n1000\nyes\n`, err: '' })
  const pids: number[] = JSON.parse(place.oci('ps', '--format', 'json', 'c1').out)
  expect(pids).toHaveLength(1)
})

test('a paused container does not run, and a signal that kills ends it nevertheless', async () => {
  place.configure('sleep 1000')
  place.oci('run', '--detach', 'c1')
  expect(place.oci('pause', 'c1').code).toBe(0)
  expect(place.status('c1')).toBe('paused')
  expect(place.oci('exec', 'c1', 'true').err).toContain('it is paused')
  expect(place.oci('resume', 'c1').code).toBe(0)
  expect(place.status('c1')).toBe('running')
  place.oci('pause', 'c1')
  expect(place.oci('kill', 'c1', 'KILL').code).toBe(0)
  expect(await until(() => place.status('c1') === 'stopped', 10)).toBe(true)
})

test('hooks run at their points with the state on stdin, and one that fails or hangs ends the creation', () => {
  const log = join(place.directory, 'log')
  const hook = (name: string) => [
    { path: '/bin/sh', args: ['sh', '-c', `echo ${name} $(cat | grep -o '"status":"[a-z]*"') >> ${log}`] },
  ]
  place.configure('true', (config) => {
    config.hooks = Object.fromEntries(
      ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop'].map((name) => [name, hook(name)]),
    )
  })
  expect(place.oci('run', 'c1')).toMatchObject({ code: 0, err: '' })
  expect(
    readFileSync(log, 'utf8')
      .split('\n')
      .map((line) => line.replace(/"status":|"/g, '')),
  ).toEqual([
    'prestart creating',
    'createRuntime creating',
    'createContainer creating',
    'poststart running',
    'poststop stopped',
    '',
  ])
  for (const [args, why] of [
    [['sh', '-c', 'exit 4'], 'exit status: 4'],
    [['sh', '-c', 'sleep 100'], 'it took longer than 1 s'],
  ] as const) {
    place.configure('true', (config) => {
      config.hooks = { createRuntime: [{ path: '/bin/sh', args: [...args], timeout: 1 }] }
    })
    expect(place.oci('create', 'c1').err).toContain(why)
  }
})

test('the program of the runtime cannot be overwritten from inside (CVE-2019-5736)', () => {
  const before = readFileSync(RUNTIME)
  place.configure('', (config) => {
    config.process.args = ['/proc/self/exe', '--version']
  })
  // It runs in there, but from a mount that is read-only.
  expect(place.oci('run', 'c1')).toMatchObject({ code: 0, out: expect.stringContaining('meseta-oci version') })
  place.configure('true')
  place.oci('create', 'c1')
  const written = place.oci('exec', 'c1', '/bin/sh', '-c', 'echo gotcha >> /proc/1/exe')
  expect(written.code).not.toBe(0)
  expect(readFileSync(RUNTIME).equals(before)).toBe(true)
})

test('what is not supported is refused in a sentence', () => {
  place.configure('true', (config) => {
    config.linux.mountLabel = 'x'
  })
  expect(place.oci('create', 'c1').err).toContain('linux.mountLabel is not supported')
  expect(place.oci('--systemd-cgroup', 'list').err).toContain('never through systemd')
})
