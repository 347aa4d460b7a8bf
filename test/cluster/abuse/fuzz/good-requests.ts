import { recorded, recordings } from '../../../support/recordings.js'

/** A request that a daemon would take, before anything is done to it. */
export interface GoodRequest {
  readonly to: 'master' | 'agent'
  readonly method: string
  readonly path: string
  readonly body: unknown
}

/** What stands in the place of recorded ids, so that calls reach more than the first check. */
export interface LiveIds {
  readonly framework: string
  readonly agent: string
  readonly offer: string
}

interface Step {
  request?: { method?: string; path?: string; port?: number; body?: unknown }
}

const AGENT_PORT = 15051
/** Enough of each kind: the recordings repeat themselves. */
const MOST_OF_A_KIND = 6
/** One that succeeded would take the agent away from the rest of the run. */
const LAST_CALLS = /MARK_AGENT_GONE|DRAIN_AGENT|DEACTIVATE_AGENT|TEARDOWN/

/** Every kind of request of the recordings, and those between our own programs, which nobody recorded. */
export function goodRequests(): GoodRequest[] {
  const kinds = new Map<string, GoodRequest[]>()
  for (const request of [...recordedRequests(), ...ownRequests]) {
    const kind = `${request.to} ${request.method} ${request.path.split('?')[0]} ${typeOf(request.body)}`
    if (LAST_CALLS.test(kind)) continue
    const some = kinds.get(kind) ?? []
    if (some.length < MOST_OF_A_KIND) some.push(request)
    kinds.set(kind, some)
  }
  return [...kinds.values()].flat()
}

/** With the ids of this cluster in the place of the recorded ones. */
export function alive(request: GoodRequest, { framework, agent, offer }: LiveIds): GoodRequest {
  const text = JSON.stringify(request.body ?? null)
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}-O\d+/g, offer)
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}-S\d+/g, agent)
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}-\d{4}\b/g, framework)
  return { ...request, body: JSON.parse(text) as unknown }
}

export const typeOf = (body: unknown): string =>
  typeof body === 'object' && body !== null ? String((body as { type?: unknown }).type ?? '') : typeof body

function recordedRequests(): GoodRequest[] {
  const cases = recordings('sequences').flatMap((name) => JSON.parse(recorded(name).toString()) as { steps: Step[] }[])
  return cases
    .flatMap(({ steps }) => steps)
    .flatMap(({ request }) => {
      if (!request?.path) return []
      return [
        {
          to: request.port === AGENT_PORT ? 'agent' : 'master',
          method: request.method ?? 'POST',
          path: request.path,
          body: request.body,
        } as const,
      ]
    })
}

const uuid = 'AAAAAAAAQAAAAAAAAAAAAA=='
const share = [{ name: 'cpus', type: 'SCALAR', scalar: { value: 0.01 } }]
const framework = { user: 'root', name: 'f', id: { value: 'fuzz-framework' } }
const status = {
  task_id: { value: 't' },
  state: 'TASK_RUNNING',
  uuid,
  source: 'SOURCE_EXECUTOR',
  executor_id: { value: 'e' },
  timestamp: 1,
}
const task = {
  name: 't',
  task_id: { value: 't' },
  framework_id: { value: 'fuzz-framework' },
  agent_id: { value: 'x' },
  state: 'TASK_RUNNING',
  resources: share,
  statuses: [status],
}
const executor = {
  executor_id: { value: 'e' },
  framework_id: { value: 'fuzz-framework' },
  command: { value: 'true' },
  resources: share,
}
const link = (body: object): GoodRequest => ({ to: 'master', method: 'POST', path: '/api/v1/agent', body })
const spoken = (body: object): GoodRequest => ({
  to: 'agent',
  method: 'POST',
  path: '/api/v1/executor',
  body: { framework_id: { value: 'fuzz-framework' }, executor_id: { value: 'e' }, ...body },
})
const read = (to: 'master' | 'agent', path: string): GoodRequest => ({ to, method: 'GET', path, body: undefined })

const ownRequests: readonly GoodRequest[] = [
  link({
    type: 'SUBSCRIBE',
    subscribe: {
      agent_info: {
        hostname: 'liar',
        port: 1,
        resources: share,
        attributes: [{ name: 'a', type: 'TEXT', text: { value: 'b' } }],
      },
      version: '1.12.0',
      capabilities: [{ type: 'MULTI_ROLE' }],
      frameworks: [framework],
      executors: [executor],
      tasks: [task],
      total_resources: share,
      pid: 'slave(1)@127.0.0.1:1',
    },
  }),
  link({ type: 'UPDATE', update: { framework_id: framework.id, status, latest_state: 'TASK_RUNNING' } }),
  link({ type: 'BATCH', batch: [{ type: 'HEARTBEAT' }, { type: 'UPDATE', update: { framework_id: framework.id, status } }] }),
  link({ type: 'EXITED_EXECUTOR', exited_executor: { framework_id: framework.id, executor_id: { value: 'e' }, status: 9 } }),
  spoken({ type: 'SUBSCRIBE', subscribe: { unacknowledged_tasks: [], unacknowledged_updates: [{ status }] } }),
  spoken({ type: 'UPDATE', update: { status } }),
  spoken({ type: 'MESSAGE', message: { data: 'AAAA' } }),
  ...[
    '/state',
    '/slaves',
    '/frameworks',
    '/tasks?limit=5&offset=0&order=asc',
    '/roles',
    '/state-summary',
    '/metrics/snapshot?timeout=1secs',
  ].map((path) => read('master', path)),
  ...[
    '/state',
    '/containers',
    '/monitor/statistics',
    '/metrics/snapshot',
    '/files/browse?path=/x',
    '/files/read?path=/x&offset=0&length=1',
    '/files/download?path=/x',
    '/files/debug',
    '/logging/toggle?level=1&duration=1secs',
  ].map((path) => read('agent', path)),
]
