/**
 * mesos-framework, unmodified: its scheduler against our master and agent. Its executor cannot be driven: it subscribes without
 * `subscribe`, which Mesos refuses, and so do we (recorded: "executor API: SUBSCRIBE without subscribe").
 */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { CONFORMANCE } from '../place.js'
import { Cluster, MASTER } from '../replay/cluster.js'
import { Client } from './client.js'

describe('mesos-framework', () => {
  const cluster = new Cluster([process.execPath, 'dist/bin/meseta.js'], 'clients')

  beforeAll(() => cluster.start({}))
  afterAll(() => cluster.stop())

  async function errand(command: string): Promise<Client> {
    const script = join(CONFORMANCE, 'clients/mesos-framework.mjs')
    const client = new Client([process.execPath], [script, String(cluster.ports[MASTER]), cluster.directory, command])
    onTestFinished(() => client.kill())
    await client.end()
    return client
  }

  const states = (client: Client): unknown[] => client.said.filter(({ event }) => event === 'update').map(({ state }) => state)

  test('runs a command and acknowledges every update', async () => {
    const client = await errand('test -n "$HOST"')
    expect(client.said.filter(({ event }) => event === 'error')).toEqual([])
    expect(states(client)).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED'])
    expect(client.said.map(({ event }) => event)).toEqual(expect.arrayContaining(['subscribed', 'accepted', 'torn down']))
  })

  test('hears that a command failed', async () => {
    expect(states(await errand('exit 7'))).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED'])
  })
})
