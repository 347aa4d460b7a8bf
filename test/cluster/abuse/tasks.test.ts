import { readdirSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { JsonScheduler } from '../../support/test-scheduler.js'
import { accept, attempt, freshId, outcome, scalar, small, taskFor } from './bad-tasks.js'
import { Victims } from './victims.js'

/** Tasks whose ids, commands, users and limits are meant to break master, agent or launcher (B35, B36, B41 to B43, B59, S2, S8, S11). */

let victims: Victims
let scheduler: JsonScheduler
beforeAll(async () => {
  victims = await Victims.begin()
  scheduler = await victims.scheduler()
})
afterEach(() => victims.areWell())
afterAll(() => victims.end())

const invalid = /^(TASK_ERROR REASON_TASK_INVALID .|400 .)/
const failed = /^(TASK_ERROR|TASK_FAILED) REASON_\w+ ./
const answered = /^(TASK_\w+|400 .)/

const command = (value: string, more: object = {}) => ({ command: { value, ...more } })

test.each(['', '.', '..', 'a/b', '../../../etc', 'a\\b', 'a\u0000b', 'a\nb', 'a\u007fb', 'x'.repeat(256), 'é'.repeat(128)])(
  'B35: %j is no id of a task, nor of an executor',
  async (id) => {
    expect(await attempt(scheduler, {}, id)).toMatch(invalid)
    const executor = { executor_id: { value: id }, command: { value: 'true' }, resources: [] }
    expect(await attempt(scheduler, { command: undefined, executor })).toMatch(invalid)
  },
)

test.each([
  '-rf',
  '$(id>abused)',
  '`id`',
  ';',
  '*',
  '🐙',
  '\u202egnp.exe',
  'con',
  '%2e%2e%2f',
  'x'.repeat(255),
  '__proto__',
  'constructor',
  ' ',
])('B36, S11: %j is an id, and nothing more', async (id) => expect(await attempt(scheduler, {}, id)).toMatch(/^TASK_FINISHED/))

test('B43: labels of a megabyte, ten thousand labels, names that JavaScript knows', async () => {
  const labels = (list: object[]) => ({ labels: { labels: list } })
  expect(await attempt(scheduler, labels([{ key: 'k'.repeat(1024 * 1024), value: 'v'.repeat(1024 * 1024) }]))).toMatch(
    /^TASK_FINISHED/,
  )
  expect(await attempt(scheduler, labels(Array.from({ length: 10_000 }, (_, i) => ({ key: `k${i}`, value: '' }))))).toMatch(
    /^TASK_FINISHED/,
  )
  expect(await attempt(scheduler, labels([{ key: '__proto__', value: 'constructor' }]))).toMatch(/^TASK_FINISHED/)
  expect(await attempt(scheduler, { name: '\u001b[2J\nERROR uncaught\n'.repeat(100) })).toMatch(/^TASK_FINISHED/)
})

test('commands: with NUL, empty, of two megabytes, of things that are no programs', async () => {
  expect(await attempt(scheduler, command('a\u0000b'))).toMatch(failed)
  expect(await attempt(scheduler, command(''))).toMatch(failed)
  expect(await attempt(scheduler, { command: {} })).toMatch(failed)
  expect(await attempt(scheduler, { command: { shell: false } })).toMatch(failed)
  expect(await attempt(scheduler, command(`: ${'x'.repeat(2 * 1024 * 1024)}`))).toMatch(failed)
  expect(await attempt(scheduler, command('/nowhere/at/all', { shell: false }))).toMatch(failed)
  expect(await attempt(scheduler, command('/etc/passwd', { shell: false }))).toMatch(failed)
  expect(await attempt(scheduler, command('/', { shell: false }))).toMatch(failed)
  expect(await attempt(scheduler, command('/bin/true', { shell: false, arguments: ['a\u0000b'] }))).toMatch(failed)
  expect(await attempt(scheduler, command('/bin/true', { shell: false, arguments: Array(200_000).fill('a') }))).toMatch(answered)
})

test('environments: line breaks are kept; NUL, no name and = in names are refused; a megabyte of it', async () => {
  const environment = (variables: object[]) => ({ command: { value: 'test "$A" = "1\n2"', environment: { variables } } })
  expect(await attempt(scheduler, environment([{ name: 'A', value: '1\n2' }]))).toMatch(/^TASK_FINISHED/)
  for (const name of ['', 'a=b', 'a\u0000b', '\u0000'])
    expect(await attempt(scheduler, environment([{ name, value: 'x' }])), name).toMatch(failed)
  expect(await attempt(scheduler, environment([{ name: 'A', value: 'a\u0000b' }]))).toMatch(failed)
  expect(await attempt(scheduler, environment([{ name: 'A' }]))).toMatch(invalid)
  expect(await attempt(scheduler, environment([{ name: 'A', value: 'x'.repeat(1024 * 1024) }]))).toMatch(failed)
  const many = Array.from({ length: 100_000 }, (_, i) => ({ name: `V${i}`, value: 'x' }))
  expect(await attempt(scheduler, environment(many))).toMatch(answered)
  for (const name of ['__proto__', 'LD_PRELOAD', 'PATH', 'MESOS_SANDBOX', '\u202e', 'a b'])
    expect(
      await attempt(
        scheduler,
        environment([
          { name, value: '/x' },
          { name: 'A', value: '1\n2' },
        ]),
      ),
      name,
    ).toMatch(answered)
})

test.each([
  '2147483648',
  '-1',
  '4294967296',
  '4294967296:0',
  'root ',
  ' root',
  '0x0',
  '1000:0:0',
  '',
  'root\u0000x',
  'root\n',
  '../root',
  'x'.repeat(100_000),
  '__proto__',
])('S8: user %j is nobody, least of all root', async (user) => {
  expect(await attempt(scheduler, command(`test "$(id -u)" != 0`, { user }))).toMatch(failed)
})

test('rlimits: unknown, half, turned, larger than the kernel allows', async () => {
  const limits = (rlimits: object[]) => ({ container: { type: 'MESOS', rlimit_info: { rlimits } } })
  for (const rlimits of [
    [{}],
    [{ type: 'UNKNOWN' }],
    [{ type: 'RLMT_WARP' }],
    [{ type: 'RLMT_NOFILE', hard: 5 }],
    [{ type: 'RLMT_NOFILE', hard: 5, soft: 6 }],
    [{ type: 'RLMT_NOFILE', hard: -1, soft: -1 }],
    [{ type: 'RLMT_NOFILE', hard: '18446744073709551615', soft: '18446744073709551615' }],
    [{ type: 'RLMT_NOFILE', hard: 0, soft: 0 }],
    [{ type: 'RLMT_NPROC', hard: 0, soft: 0 }],
    [{ type: 'RLMT_AS', hard: 1, soft: 1 }],
    [{ type: 'RLMT_STACK', hard: 0, soft: 0 }],
    Array(10_000).fill({ type: 'RLMT_CORE', hard: 0, soft: 0 }),
  ])
    expect(await attempt(scheduler, limits(rlimits)), JSON.stringify(rlimits).slice(0, 100)).toMatch(answered)
})

test('B59: durations that are negative are refused; those beyond all time are endured', async () => {
  const nanoseconds = (value: string) => ({ nanoseconds: value })
  for (const field of ['kill_policy', 'max_completion_time']) {
    const of = (value: string) => ({
      [field]: field === 'kill_policy' ? { grace_period: nanoseconds(value) } : nanoseconds(value),
    })
    for (const bad of ['-1', '-9223372036854775808']) expect(await attempt(scheduler, of(bad)), field).toMatch(invalid)
    expect(await attempt(scheduler, of('9223372036854775807')), field).toMatch(/^TASK_FINISHED/)
    expect(await attempt(scheduler, of('9223372036854775808')), field).toMatch(/^400 ./)
  }
})

test('B41: volumes that climb, overlap or stand where they must not', async () => {
  const volume = (container_path: string, host_path: string, mode = 'RW') => ({ container_path, host_path, mode })
  const volumes = (...list: object[]) => ({ container: { type: 'MESOS', volumes: list } })
  for (const path of ['..', '../x', 'a/../../x', '', 'a\u0000b', '/nowhere/at/all'])
    expect(await attempt(scheduler, volumes(volume(path, 'inside'))), path).toMatch(failed)
  for (const source of ['..', '../../x', '/etc/../root', '', 'a\u0000b', '/nowhere/at/all'])
    expect(await attempt(scheduler, volumes(volume('inside', source))), source).toMatch(failed)
  expect(await attempt(scheduler, volumes({ container_path: 'x', mode: 'RW' }))).toMatch(failed)
  expect(await attempt(scheduler, volumes({ container_path: 'x', mode: 'XX', host_path: 'y' }))).toMatch(answered)
  expect(await attempt(scheduler, volumes(...Array.from({ length: 3000 }, (_, i) => volume(`v${i}`, `h${i}`))))).toMatch(answered)
  expect(await attempt(scheduler, volumes(volume('a', 'b'), volume('a/b', 'b'), volume('a/b/c', 'b')))).toMatch(answered)
})

test('B42: files to fetch whose names lead out of the sandbox', async () => {
  const before = readdirSync('/tmp').filter((name) => name.startsWith('abused'))
  const uri = (value: string, output_file?: string) => ({
    command: { value: 'true', uris: [{ value, ...(output_file !== undefined && { output_file }) }] },
  })
  for (const output of ['../../../../../../../../../tmp/abused', '/tmp/abused', '..', 'a\u0000b', 'x'.repeat(5000)])
    expect(await attempt(scheduler, uri('file:///etc/hostname', output)), output).toMatch(failed)
  for (const value of [
    '',
    'a\u0000b',
    'file:///nowhere',
    'http://127.0.0.1:1/x',
    'http://[',
    'gopher://x/',
    'file:///dev/zero\u0000',
    '-rf',
    '../../etc/shadow',
    `file:///${'x'.repeat(5000)}`,
  ])
    expect(await attempt(scheduler, uri(value)), value).toMatch(failed)
  expect(readdirSync('/tmp').filter((name) => name.startsWith('abused'))).toEqual(before)
})

test('B43: containers and images that are not meant to be', async () => {
  for (const container of [
    {},
    { type: 'DOCKER' },
    { type: 'DOCKER', docker: { image: '-v /:/host evil' } },
    { type: 'MESOS', mesos: { image: { type: 'DOCKER', docker: { name: '/../../..' } } } },
    { type: 'MESOS', mesos: { image: { type: 'DOCKER', docker: { name: '/proc/self/root' } } } },
    { type: 'MESOS', mesos: { image: { type: 'APPC', appc: { name: '../x' } } } },
    { type: 'MESOS', hostname: 'x'.repeat(1000) },
    { type: 'MESOS', hostname: 'a b\u0000' },
    { type: 'MESOS', network_infos: [{ name: '../../x' }] },
    { type: 'MESOS', linux_info: { capability_info: { capabilities: ['SYS_ADMIN'] } } },
    { type: 'MESOS', linux_info: { share_pid_namespace: true, ipc_mode: 'SHARE_PARENT', shm_size: 4_294_967_295 } },
    { type: 'MESOS', tty_info: { window_size: { rows: 4_294_967_295, columns: 0 } } },
  ])
    expect(await attempt(scheduler, { container }), JSON.stringify(container)).toMatch(answered)
})

test('checks that are odd', async () => {
  for (const health_check of [
    { type: 'COMMAND', command: { value: 'a\u0000b' } },
    { type: 'HTTP', http: { port: 4_294_967_295, path: '/\r\nX: y' } },
    { type: 'TCP', tcp: { port: 0 } },
    {
      type: 'TCP',
      tcp: { port: 1 },
      interval_seconds: 1e-9,
      timeout_seconds: 1e300,
      delay_seconds: 0,
      consecutive_failures: 4_294_967_295,
    },
    { type: 'COMMAND', command: { value: 'true' }, interval_seconds: -1 },
    { type: 'COMMAND', command: { value: 'true' }, interval_seconds: 'NaN' },
  ])
    expect(await attempt(scheduler, { health_check }), JSON.stringify(health_check)).toMatch(answered)
})

test('shares that no container can live with', async () => {
  for (const resources of [
    [scalar('cpus', 0.001), scalar('mem', 0.001)],
    [scalar('mem', 1)],
    [scalar('cpus', 0.001)],
    [scalar('disk', 1)],
    [scalar('cpus', 64), scalar('mem', 65536)],
  ])
    expect(await attempt(scheduler, { resources }), JSON.stringify(resources)).toMatch(answered)
})

test('B56: an id that is in use is refused, and the task that has it lives', async () => {
  const id = freshId()
  await accept(scheduler, (offer) => [taskFor(offer, id, { command: { value: 'sleep 1000' } })])
  await scheduler.update(id, 'TASK_STARTING')
  await scheduler.update(id, 'TASK_RUNNING')
  expect(await attempt(scheduler, { resources: small() }, id)).toMatch(invalid)
  await scheduler.call({ type: 'KILL', kill: { task_id: { value: id } } })
  expect((await outcome(scheduler, id)).state).toBe('TASK_KILLED')
})
