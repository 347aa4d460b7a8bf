import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Clock, systemClock } from '#base/clock.js'
import { fault } from '#base/fault.js'
import { flagTexts } from '#base/flags.js'
import type { Log } from '#base/log.js'
import { Metrics } from '#base/metrics.js'
import { Random } from '#base/random.js'
import { Verbosity } from '#base/verbosity.js'
import { MESOS_VERSION } from '#base/version.js'
import type { Containerizer } from '#containerizer/containerizer.js'
import { probeDisk } from '#containerizer/disk/probe.js'
import { fetcherOf } from '#containerizer/fetcher/create.js'
import { createMesosContainerizer } from '#containerizer/mesos-containerizer.js'
import type { Archives } from '#host/archives.js'
import type { Host } from '#host/host.js'
import { routeDaemon } from '#http/daemon-routes.js'
import { Files } from '#http/files.js'
import type { Proxies } from '#http/proxy.js'
import { createServer, type Server } from '#http/server.js'
import { parseAttributes } from '#model/attributes.js'
import type { AgentInfo } from '#wire/mesos.js'
import { addressOf, hostnameOf, urlOf } from './address.js'
import { executorEndpoint } from './api/executor-endpoint.js'
import { routeImages } from './api/images-endpoint.js'
import { routeOperatorApi } from './api/operator-endpoint.js'
import { routeState } from './api/state-endpoints.js'
import type { AgentConfig } from './core/config.js'
import { type Agent, createAgent } from './core/state.js'
import { AgentErrors } from './errors.js'
import { type AgentFlags, agentFlags } from './flags.js'
import { Collector } from './gc/collector.js'
import { agentResources } from './host-resources.js'
import { forgetIdentity, type Identity, readIdentity, reconfigured, saveIdentity } from './identity.js'
import { openImages } from './images.js'
import { Journal, readJournal } from './journal/journal.js'
import { routeAgentMetrics } from './metrics.js'
import { journalFile } from './paths.js'
import { knownContainers, restore } from './recovery/restore.js'
import { snapshot } from './recovery/snapshot.js'
import { findSandboxes, type Sandbox, Sandboxes, sandboxFinder } from './sandboxes.js'
import { Shell } from './shell.js'
import { lockWorkDirectory } from './work-dir-lock.js'

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

export interface RunningAgent {
  /** `http://127.0.0.1:5051` */
  readonly url: string
  readonly port: number
  /** Resolves when the agent wants its process to end by itself: the master or the operator sent it away. */
  readonly ended: Promise<string>
  /** Takes the agent out of the cluster: its tasks end, and `ended` follows (row 5-013). */
  leave(): void
  /** Ends the agent; containers run on. Idempotent. */
  close(): Promise<void>
}

