import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Clock, systemClock } from '#base/clock.js'
import { flagTexts } from '#base/flags.js'
import type { Log } from '#base/log.js'
import { Random } from '#base/random.js'
import { Verbosity } from '#base/verbosity.js'
import { routeDaemon } from '#http/daemon-routes.js'
import { Files } from '#http/files.js'
import { createServer } from '#http/server.js'
import { EmbeddedStore } from '#store/embedded.js'
import { MemoryStore } from '#store/memory.js'
import type { Store } from '#store/store.js'
import { routeAgentLink } from './api/agent-link.js'
import { routeLegacy } from './api/legacy/routes.js'
import { routeOperator } from './api/operator.js'
import { routeScheduler } from './api/scheduler.js'
import { MasterCore } from './core/step.js'
import { MasterErrors } from './errors.js'
import { type MasterFlags, masterFlags } from './flags.js'
import { masterInfo } from './identity.js'
import { MasterMetrics } from './metrics.js'
import { Registrar } from './registrar.js'
import { MasterRunner } from './runner.js'
import { settingsFrom } from './settings-from-flags.js'

export interface MasterParts {
  readonly log: Log
  readonly clock?: Clock
  /** Instead of the one below `--work_dir`; stays the caller's to close. */
  readonly store?: Store
  /** Sets how much is logged, from 0 on (rows 3-012, 3-083). */
  readonly setVerbosity?: (level: number) => void
  /** The file of the log, shown as `/master/log`. */
  readonly logFile?: string
}

export interface Master {
  /** Such as `http://127.0.0.1:5050`. */
  readonly url: string
  /** Idempotent. Tasks run on. */
  close(): Promise<void>
}

/** Resolves when the master leads and answers. */
export async function startMaster(flags: MasterFlags, parts: MasterParts): Promise<Master> {
  const { log, clock = systemClock } = parts
  const metrics = new MasterMetrics(clock)
  const store = parts.store ?? openStore(flags)
  const registrar = new Registrar({ store, metrics, log, clock })
  const random = new Random(seed())
  const core = new MasterCore(settingsFrom(flags, await masterInfo(flags, random)), random)
  const runner = new MasterRunner({ core, registrar, clock, log, metrics, maxWatchers: flags.maxOperatorEventStreamSubscribers })
  metrics.attach({
    cluster: core.cluster,
    now: () => clock.now(),
    subscribers: () => runner.watchers,
    perFramework: flags.publishPerFrameworkMetrics,
  })
  const files = new Files()
  const logFile = flags.externalLogFile ?? parts.logFile
  if (logFile !== undefined) files.attach(logFile, '/master/log')
  const verbosity = new Verbosity(parts.setVerbosity ?? (() => {}), clock)
  const texts = flagTexts(masterFlags, flags)
  const startedAt = clock.now()
  const api = { runner, cluster: core.cluster, metrics, files, verbosity, flags: texts, startedAt }

  const server = createServer({ prefix: 'master', log })
  routeDaemon(server, { metrics, files, verbosity, flags: texts })
  routeScheduler(server, api)
  routeAgentLink(server, api)
  routeOperator(server, api)
  routeLegacy(server, api)

  const registry = await registrar.read()
  const port = await server.listen({ ip: flags.ip, port: flags.port })
  const { master } = core.cluster.settings
  master.port = flags.advertisePort ?? port
  master.pid = `master@${master.address?.ip}:${master.port}`
  if (master.address) master.address.port = master.port
  runner.feed({ is: 'recovered', registry })
  log.info(
    { id: master.id, ip: flags.ip, port, agents: registry.agents.length, frameworks: registry.frameworks.length },
    'the master leads',
  )

  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    runner.close()
    verbosity.close()
    await server.close()
    await registrar.close()
    if (!parts.store) await store.close()
  }
  return {
    url: `http://${flags.ip.includes(':') ? `[${flags.ip}]` : flags.ip}:${port}`,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

function openStore(flags: MasterFlags): Store {
  if (flags.registry === 'in_memory') return new MemoryStore()
  if (flags.workDir === undefined) throw MasterErrors.WORK_DIR_MISSING({})
  return new EmbeddedStore({ path: join(flags.workDir, 'registry') })
}

/** Ids and stream ids must not be guessed: all of the generator's state comes from the system. */
function seed(): [number, number, number, number] {
  const bytes = randomBytes(16)
  return [bytes.readInt32LE(0), bytes.readInt32LE(4), bytes.readInt32LE(8), bytes.readInt32LE(12)]
}
