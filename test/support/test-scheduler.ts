import { ask, type JsonEvent, JsonStream } from './plain-http.js'

const json = { 'Content-Type': 'application/json', Accept: 'application/json' }
export const framework = {
  user: 'root',
  name: 'test',
  roles: ['probe'],
  checkpoint: true,
  failover_timeout: 60,
  capabilities: [{ type: 'MULTI_ROLE' }, { type: 'PARTITION_AWARE' }, { type: 'TASK_KILLING_STATE' }],
}

interface Status {
  task_id: { value: string }
  state: string
  reason?: string
  agent_id?: object
  uuid?: string
}

/** A scheduler as careless as one written in an afternoon: JSON over HTTP, one connection a call. */
export class JsonScheduler {
  readonly url: string
  readonly stream: JsonStream
  readonly id: string

  static async subscribe(url: string, info: object = framework, id?: string): Promise<JsonScheduler> {
    const framework_id = id === undefined ? {} : { framework_id: { value: id } }
    const framework_info = id === undefined ? info : { ...info, id: { value: id } }
    const stream = await JsonStream.open(url, '/api/v1/scheduler', {
      type: 'SUBSCRIBE',
      ...framework_id,
      subscribe: { framework_info },
    })
    const first = (await stream.next(() => true)) as { type?: string; subscribed?: { framework_id: { value: string } } }
    return new JsonScheduler(url, stream, first.subscribed?.framework_id.value ?? '')
  }

  private constructor(url: string, stream: JsonStream, id: string) {
    this.url = url
    this.stream = stream
    this.id = id
  }

  call(call: object): Promise<{ status: number; body: string }> {
    const headers = { ...json, 'Mesos-Stream-Id': this.stream.streamId }
    return ask(this.url, {
      path: '/api/v1/scheduler',
      headers,
      body: JSON.stringify({ framework_id: { value: this.id }, ...call }),
    })
  }

  async offer(): Promise<{ id: { value: string }; agent_id: { value: string } }> {
    const event = await this.stream.next(({ type }) => type === 'OFFERS', 'an offer')
    return (event as unknown as { offers: { offers: { id: { value: string }; agent_id: { value: string } }[] } }).offers
      .offers[0]!
  }

  async launch(id: string, command: string, changes: object = {}): Promise<void> {
    const offer = await this.offer()
    const allocation_info = { role: 'probe' }
    const resources = [
      { name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 }, allocation_info },
      { name: 'mem', type: 'SCALAR', scalar: { value: 32 }, allocation_info },
      { name: 'disk', type: 'SCALAR', scalar: { value: 16 }, allocation_info },
    ]
    const task = {
      name: id,
      task_id: { value: id },
      agent_id: offer.agent_id,
      resources,
      command: { value: command },
      ...changes,
    }
    const operations = [{ type: 'LAUNCH', launch: { task_infos: [task] } }]
    await this.call({ type: 'ACCEPT', accept: { offer_ids: [offer.id], operations, filters: { refuse_seconds: 0 } } })
  }

  /** Waits for a state of a task and acknowledges it. */
  async update(id: string, state: string): Promise<Status> {
    const fits = (event: JsonEvent): boolean => {
      const status = (event as { update?: { status: Status } }).update?.status
      return status?.task_id.value === id && status.state === state
    }
    const event = (await this.stream.next(fits, `${id} ${state}`)) as unknown as { update: { status: Status } }
    const { status } = event.update
    const { agent_id, task_id, uuid } = status
    if (uuid) await this.call({ type: 'ACKNOWLEDGE', acknowledge: { agent_id, task_id, uuid } })
    return status
  }

  close(): void {
    this.stream.close()
  }
}

/** A read of `/api/v1`, or of one of the older endpoints. */
export async function read(url: string, what: string): Promise<Record<string, unknown>> {
  const legacy = what.startsWith('/')
  const answer = legacy
    ? await ask(url, { method: 'GET', path: what })
    : await ask(url, {
        path: '/api/v1',
        headers: json,
        body: JSON.stringify({ type: what, ...(what === 'GET_METRICS' && { get_metrics: {} }) }),
      })
  return JSON.parse(answer.body) as Record<string, unknown>
}