/** Starts an agent and goes into service; resolves as soon as it recovered and answers, whether the master can be reached or not. */
export async function startAgent(given: AgentFlags, dependencies: AgentDependencies): Promise<RunningAgent> {
  const { host, log, clock = systemClock } = dependencies
  const flags = { ...given, workDir: resolve(given.workDir) }
  await mkdir(flags.workDir, { recursive: true, mode: 0o755 }).catch((error: Error) => {
    throw AgentErrors.WORK_DIR_UNUSABLE({ path: flags.workDir, why: error.message }, error)
  })
  const lock = await lockWorkDirectory(flags.workDir)
  const metrics = new Metrics(clock)
  const verbosity = new Verbosity((level) => log.info({ level }, 'the logging level was changed'), clock)
  const server = createServer({ prefix: 'slave(1)', log })
  const images = await openImages({
    flags,
    host,
    archives: dependencies.archives,
    proxies: dependencies.proxies,
    clock,
    log,
    metrics,
  })
  const fetcher = fetcherOf(flags, { workDir: flags.workDir, metrics, proxies: dependencies.proxies })
  const containerizer = dependencies.containerizer ?? createMesosContainerizer({ host, flags, images, fetcher })
  for (const missing of containerizer.facts.missing) log.warn({}, missing)

  const startedAt = clock.now()
  const service: { shell?: Shell; agent?: Agent } = {}
  const files = new Files(sandboxFinder(flags.workDir, () => service.agent?.info.id?.value))
  const current = (): Required<typeof service> => {
    if (!service.agent?.recovered || !service.shell) throw AgentErrors.RECOVERING({})
    return service as Required<typeof service>
  }
  const parts = { metrics, files, verbosity, flags: flagTexts(agentFlags, flags) }
  routeDaemon(server, parts)
  routeOperatorApi(server, parts, () => current().agent, containerizer)
  routeImages(server, { agent: () => current().agent, containerizer, clock })
  routeState(server, { agent: () => current().agent, containerizer, flags: parts.flags, startedAt })
  server.route(
    '/api/v1/executor',
    executorEndpoint({
      decide: (call, open) => current().shell.executorCall(call, open),
      openStream: (id, media) => current().shell.streams.open(id, media),
    }),
    { methods: ['POST'] },
  )
  try {
    return await bringUp(await server.listen({ ip: flags.ip, port: flags.port }))
  } catch (error) {
    await server.close()
    await images?.close()
    await lock.close()
    throw error
  }

  async function bringUp(port: number): Promise<RunningAgent> {
    await probeDisk(containerizer.facts.isolation, host, flags.workDir)
    const config = configOf(flags, port)
    const known = await identityToKeep(flags, await describe(flags, host, port), host)
    const agent = createAgent(config, known.info, productionRandom())
    service.agent = agent
    const sandboxes = new Sandboxes(files, log)
    const collector = new Collector({
      workDirectory: flags.workDir,
      delay: flags.gcDelay,
      headroom: flags.gcDiskHeadroom,
      interval: flags.diskWatchInterval,
      removeTree: (path) => host.removeTree(path),
      clock,
      log,
      metrics,
    })
    let end: (why: string) => void = () => {}
    const ended = new Promise<string>((keep) => {
      end = keep
    })
    const openJournal = (position: number): Promise<Journal> =>
      Journal.open(
        {
          path: journalFile(flags.workDir, agent.info.id!.value),
          snapshot: () => snapshot(agent),
          onFailure: (why) => end(why.message),
          clock,
        },
        position,
      )
    const shell = new Shell({
      agent,
      containerizer,
      master: flags.master,
      sandboxes,
      clock,
      log,
      async identify() {
        await saveIdentity(flags.workDir, { info: agent.info, bootId: host.facts.bootId })
        return openJournal(0)
      },
      retire: (sandbox) => {
        sandboxes.detach(sandbox.path)
        collector.schedule(sandbox)
      },
      exit: (why, forget) => {
        const forgotten = forget ? forgetIdentity(flags.workDir) : Promise.resolve()
        forgotten.then(
          () => end(why),
          (error) => end(`${why}; it could not be forgotten: ${error.message}`),
        )
      },
    })
    service.shell = shell
    await recover(agent, shell, known, openJournal)
    adopt(agent, await findSandboxes(flags.workDir), sandboxes, collector)
    routeAgentMetrics(metrics, agent, { clock, startedAt, recoveredAt: clock.now() })
    collector.start()
    return {
      url: urlOf(addressOf(flags), port),
      port,
      ended,
      leave: () => shell.feed({ on: 'leave' }),
      close: () => shutDown([shell, collector, verbosity, containerizer, lock], server),
    }
  }

  /** Reads what the agent before this one knew, finds its containers and goes into service. */
  async function recover(
    agent: Agent,
    shell: Shell,
    known: KnownIdentity,
    openJournal: (position: number) => Promise<Journal>,
  ): Promise<void> {
    const { id } = agent.info
    if (id) {
      const { records, end } = await readJournal(journalFile(flags.workDir, id.value), flags.strict)
      restore(agent, records)
      shell.useJournal(await openJournal(end))
    }
    fault('recovery.restored')
    const rebooted = known.bootId !== undefined && known.bootId !== host.facts.bootId
    const { live, ended, stuck, removal } = await containerizer.recover(rebooted ? [] : knownContainers(agent))
    void removal.then((sentences) => {
      for (const why of sentences) log.warn({ why }, 'what an earlier agent left could not be removed')
    })
    const attached = await Promise.all(
      live.map(async (container) => ({ id: container, status: await containerizer.status(container).catch(() => undefined) })),
    )
    fault('recovery.attached')
    shell.feed({ on: 'recovered', live: attached, rebooted })
    for (const container of [...live, ...ended]) shell.follow(container)
    for (const container of stuck) shell.destroy(container)
    if (id) await saveIdentity(flags.workDir, { info: agent.info, bootId: host.facts.bootId })
  }
}

