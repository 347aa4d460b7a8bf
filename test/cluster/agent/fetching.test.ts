import { once } from 'node:events'
import { chmodSync, readdirSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TaskState } from '#wire/mesos.js'
import { tarOf } from '../../kernel/fetcher/hostile-archives.js'
import { OneAgent } from './one-agent.js'

let cluster: OneAgent
let server: Server
let url: string
const asked: string[] = []

beforeAll(async () => {
  cluster = await OneAgent.begin()
  // What the task says arrives by files, which its user must reach.
  chmodSync(cluster.marks, 0o777)
  server = createServer(({ url = '' }, response) => {
    asked.push(url)
    if (url === '/silent.tar') response.write('some')
    else if (url === '/work.tar')
      response.end(tarOf([{ name: 'bin/run', mode: 0o755, content: '#!/bin/sh\necho ran by $(id -un)\n' }]))
    else response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  cluster.start()
  await cluster.up()
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await cluster.end()
})

async function metrics(): Promise<Record<string, number>> {
  return (await (await fetch(`${cluster.url}/metrics/snapshot`)).json()) as Record<string, number>
}

const sandboxOf = (task: string): string => {
  const found = readdirSync(cluster.workDirectory, { recursive: true, encoding: 'utf8' })
  return join(
    cluster.workDirectory,
    found.find((path) => path.includes(`/executors/${task}/runs/`) && path.endsWith('/stderr'))!,
    '..',
  )
}

test('two tasks of a user run what one download of an archive brought them', async () => {
  for (const name of ['first', 'second']) {
    const value = `./bin/run > ${cluster.marks}/${name}; test $(stat -c %U bin/run) = nobody`
    await cluster.launch({ name, command: { user: 'nobody', value, uris: [{ value: `${url}/work.tar`, cache: true }] } })
    expect((await cluster.ended(name)).state, name).toBe(TaskState.TASK_FINISHED)
  }
  expect(asked).toEqual(['/work.tar'])
  expect(await metrics()).toMatchObject({
    'containerizer/fetcher/cache_size_total_bytes': 2 * 1024 ** 3,
    'containerizer/fetcher/cache_size_used_bytes': 2048,
    'containerizer/fetcher/task_fetches_succeeded': 2,
    'containerizer/fetcher/task_fetches_failed': 0,
  })
  expect(statSync(join(cluster.workDirectory, 'fetch')).mode & 0o777).toBe(0o700)
})

test('what their user may not read, and what is not there, fails them with that reason', async () => {
  const command = (value: string) => ({ user: 'nobody', value: 'true', uris: [{ value }] })
  await cluster.launch({ name: 'shadow', command: command('/etc/shadow') })
  expect(await cluster.ended('shadow')).toMatchObject({
    state: TaskState.TASK_FAILED,
    message: expect.stringContaining('Failed to fetch /etc/shadow: could not open /etc/shadow: permission denied'),
  })
  await cluster.launch({ name: 'missing', command: command(`${url}/missing`) })
  expect((await cluster.ended('missing')).message).toContain(`Failed to fetch ${url}/missing: the server answered 404`)
  expect((await metrics())['containerizer/fetcher/task_fetches_failed']).toBe(2)
})

test('a task that is killed while it waits for its files ends at once and leaves none', async () => {
  await cluster.launch({ name: 'silent', command: { user: 'nobody', value: 'true', uris: [{ value: `${url}/silent.tar` }] } })
  await expect.poll(() => asked.includes('/silent.tar'), { timeout: 30_000 }).toBe(true)
  await cluster.scheduler.kill('silent')
  expect((await cluster.ended('silent')).state).toBe(TaskState.TASK_KILLED)
  await expect
    .poll(() => readdirSync(sandboxOf('silent')).filter((name) => !name.startsWith('std')), { timeout: 30_000 })
    .toEqual([])
})
