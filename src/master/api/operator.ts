import type { Answer, Request, StreamAnswer } from '#http/answer.js'
import { empty } from '#http/answer.js'
import { answerMessage, decodeCall } from '#http/call.js'
import { versionInfo } from '#http/daemon-routes.js'
import { HttpErrors } from '#http/errors.js'
import { fileNumber } from '#http/files-routes.js'
import { MESSAGE_TYPES, negotiate } from '#http/media-type.js'
import type { Server } from '#http/server.js'
import { Call, CallType, EventType, Response, ResponseType } from '#wire/master.js'
import type { Cluster } from '../core/cluster.js'
import { heartbeatSeconds } from '../core/subscribe.js'
import { MasterErrors } from '../errors.js'
import type { ApiContext } from './context.js'
import { getAgents, getExecutors, getFrameworks, getRoles, getState, getTasks } from './reads.js'

/** The message that each type of call carries, where it must (row 3-038). */
const bodies: Partial<Record<CallType, keyof Call>> = {
  [CallType.GET_METRICS]: 'getMetrics',
  [CallType.SET_LOGGING_LEVEL]: 'setLoggingLevel',
  [CallType.LIST_FILES]: 'listFiles',
  [CallType.READ_FILE]: 'readFile',
  [CallType.UPDATE_WEIGHTS]: 'updateWeights',
  [CallType.RESERVE_RESOURCES]: 'reserveResources',
  [CallType.UNRESERVE_RESOURCES]: 'unreserveResources',
  [CallType.CREATE_VOLUMES]: 'createVolumes',
  [CallType.DESTROY_VOLUMES]: 'destroyVolumes',
  [CallType.GROW_VOLUME]: 'growVolume',
  [CallType.SHRINK_VOLUME]: 'shrinkVolume',
  [CallType.UPDATE_MAINTENANCE_SCHEDULE]: 'updateMaintenanceSchedule',
  [CallType.START_MAINTENANCE]: 'startMaintenance',
  [CallType.STOP_MAINTENANCE]: 'stopMaintenance',
  [CallType.DRAIN_AGENT]: 'drainAgent',
  [CallType.DEACTIVATE_AGENT]: 'deactivateAgent',
  [CallType.REACTIVATE_AGENT]: 'reactivateAgent',
  [CallType.UPDATE_QUOTA]: 'updateQuota',
  [CallType.SET_QUOTA]: 'setQuota',
  [CallType.REMOVE_QUOTA]: 'removeQuota',
  [CallType.TEARDOWN]: 'teardown',
  [CallType.MARK_AGENT_GONE]: 'markAgentGone',
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const typeName = (type: CallType): string =>
  Object.keys(CallType).find((name) => CallType[name as keyof typeof CallType] === type) ?? String(type)

/** POST /api/v1 (section 3.2). */
export function routeOperator(server: Server, context: ApiContext): void {
  server.route('/api/v1', (request) => operatorCall(context, request), { methods: ['POST'] })
}

function operatorCall(context: ApiContext, request: Request): Promise<Answer | StreamAnswer> | Answer | StreamAnswer {
  const call = decodeCall(Call, request)
  if (call.type === undefined) throw HttpErrors.CALL_INVALID({ kind: 'master::Call', why: "Expecting 'type' to be present" })
  const body = bodies[call.type]
  if (body && call[body] === undefined)
    throw HttpErrors.CALL_INVALID({ kind: 'master::Call', why: `Expecting '${snake(body)}' to be present` })
  const media = negotiate(request, MESSAGE_TYPES)
  if (!context.cluster.recovered) throw MasterErrors.NOT_SERVING({})
  if (call.type === CallType.SUBSCRIBE) return watch(context, media)
  const write = writeCall(context, call)
  if (write) return write
  return Promise.resolve(readCall(context, call)).then((response) => answerMessage(Response, response, media))
}

function watch({ runner, cluster }: ApiContext, media: (typeof MESSAGE_TYPES)[number]): StreamAnswer {
  return runner.watch(media, {
    type: EventType.SUBSCRIBED,
    subscribed: { getState: getState(cluster), heartbeatIntervalSeconds: heartbeatSeconds },
  })
}

function writeCall({ runner, verbosity }: ApiContext, call: Call): Promise<Answer | StreamAnswer> | Answer | undefined {
  switch (call.type) {
    case CallType.TEARDOWN:
      return runner.teardown(call.teardown!.frameworkId.value)
    case CallType.SET_LOGGING_LEVEL: {
      const { level, duration } = call.setLoggingLevel!
      verbosity.raise(level, Number(duration.nanoseconds) / 1e6)
      return empty(200)
    }
    default:
      return undefined
  }
}

function readCall(context: ApiContext, call: Call): Response | Promise<Response> {
  const { cluster, metrics, flags, verbosity } = context
  switch (call.type) {
    case CallType.GET_HEALTH:
      return { type: ResponseType.GET_HEALTH, getHealth: { healthy: true } }
    case CallType.GET_FLAGS:
      return { type: ResponseType.GET_FLAGS, getFlags: { flags: flags.map(([name, value]) => ({ name, value })) } }
    case CallType.GET_VERSION:
      return { type: ResponseType.GET_VERSION, getVersion: { versionInfo } }
    case CallType.GET_METRICS:
      return {
        type: ResponseType.GET_METRICS,
        getMetrics: { metrics: metrics.snapshot().map(([name, value]) => ({ name, value })) },
      }
    case CallType.GET_LOGGING_LEVEL:
      return { type: ResponseType.GET_LOGGING_LEVEL, getLoggingLevel: { level: verbosity.level } }
    case CallType.LIST_FILES:
      return listFiles(context, call.listFiles!.path)
    case CallType.READ_FILE:
      return readFile(context, call.readFile!)
    default:
      return readCluster(cluster, call.type!, context.startedAt)
  }
}

function readCluster(cluster: Cluster, type: CallType, startedAt: number): Response {
  switch (type) {
    case CallType.GET_STATE:
      return { type: ResponseType.GET_STATE, getState: getState(cluster) }
    case CallType.GET_AGENTS:
      return { type: ResponseType.GET_AGENTS, getAgents: getAgents(cluster) }
    case CallType.GET_FRAMEWORKS:
      return { type: ResponseType.GET_FRAMEWORKS, getFrameworks: getFrameworks(cluster) }
    case CallType.GET_EXECUTORS:
      return { type: ResponseType.GET_EXECUTORS, getExecutors: getExecutors(cluster) }
    case CallType.GET_TASKS:
      return { type: ResponseType.GET_TASKS, getTasks: getTasks(cluster) }
    case CallType.GET_ROLES:
      return { type: ResponseType.GET_ROLES, getRoles: getRoles(cluster) }
    case CallType.GET_OPERATIONS:
      return { type: ResponseType.GET_OPERATIONS, getOperations: {} }
    case CallType.GET_MASTER: {
      const times = { startTime: startedAt / 1000, electedTime: cluster.electedAt / 1000 }
      return { type: ResponseType.GET_MASTER, getMaster: { masterInfo: cluster.settings.master, ...times } }
    }
    // There are none of these as long as there is no way to set any.
    case CallType.GET_WEIGHTS:
      return { type: ResponseType.GET_WEIGHTS }
    case CallType.GET_QUOTA:
      return { type: ResponseType.GET_QUOTA, getQuota: { status: {} } }
    case CallType.GET_MAINTENANCE_SCHEDULE:
      return { type: ResponseType.GET_MAINTENANCE_SCHEDULE, getMaintenanceSchedule: { schedule: {} } }
    case CallType.GET_MAINTENANCE_STATUS:
      return { type: ResponseType.GET_MAINTENANCE_STATUS, getMaintenanceStatus: { status: {} } }
    default:
      throw MasterErrors.CALL_UNSUPPORTED({ type: typeName(type) })
  }
}

/** Row 3-013. */
async function listFiles({ files }: ApiContext, path: string): Promise<Response> {
  const entries = await files.browse(path)
  const fileInfos = entries.map(({ path: at, nlink, size, mtimeSeconds, mode, uid, gid }) => ({
    path: at,
    nlink,
    size: BigInt(size),
    mtime: { nanoseconds: BigInt(Math.floor(mtimeSeconds)) * 1_000_000_000n },
    mode,
    uid,
    gid,
  }))
  return { type: ResponseType.LIST_FILES, listFiles: { fileInfos } }
}

/** Row 3-014. */
async function readFile({ files }: ApiContext, { path, offset, length }: NonNullable<Call['readFile']>): Promise<Response> {
  const from = fileNumber('offset', Number(BigInt.asIntN(64, offset)))
  const { size, data } = await files.read(path, from, length === undefined ? undefined : Number(length))
  return { type: ResponseType.READ_FILE, readFile: { size: BigInt(size), data } }
}
