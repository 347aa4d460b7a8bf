import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TaskState } from '#wire/mesos.js'
import { recorded } from '../../support/recordings.js'
import { until } from '../../support/waiting.js'
import { OneAgent } from './one-agent.js'

/** The recordings were made of an agent with a command task that runs, one that finished, one that failed, and a pod. */
let cluster: OneAgent
beforeAll(async () => {
  cluster = await OneAgent.begin()
  cluster.start()
  await cluster.up()
  const labels = { labels: [{ key: 'tier', value: 'web' }] }
  await cluster.launch({ name: 'run-1', labels, command: { value: 'echo started; sleep 1000' } })
  await cluster.launch({ name: 'fail-1', command: { value: 'exit 3' } })
  await cluster.reached('run-1', TaskState.TASK_RUNNING)
  await cluster.reached('fail-1', TaskState.TASK_FAILED)
  await until(async () => (await v1('GET_TASKS')).get_tasks.completed_tasks.length === 1, 30)
})
afterAll(() => cluster.end())

type Json = { [key: string]: never } & { get_tasks: { completed_tasks: unknown[] } }

async function v1(type: string, content: object = {}): Promise<Json> {
  const answer = await fetch(`${cluster.url}/api/v1`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ type, ...content }),
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Json
}

/** What depends on the recording's pod, its flags or its kernel. */
const ELSEWHERE = new Set(['log_dir', 'data', 'type', 'parent', 'role', 'roles', 'principal', 'attributes'])
const STATISTICS = /kmem|pressure_counter|^mem_|^cpus_/

/** Paths of members that the recording has and the answer lacks, or has with another type. Of a list any element will do. */
function lacking(recording: unknown, live: unknown, path = ''): string[] {
  if (Array.isArray(recording)) {
    if (!Array.isArray(live)) return [path]
    if (recording.length === 0 || live.length === 0) return []
    return recording
      .map((item) => live.map((candidate) => lacking(item, candidate, `${path}[]`)).sort((a, b) => a.length - b.length)[0]!)
      .sort((a, b) => a.length - b.length)[0]!
  }
  if (typeof recording === 'object' && recording !== null) {
    if (typeof live !== 'object' || live === null) return [path]
    return Object.entries(recording).flatMap(([key, value]) => {
      if (ELSEWHERE.has(key) || STATISTICS.test(key)) return []
      return key in live ? lacking(value, (live as Record<string, unknown>)[key], `${path}.${key}`) : [`${path}.${key}`]
    })
  }
  return typeof recording === typeof live ? [] : [path]
}

const golden = (name: string): unknown => JSON.parse(recorded(`agent/${name}`).toString())

describe('v1', () => {
  test.each([
    'GET_AGENT',
    'GET_CONTAINERS',
    'GET_EXECUTORS',
    'GET_FRAMEWORKS',
    'GET_HEALTH',
    'GET_LOGGING_LEVEL',
    'GET_OPERATIONS',
    'GET_RESOURCE_PROVIDERS',
    'GET_STATE',
    'GET_TASKS',
    'GET_VERSION',
  ])('%s has every member of the recording', async (type) => {
    expect(lacking(golden(`v1/${type}.json`), await v1(type))).toEqual([])
  })

  test('LIST_FILES and READ_FILE show the sandbox', async () => {
    const state = (await cluster.get('/state')) as { frameworks: { executors: { id: string; directory: string }[] }[] }
    const directory = state.frameworks[0]!.executors.find((it) => it.id === 'run-1')!.directory
    expect(lacking(golden('v1/LIST_FILES_sandbox.json'), await v1('LIST_FILES', { list_files: { path: directory } }))).toEqual([])
    const read = (await v1('READ_FILE', { read_file: { path: `${directory}/stdout`, offset: 0 } })) as unknown
    expect(read).toMatchObject({ read_file: { size: 8, data: Buffer.from('started\n').toString('base64') } })
  })
})

describe('v0', () => {
  test.each([
    ['/state', 'state.json'],
    ['/slave(1)/state', 'state.json'],
    ['/containers', 'containers.json'],
    ['/monitor/statistics', 'monitor_statistics.json'],
    ['/version', 'version.json'],
    ['/system/stats.json', 'system_stats.json.json'],
  ])('%s has every member of the recording', async (path, name) => {
    const recording = golden(`v0/${name}`) as Record<string, unknown>
    delete recording.flags
    expect(lacking(recording, await cluster.get(path))).toEqual([])
  })

  test('/metrics/snapshot has every metric of tasks, executors, resources and updates', async () => {
    const live = (await cluster.get('/metrics/snapshot')) as Record<string, number>
    const names = Object.keys(golden('v0/metrics_snapshot.json') as object).filter((it) => /^(slave|gc|system)\//.test(it))
    expect(names.filter((name) => !(name in live))).toEqual([])
    expect(live).toMatchObject({ 'slave/tasks_running': 1, 'slave/tasks_failed': 1, 'slave/registered': 1 })
  })
})
