import { expect, test } from 'vitest'
import { bytesText } from '#base/bytes.js'
import { amountsOf, usedOf } from '#cli/amounts.js'
import { masterUrl } from '#cli/context.js'
import { exitCodeOfTask } from '#cli/exit-status.js'
import { matchOffer } from '#cli/run/match-offer.js'
import { containerFrom, type RunRequest, taskInfo, uriFrom } from '#cli/run/task-info.js'
import { sandboxOf } from '#cli/sandbox.js'
import { select } from '#cli/select.js'
import { age, table, wantsColor } from '#cli/table.js'
import { ImageType, type Offer, type Resource, TaskState, ValueType } from '#wire/mesos.js'

const pick = (wanted: string, ...ids: string[]) => select('task', ids, (id) => id, wanted, 'meseta ps')

test('an id is found by itself, by its beginning, by the end that tells ids of one master apart', () => {
  expect(pick('a', 'a', 'ab')).toBe('a')
  expect(pick('web', 'db.1', 'web.2')).toBe('web.2')
  expect(pick('0003', 'M-0002', 'M-0003')).toBe('M-0003')
  expect(pick('S1', 'M-S1', 'M-S11')).toBe('M-S1')
})

test('an id that names none or several is an error that helps', () => {
  expect(() => pick('x', 'a')).toThrow('no task has an id that begins with "x"; see: meseta ps')
  expect(() => pick('', 'a')).toThrow('no task')
  expect(() => pick('a', 'a1', 'a2')).toThrow('several tasks have an id that begins with "a": a1, a2')
  expect(() => pick('same', 'same', 'same')).toThrow('several tasks')
})

test('tables align, numbers to the right, and no value can command the terminal', () => {
  const columns = [{ heading: 'ID' }, { heading: 'CPUS', numeric: true }]
  expect(
    table(columns, [
      ['a\x1b[31mred', '1'],
      ['b', '10.5'],
    ]),
  ).toBe('ID         CPUS\na?[31mred     1\nb          10.5\n')
  expect(table(columns, [], { bold: true })).toBe('\x1b[1mID  CPUS\x1b[0m\n')
})

