import { type Answer, empty, json, type Request, text } from '#http/answer.js'
import type { Server } from '#http/server.js'
import type { TaskRecord } from '../../core/cluster.js'
import { MasterErrors } from '../../errors.js'
import type { ApiContext } from '../context.js'
import { allFrameworks, rolesOf } from '../reads.js'
import { Double, type Json, jsonText } from './json.js'
import { quantitiesJson } from './resources.js'
import { agentsJson, frameworksJson, stateJson, summaryJson, tasksOf } from './state.js'
import { taskJson } from './tasks.js'

/** The endpoints from before `/api/v1` (section 3.5), each also below `/master`. */
export function routeLegacy(server: Server, context: ApiContext): void {
  const { cluster } = context
  const read = (path: string, make: (request: Request) => Json): void =>
    server.route(path, (request) => json(request, jsonText(make(request))))
  read('/state', () => stateJson(context))
  read('/state-summary', () => summaryJson(context))
  read('/slaves', ({ query }) => agentsJson(cluster, query.slave_id))
  read('/frameworks', ({ query }) => frameworksJson(cluster, query.framework_id))
  read('/tasks', ({ query }) => tasksJson(context, query))
  read('/roles', () => rolesJson(context))
  server.route('/redirect', () => redirect(context))
  server.route('/teardown', (request) => teardown(context, request), { methods: ['POST'] })
  // There are none as long as there is no way to set any; what would set some is refused.
  for (const [path, nothing] of Object.entries({
    '/weights': '[]',
    '/quota': '{}',
    '/maintenance/schedule': '{}',
    '/maintenance/status': '{}',
  }))
    server.route(path, (request) =>
      request.method === 'GET' || request.method === 'HEAD' ? json(request, nothing) : unsupported(request),
    )
  for (const path of ['/reserve', '/unreserve', '/create-volumes', '/destroy-volumes', '/machine/down', '/machine/up'])
    server.route(path, unsupported, { methods: ['POST'] })
}

function unsupported({ method, path }: Request): Answer {
  throw MasterErrors.CALL_UNSUPPORTED({ type: `${method} ${path}` })
}

/** Row 3-080. */
function redirect({ cluster }: ApiContext): Answer {
  const { hostname, port } = cluster.settings.master
  return empty(307, { Location: `//${hostname}:${port}` })
}

/** Row 3-077. */
async function teardown({ runner }: ApiContext, { body }: Request): Promise<Answer> {
  const framework = new URLSearchParams(body.toString()).get('frameworkId')
  if (!framework) return text(400, "Missing 'frameworkId' in the body of the request")
  return (await runner.teardown(framework)) as Answer
}

const wholeNumber = (value: string | undefined): number | undefined =>
  value !== undefined && /^-?\d{1,15}$/.test(value) ? Number(value) : undefined

/** Row 3-070. Numbers that are none count as not given, a negative limit as no limit. */
function tasksJson({ cluster }: ApiContext, query: Readonly<Record<string, string>>): Json {
  const { framework_id: framework, task_id: task, order } = query
  const limit = wholeNumber(query.limit) ?? 100
  const offset = wholeNumber(query.offset) ?? 0
  const tasks = allFrameworks(cluster)
    .filter(({ id }) => framework === undefined || id === framework)
    .flatMap(tasksOf)
    .filter(({ id }) => task === undefined || id === task)
    .sort(order === 'asc' ? byBegin : (a, b) => byBegin(b, a))
  const shown = offset < 0 ? [] : tasks.slice(offset, limit < 0 ? undefined : offset + limit)
  return { tasks: shown.map(taskJson) }
}

function byBegin(a: TaskRecord, b: TaskRecord): number {
  return a.firstStatusAt - b.firstStatusAt
}

/** Row 3-071. */
function rolesJson({ cluster }: ApiContext): Json {
  return {
    roles: rolesOf(cluster).map(({ name, frameworks, used, offered, reserved }) => ({
      name,
      weight: new Double(1),
      quota: { role: name, guarantee: {}, limit: {}, consumed: quantitiesJson(used.add(reserved)) },
      resources: quantitiesJson(used.add(offered)),
      allocated: quantitiesJson(used),
      offered: quantitiesJson(offered),
      reserved: quantitiesJson(reserved),
      frameworks: frameworks.map(({ id }) => id),
    })),
  }
}
