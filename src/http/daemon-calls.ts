import { type Call, CallType, type Response, ResponseType } from '#wire/master.js'
import type { FileInfo } from '#wire/mesos.js'
import type { DaemonParts } from './daemon-routes.js'
import { versionInfo } from './daemon-routes.js'
import { HttpErrors } from './errors.js'
import type { FileEntry, Files } from './files.js'
import { fileNumber } from './files-routes.js'

/** Calls and responses 1 to 8, which have the same numbers and shapes on master and agent (3-008 to 3-014, 3-045). */
export type DaemonCall = Pick<Call, 'type' | 'getMetrics' | 'setLoggingLevel' | 'listFiles' | 'readFile'>
export type DaemonResponse = Pick<
  Response,
  'type' | 'getHealth' | 'getFlags' | 'getVersion' | 'getMetrics' | 'getLoggingLevel' | 'listFiles' | 'readFile'
>

/** What a call must carry to be one. */
const BODIES = {
  [CallType.GET_METRICS]: ['getMetrics', 'get_metrics'],
  [CallType.SET_LOGGING_LEVEL]: ['setLoggingLevel', 'set_logging_level'],
  [CallType.LIST_FILES]: ['listFiles', 'list_files'],
  [CallType.READ_FILE]: ['readFile', 'read_file'],
} as const

/**
 * The answer to a call that every daemon answers alike; `'done'` where it has none (200 without body), `undefined` when the call is another.
 * `kind` stands in sentences: `master::Call`.
 */
export async function answerDaemonCall(
  parts: DaemonParts,
  call: DaemonCall,
  kind: string,
): Promise<DaemonResponse | 'done' | undefined> {
  const body = BODIES[call.type as keyof typeof BODIES]
  if (body && call[body[0]] === undefined) throw HttpErrors.CALL_INVALID({ kind, why: `Expecting '${body[1]}' to be present` })
  switch (call.type) {
    case CallType.GET_HEALTH:
      return { type: ResponseType.GET_HEALTH, getHealth: { healthy: true } }
    case CallType.GET_FLAGS:
      return { type: ResponseType.GET_FLAGS, getFlags: { flags: parts.flags.map(([name, value]) => ({ name, value })) } }
    case CallType.GET_VERSION:
      return { type: ResponseType.GET_VERSION, getVersion: { versionInfo } }
    case CallType.GET_METRICS:
      return {
        type: ResponseType.GET_METRICS,
        getMetrics: { metrics: parts.metrics.snapshot().map(([name, value]) => ({ name, value })) },
      }
    case CallType.GET_LOGGING_LEVEL:
      return { type: ResponseType.GET_LOGGING_LEVEL, getLoggingLevel: { level: parts.verbosity.level } }
    case CallType.SET_LOGGING_LEVEL:
      return setLoggingLevel(parts, call.setLoggingLevel!)
    case CallType.LIST_FILES:
      return {
        type: ResponseType.LIST_FILES,
        listFiles: { fileInfos: (await parts.files.browse(call.listFiles!.path)).map(fileInfo) },
      }
    case CallType.READ_FILE:
      return { type: ResponseType.READ_FILE, readFile: await readFile(parts.files, call.readFile!) }
    default:
      return undefined
  }
}

function setLoggingLevel({ verbosity }: DaemonParts, { level, duration }: NonNullable<Call['setLoggingLevel']>): 'done' {
  // The field is unsigned in JSON and wraps in protobuf: what no daemon has is refused alike.
  if (level < 0) throw HttpErrors.LEVEL_NEGATIVE({ level })
  verbosity.raise(level, Number(duration.nanoseconds) / 1e6)
  return 'done'
}

async function readFile(
  files: Files,
  { path, offset, length }: NonNullable<Call['readFile']>,
): Promise<NonNullable<Response['readFile']>> {
  const most = length === undefined ? undefined : fileNumber('length', Number(length))
  const part = await files.read(path, fileNumber('offset', Number(offset)), most)
  return { size: BigInt(part.size), data: part.data }
}

const fileInfo = (entry: FileEntry): FileInfo => ({
  path: entry.path,
  nlink: entry.nlink,
  size: BigInt(entry.size),
  mtime: { nanoseconds: BigInt(entry.mtimeSeconds) * 1_000_000_000n },
  mode: entry.mode,
  uid: entry.uid,
  gid: entry.gid,
})