type KnownIdentity = { info: AgentInfo; bootId: string | undefined }

/** The agent that was here, if it can go on with these flags; after a reboot nothing binds it, and it may come back as another (T15, T17). */
async function identityToKeep(flags: AgentFlags, info: AgentInfo, host: Host): Promise<KnownIdentity> {
  const known: Identity | undefined = await readIdentity(flags.workDir)
  if (!known) return { info, bootId: undefined }
  const what = reconfigured(known.info, info, flags.reconfigurationPolicy)
  if (what === undefined) return { info: { ...info, id: known.info.id }, bootId: known.bootId }
  if (known.bootId === host.facts.bootId) throw AgentErrors.RECONFIGURED({ what, policy: flags.reconfigurationPolicy })
  await forgetIdentity(flags.workDir)
  return { info, bootId: undefined }
}

/** Who this agent is, but for its id. */
async function describe(flags: AgentFlags, host: Host, port: number): Promise<AgentInfo> {
  const attributes = parseAttributes(flags.attributes)
  return {
    hostname: flags.hostname ?? (await hostnameOf(flags)),
    port: flags.advertisePort ?? port,
    resources: await agentResources(flags, host.facts),
    attributes: attributes.length ? attributes : undefined,
  }
}

function configOf(flags: AgentFlags, port: number): AgentConfig {
  return {
    workDirectory: flags.workDir,
    ip: addressOf(flags),
    port: flags.advertisePort ?? port,
    version: MESOS_VERSION,
    launcherDirectory: flags.launcherDir,
    executorEnvironment: executorVariables(flags.executorEnvironmentVariables),
    httpCommandExecutor: flags.httpCommandExecutor,
    executorRegistrationTimeout: flags.executorRegistrationTimeout,
    executorReregistrationTimeout: flags.executorReregistrationTimeout,
    executorShutdownGracePeriod: flags.executorShutdownGracePeriod,
    recoveryTimeout: flags.recoveryTimeout,
    registrationBackoffFactor: flags.registrationBackoffFactor,
    maxCompletedExecutorsPerFramework: flags.maxCompletedExecutorsPerFramework,
  }
}

function executorVariables(value: unknown): Record<string, string> | undefined {
  if (value === undefined) return undefined
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined
  if (!entries?.every(([, text]) => typeof text === 'string')) throw AgentErrors.EXECUTOR_VARIABLES_INVALID({})
  return Object.fromEntries(entries)
}

/** Sandboxes of runs that are over wait for their removal from now on, since nobody knows since when. */
function adopt(agent: Agent, found: readonly Sandbox[], sandboxes: Sandboxes, collector: Collector): void {
  const live = new Set([...agent.runs.values()].map((run) => run.sandbox))
  for (const sandbox of found) {
    if (live.has(sandbox.path)) sandboxes.attach(sandbox.path)
    else collector.schedule(sandbox)
  }
}

function productionRandom(): Random {
  const seed = randomBytes(16)
  return new Random([seed.readUInt32LE(0), seed.readUInt32LE(4), seed.readUInt32LE(8), seed.readUInt32LE(12)])
}

async function shutDown(parts: readonly { close(): unknown }[], server: Server): Promise<void> {
  await server.close()
  for (const part of parts) await part.close()
}
