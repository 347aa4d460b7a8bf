/** Runs the tasks whose files and records later cases of a topic read. */

import { seconds, until } from '../../support/waiting.js'
import { type Cluster, MASTER } from './cluster.js'
import { EventStream, type Listener } from './event-stream.js'
import { PRELUDES, type Prelude } from './exceptions.js'
import { JSON_HEADERS } from './http.js'
import { at, type Json, type JsonObject, textAt } from './json.js'
import { Differs } from './outcome.js'

export interface PreludeRun {
  readonly framework: string
  readonly stream: EventStream
}

/** Remembers in which states tasks have been. */
class States implements Listener {
  readonly acknowledgesUpdates = true
  readonly acknowledgesOperations = true
  readonly #seen = new Set<string>()

  arrived(_: string, event: JsonObject): void {
    const status = at(event, 'update', 'status')
    this.#seen.add(`${textAt(status, 'task_id', 'value')} ${textAt(status, 'state')}`)
  }

  has(task: string, state: string): boolean {
    return this.#seen.has(`${task} ${state}`)
  }
}

/** The framework of the prelude, which is subscribed when first asked for. */
export async function preludeFramework(cluster: Cluster): Promise<string | undefined> {
  const prelude = PRELUDES[cluster.topic]
  if (!prelude) return undefined
  cluster.prelude ??= await run(prelude, cluster.ports[MASTER] ?? 0)
  return cluster.prelude.framework
}

async function run(prelude: Prelude, port: number): Promise<PreludeRun> {
  const states = new States()
  const info = {
    user: 'root',
    name: prelude.framework,
    roles: [prelude.role],
    checkpoint: true,
    failover_timeout: prelude.failoverTimeout,
    capabilities: prelude.capabilities.map((type) => ({ type })),
  }
  const body: Json = { type: 'SUBSCRIBE', subscribe: { framework_info: info } }
  const request = { port, method: 'POST', path: '/api/v1/scheduler', headers: JSON_HEADERS, body }
  const stream = await EventStream.open(prelude.role, request, states)
  for (const [id, command] of prelude.tasks) {
    await launch(stream, prelude.role, id, command)
    await until(() => states.has(id, command.includes('sleep') ? 'TASK_RUNNING' : 'TASK_FINISHED'), 15)
  }
  await seconds(0.5)
  return { framework: textAt(stream.framework, 'value') ?? '', stream }
}

async function launch(stream: EventStream, role: string, id: string, command: string): Promise<void> {
  const [offerId, offer] = (await until(() => [...stream.offers][0], 15)) ?? []
  if (!offer || !offerId) throw new Differs('no offer for the task that the case reads')
  stream.offers.delete(offerId)
  const scalar = (name: string, value: number): Json => ({ name, type: 'SCALAR', scalar: { value }, allocation_info: { role } })
  const task: Json = {
    name: id,
    task_id: { value: id },
    agent_id: offer.agent_id ?? null,
    command: { value: command },
    resources: [scalar('cpus', 0.1), scalar('mem', 32)],
  }
  const operations: Json = [{ type: 'LAUNCH', launch: { task_infos: [task] } }]
  await stream.quietly({
    type: 'ACCEPT',
    accept: { offer_ids: [{ value: offerId }], filters: { refuse_seconds: 0 }, operations },
  })
}
