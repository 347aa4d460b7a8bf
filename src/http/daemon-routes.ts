import { cpus, freemem, loadavg, totalmem } from 'node:os'
import { parseDuration } from '#base/duration.js'
import type { Metrics } from '#base/metrics.js'
import type { Verbosity } from '#base/verbosity.js'
import { MESETA_VERSION, MESOS_VERSION, RELEASED } from '#base/version.js'
import { doubleText } from '#wire/json-writer.js'
import type { VersionInfo } from '#wire/mesos.js'
import { type Answer, empty, json, type Request, text } from './answer.js'
import { HttpErrors } from './errors.js'
import type { Files } from './files.js'
import { routeFiles } from './files-routes.js'
import type { Server } from './server.js'

export interface DaemonParts {
  metrics: Metrics
  files: Files
  verbosity: Verbosity
  /** Name and text of every flag that has a value. */
  flags: readonly (readonly [name: string, text: string])[]
}

/** What master and agent answer alike, whether they lead or not (3-002, 3-078 to 3-084). */
export function routeDaemon(server: Server, { metrics, files, verbosity, flags }: DaemonParts): void {
  const alone = { prefixed: false }
  const flagsText = JSON.stringify({ flags: Object.fromEntries(flags) })
  addSystemMetrics(metrics)
  server.route('/health', () => empty(200))
  server.route('/flags', (request) => json(request, flagsText))
  server.route('/version', (request) => json(request, versionText()), alone)
  server.route('/metrics/snapshot', (request) => metricsSnapshot(metrics, request), alone)
  server.route('/logging/toggle', (request) => toggle(verbosity, request), alone)
  server.route('/system/stats.json', (request) => json(request, systemStatistics()), alone)
  routeFiles(server, files)
}

export const versionInfo: VersionInfo = {
  version: MESOS_VERSION,
  buildDate: RELEASED.date,
  buildTime: RELEASED.seconds,
  buildUser: '',
  gitTag: `meseta-${MESETA_VERSION}`,
}

function versionText(): string {
  const { version, buildDate, buildTime, buildUser, gitTag } = versionInfo
  const texts = { build_date: buildDate, build_user: buildUser, git_tag: gitTag, version }
  return `${JSON.stringify(texts).slice(0, -1)},"build_time":${doubleText(buildTime!)}}`
}

function metricsSnapshot(metrics: Metrics, request: Request): Answer {
  const { timeout } = request.query
  if (timeout !== undefined && parseDuration(timeout) === undefined)
    return text(400, `timeout '${timeout}' is not a duration such as 5secs`)
  return json(request, numbers(metrics.snapshot()))
}

/** `{"name":1.0}`: doubles keep their point, as Mesos writes them. */
function numbers(values: Iterable<readonly [name: string, value: number]>): string {
  return `{${Array.from(values, ([name, value]) => `${JSON.stringify(name)}:${doubleText(value)}`).join(',')}}`
}

function toggle(verbosity: Verbosity, request: Request): Answer {
  const { level, duration } = request.query
  if (level === undefined && duration === undefined) return text(200, `${verbosity.level}\n`)
  if (level === undefined) throw HttpErrors.TOGGLE_FIELD_MISSING({ field: 'level' })
  if (duration === undefined) throw HttpErrors.TOGGLE_FIELD_MISSING({ field: 'duration' })
  if (!/^-?\d{1,9}$/.test(level)) throw HttpErrors.TOGGLE_INVALID({ value: level })
  const milliseconds = parseDuration(duration)
  if (milliseconds === undefined) throw HttpErrors.TOGGLE_INVALID({ value: duration })
  if (Number(level) < 0) throw HttpErrors.LEVEL_NEGATIVE({ level: Number(level) })
  verbosity.raise(Number(level), milliseconds)
  return empty(200)
}

/** Here whole numbers are written as such. */
function systemStatistics(): string {
  const [one, five, fifteen] = loadavg().map(doubleText)
  const whole = JSON.stringify({ cpus_total: cpus().length, mem_free_bytes: freemem(), mem_total_bytes: totalmem() })
  return `{"avg_load_15min":${fifteen},"avg_load_1min":${one},"avg_load_5min":${five},${whole.slice(1)}`
}

function addSystemMetrics(metrics: Metrics): void {
  const total = cpus().length
  metrics.gauge('system/cpus_total', () => total)
  metrics.gauge('system/load_1min', () => loadavg()[0])
  metrics.gauge('system/load_5min', () => loadavg()[1])
  metrics.gauge('system/load_15min', () => loadavg()[2])
  metrics.gauge('system/mem_free_bytes', freemem)
  metrics.gauge('system/mem_total_bytes', totalmem)
}