test('bold is for terminals whose owner does not mind', () => {
  expect(wantsColor({ isTTY: true }, {})).toBe(true)
  expect(wantsColor({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
  expect(wantsColor({}, {})).toBe(false)
})

test.each([
  [undefined, '-'],
  [1000, '0s'],
  [900, '100s'],
  [400, '10m'],
  [1000 - 3600 * 5, '5h'],
  [1000 - 86_400 * 9, '9d'],
])('age of %s', (since, text) => expect(age(since, 1000)).toBe(text))

test.each([
  [TaskState.TASK_FINISHED, 'Command exited with status 0', 0],
  [TaskState.TASK_FAILED, 'Command exited with status 3', 3],
  [TaskState.TASK_FAILED, 'Command terminated with signal Segmentation fault (core dumped)', 139],
  [TaskState.TASK_KILLED, 'Command terminated with signal Terminated', 143],
  [TaskState.TASK_KILLED, 'Command terminated with signal Killed', 137],
  [TaskState.TASK_FAILED, 'Command terminated with signal 34', 162],
  [TaskState.TASK_FINISHED, undefined, 0],
  [TaskState.TASK_KILLED, undefined, 143],
  [TaskState.TASK_FAILED, 'Memory limit exceeded', 125],
  [TaskState.TASK_LOST, undefined, 125],
])('state %s with message %s ends with %s', (state, message, code) => expect(exitCodeOfTask({ state, message })).toBe(code))

test('a task that broke a limit was killed for it', () => {
  expect(exitCodeOfTask({ state: TaskState.TASK_FAILED, message: 'Memory limit exceeded', limitation: {} })).toBe(137)
})

const scalar = (name: string, value: number, more: Partial<Resource> = {}): Resource => ({
  name,
  type: ValueType.SCALAR,
  scalar: { value },
  ...more,
})
const offer = (...resources: Resource[]): Offer => ({
  id: { value: 'o' },
  frameworkId: { value: 'f' },
  agentId: { value: 'a' },
  hostname: 'h',
  resources,
})

test('a task takes what it needs of an offer, reserved parts too, and says what is missing', () => {
  const reserved = { reservations: [{ role: 'r' }] }
  const made = offer(scalar('cpus', 1, reserved), scalar('cpus', 3), scalar('mem', 100), scalar('mem', 500, { revocable: {} }))
  expect(matchOffer(made, { cpus: 1.5, mem: 64, disk: 0 })).toEqual({
    fits: true,
    resources: [scalar('cpus', 1, reserved), scalar('cpus', 0.5), scalar('mem', 64)],
  })
  expect(matchOffer(made, { cpus: 5, mem: 128, disk: 1 })).toEqual({
    fits: false,
    lacks: 'cpus 4 of 5, mem 100 of 128, disk 0 of 1',
  })
})

test('amounts add up over reservations', () => {
  expect(amountsOf([scalar('cpus', 0.1), scalar('cpus', 0.2), scalar('mem', 5)])).toMatchObject({ mem: 5, disk: 0 })
  expect(usedOf(0.1 + 0.2, 4)).toBe('0.3/4')
})

const request: RunRequest = {
  name: 'n',
  argv: ['echo', 'a b'],
  shell: false,
  needs: { cpus: 1, mem: 1, disk: 0 },
  environment: [],
  uris: [],
  role: '*',
  detach: false,
}

test('a command is passed word by word, or as one line for a shell', () => {
  expect(taskInfo(request, 't').command).toEqual({ shell: false, value: 'echo', arguments: ['echo', 'a b'], user: undefined })
  expect(taskInfo({ ...request, shell: true }, 't').command).toEqual({ shell: true, value: 'echo a b', user: undefined })
})

test('a file is fetched as it is named, or as JSON says', () => {
  const uris = ['https://a.example/b.tar', '{"value": "/etc/hosts", "executable": false, "output_file": "h"}'].map(uriFrom)
  expect(taskInfo({ ...request, uris }, 't').command?.uris).toEqual([
    { value: 'https://a.example/b.tar' },
    { value: '/etc/hosts', executable: false, outputFile: 'h' },
  ])
  for (const bad of ['', ' ', '{', '{"executable": true}', '{"value": 3}']) {
    expect(() => uriFrom(bad), bad).toThrow(/^--uri is neither a URI nor a CommandInfo.URI in JSON: /)
  }
})

test('a directory becomes the image, variables the environment', () => {
  const info = taskInfo({ ...request, image: { directory: '/srv/a' }, environment: ['A=b=c', 'E='] }, 't')
  expect(info.container?.mesos?.image).toEqual({ type: ImageType.DOCKER, docker: { name: '/srv/a' } })
  expect(info.command?.environment?.variables?.map(({ name, value }) => [name, value])).toEqual([
    ['A', 'b=c'],
    ['E', ''],
  ])
  const container = containerFrom(
    '{"linux_info": {"shm_size": 8}, "rlimit_info": {"rlimits": [{"type": "RLMT_NOFILE", "hard": 9, "soft": 9}]}}',
  )
  expect(taskInfo({ ...request, container }, 't').container).toMatchObject({ linuxInfo: { shmSize: 8 } })
  expect(taskInfo({ ...request, container, image: { directory: '/srv/a' } }, 't').container).toMatchObject({
    linuxInfo: { shmSize: 8 },
    mesos: { image: { docker: { name: '/srv/a' } } },
  })
  for (const bad of ['', '[', '{"linux_info": 3}', '{"type": "NONE"}']) {
    expect(() => containerFrom(bad), bad).toThrow(/^--container is no ContainerInfo in JSON: /)
  }
  expect(() => taskInfo({ ...request, image: { directory: 'a' } }, 't')).toThrow('is not an absolute path')
  expect(() => taskInfo({ ...request, environment: ['=x'] }, 't')).toThrow('is not NAME=VALUE')
  expect(() => taskInfo({ ...request, argv: [] }, 't')).toThrow('no command given')
})

test('an image runs its own program unless a command is given', () => {
  const image = { name: 'x:1', fresh: false }
  const own = taskInfo({ ...request, argv: [], image }, 't')
  expect(own.command).toEqual({ shell: false, user: undefined })
  expect(own.container?.mesos?.image).toEqual({ type: ImageType.DOCKER, docker: { name: 'x:1' } })
  expect(taskInfo({ ...request, image }, 't').command).toMatchObject({ value: 'echo' })
  const fresh = taskInfo({ ...request, image: { ...image, fresh: true, dockerConfig: Buffer.from('{}') } }, 't')
  expect(fresh.container?.mesos?.image).toMatchObject({
    cached: false,
    docker: { config: { value: { data: Buffer.from('{}') } } },
  })
  expect(() => taskInfo({ ...request, argv: [], image: { directory: '/a' } }, 't')).toThrow('no command given')
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [45_600_000, '45.6 MB'],
  [999_990_000, '1.0 GB'],
  [2n ** 50n, '1125.9 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})

test('a command task has the sandbox of the executor that is named like it', () => {
  const ids = { frameworkId: { value: 'F' }, taskId: { value: 'T' } }
  expect(sandboxOf(ids)).toBe('/frameworks/F/executors/T/runs/latest')
  expect(sandboxOf({ ...ids, executorId: { value: 'E' } })).toBe('/frameworks/F/executors/E/runs/latest')
  const nested = {
    taskId: ids.taskId,
    state: TaskState.TASK_RUNNING,
    containerStatus: { containerId: { value: 'C', parent: { value: 'P' } } },
  }
  expect(sandboxOf({ ...ids, executorId: { value: 'E' }, statuses: [nested] })).toBe(
    '/frameworks/F/executors/E/runs/latest/containers/C',
  )
})

test.each([
  [undefined, {}, 'http://127.0.0.1:5050'],
  [undefined, { MESETA_MASTER: 'm:1' }, 'http://m:1'],
  ['https://m:2/x', { MESETA_MASTER: 'm:1' }, 'https://m:2'],
])('master %s with %o is %s', (given, env, url) => expect(masterUrl(given, env)).toBe(url))

test.each(['ftp://x', '::::', 'http://'])('%s is no master', (given) =>
  expect(() => masterUrl(given, {})).toThrow('is not an address'),
)
