import { type Clock, systemClock } from '#base/clock.js'
import type { Log } from '#base/log.js'
import { Metrics } from '#base/metrics.js'
import { Verbosity } from '#base/verbosity.js'
import type { Containerizer } from '#containerizer/containerizer.js'
import { fetcherOf } from '#containerizer/fetcher/create.js'
import type { ImageStore } from '#containerizer/images/image-store.js'
import { createMesosContainerizer } from '#containerizer/mesos-containerizer.js'
import type { Archives } from '#host/archives.js'
import type { Host } from '#host/host.js'
import { Files } from '#http/files.js'
import type { Proxies } from '#http/proxy.js'
import { createServer, type Server } from '#http/server.js'
import type { Agent } from './core/state.js'
import type { AgentFlags } from './flags.js'
import { openImages } from './images.js'
import { sandboxFinder } from './sandboxes.js'
import type { Shell } from './shell.js'

export interface AgentDependencies {
  host: Host
  log: Log
  clock?: Clock
  /** Without it there are no images. */
  archives?: Archives
  /** On the way to registries. */
  proxies?: Proxies
  /** Instead of Mesos' containerizer over `host`. */
  containerizer?: Containerizer
}

/** What an agent is made of. All of it is there before the agent knows who it is; nothing of it acts until then. */
export interface Parts {
  readonly flags: AgentFlags
  readonly host: Host
  readonly log: Log
  readonly clock: Clock
  readonly startedAt: number
  readonly metrics: Metrics
  readonly verbosity: Verbosity
  readonly server: Server
  readonly files: Files
  readonly images: ImageStore | undefined
  readonly containerizer: Containerizer
  /** Filled in by the recovery; until then calls are answered with 503. */
  readonly service: { agent?: Agent; shell?: Shell }
}

export async function openParts(flags: AgentFlags, dependencies: AgentDependencies): Promise<Parts> {
  const { host, log, clock = systemClock, archives, proxies } = dependencies
  const { workDir } = flags
  const metrics = new Metrics(clock)
  const verbosity = new Verbosity((level) => log.info({ level }, 'the logging level was changed'), clock)
  const server = createServer({ prefix: 'slave(1)', log })
  const images = await openImages({ flags, host, archives, proxies, clock, log, metrics })
  const fetcher = fetcherOf(flags, { workDir, metrics, proxies })
  const containerizer = dependencies.containerizer ?? createMesosContainerizer({ host, flags, images, fetcher })
  for (const missing of containerizer.facts.missing) log.warn({}, missing)
  const service: Parts['service'] = {}
  const files = new Files(sandboxFinder(workDir, () => service.agent?.info.id?.value))
  return { flags, host, log, clock, startedAt: clock.now(), metrics, verbosity, server, files, images, containerizer, service }
}
