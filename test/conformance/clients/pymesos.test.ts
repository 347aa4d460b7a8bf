/** pymesos, unmodified: its scheduler and executor drivers and its `subprocess`, against our master and agent. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { CONFORMANCE } from '../place.js'
import { Client } from './client.js'
import { EnclosedCluster } from './enclosed-cluster.js'
import { NetworkNamespace } from './namespace.js'
import { missingForPymesos, pythonWithPymesos } from './python.js'

const missing = missingForPymesos()
const script = (name: string): string => join(CONFORMANCE, 'clients', name)

describe.skipIf(missing)(`pymesos${missing ? ` (needs ${missing})` : ''}`, () => {
  const namespace = new NetworkNamespace()
  let cluster: EnclosedCluster
  let python: string

  beforeAll(async () => {
    python = pythonWithPymesos()
    namespace.create()
    cluster = new EnclosedCluster(namespace)
    await cluster.start()
  })

  afterAll(async () => {
    await cluster?.stop()
    namespace.remove()
  })

  /** A script of ours inside the namespace, under a host name that leads to it. */
  function start(name: string, ...args: string[]): Client {
    const underLocalhost = ['unshare', '--uts', 'sh', '-c', 'hostname localhost && exec "$0" "$@"']
    const client = new Client([...namespace.enter, ...underLocalhost], [python, script(name), EnclosedCluster.master, ...args])
    onTestFinished(() => client.kill())
    return client
  }

  const schedule = (tasks: object[]): Client => start('pymesos_scheduler.py', JSON.stringify({ name: 'pymesos', tasks }))

  test('its scheduler runs commands in containers and hears how each ended', async () => {
    const client = schedule([
      { id: 'good', command: 'test -d "$MESOS_SANDBOX"' },
      { id: 'bad', command: 'exit 3' },
      { id: 'long', command: 'sleep 1000', kill: true },
    ])
    await client.end()
    expect(client.said.map(({ event }) => event)).toEqual(expect.arrayContaining(['registered', 'stopped']))
    expect(client.states()).toEqual({
      good: ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED'],
      bad: ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED'],
      long: ['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLED'],
    })
  })

  test('its executor runs tasks of its own, passes data on and exchanges messages', async () => {
    const executor = `exec ${python} ${script('pymesos_executor.py')}`
    const client = schedule([
      { id: 'quick', executor, data: 'finish' },
      { id: 'patient', executor, data: 'wait', say: 'hello' },
      { id: 'stopped', executor, data: 'wait', kill: true },
    ])
    await client.hears(({ event, text }) => event === 'message' && text === 'echo hello')
    await client.hears(({ task, state, data }) => task === 'quick' && state === 'TASK_FINISHED' && data === 'done')
    await client.hears(({ task, state }) => task === 'stopped' && state === 'TASK_KILLED')
    expect(client.states()).toEqual({
      quick: ['TASK_RUNNING', 'TASK_FINISHED'],
      patient: ['TASK_RUNNING'],
      stopped: ['TASK_RUNNING', 'TASK_KILLED'],
    })
  })

  test('its subprocess module runs programs with output, exit status and signals', async () => {
    const client = start('pymesos_popen.py')
    await client.end()
    expect(client.said).toEqual([{ output: 'to be\nor not\n', status: 3, ended: -15 }])
  })

  test('killing agent and master loses no task and ends none twice', async () => {
    const gate = join(cluster.directory, 'gate')
    const ids = Array.from({ length: 8 }, (_, i) => `t${i}`)
    const client = schedule(ids.map((id) => ({ id, command: `while [ ! -e ${gate} ]; do sleep 0.1; done` })))
    await client.hears(({ state }) => state === 'TASK_RUNNING', ids.length)

    await cluster.kill('agent')
    cluster.startAgent()
    await cluster.whenUp()
    await cluster.kill('master')
    cluster.startMaster()
    await client.hears(({ event }) => event === 'reregistered')
    await cluster.whenUp()

    expect(existsSync(gate)).toBe(false)
    writeFileSync(gate, '')
    await client.end()
    const ends = Object.entries(client.states()).map(([id, states]) => [
      id,
      states.filter((state) => !/STARTING|RUNNING/.test(state)),
    ])
    expect(Object.fromEntries(ends)).toEqual(Object.fromEntries(ids.map((id) => [id, ['TASK_FINISHED']])))
  })
})
