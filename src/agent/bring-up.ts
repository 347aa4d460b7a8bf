import { randomBytes } from 'node:crypto'
import { fault } from '#base/fault.js'
import { Random } from '#base/random.js'
import { probeDisk } from '#containerizer/disk/probe.js'
import { addressOf, urlOf } from './address.js'
import { agentConfig, describe } from './config-from-flags.js'
import { type Agent, createAgent } from './core/state.js'
import { Collector } from './gc/collector.js'
import { forgetIdentity, identityToKeep, type KnownIdentity, saveIdentity } from './identity.js'
import { Journal, readJournal } from './journal/journal.js'
import { routeAgentMetrics } from './metrics.js'
import type { Parts } from './parts.js'
import { journalFile } from './paths.js'
import { knownContainers, restore } from './recovery/restore.js'
import { snapshot } from './recovery/snapshot.js'
import { findSandboxes, type Sandbox, Sandboxes } from './sandboxes.js'
import { Shell } from './shell.js'

/** An agent that knows who it is, has what it had before, and looks for its master. */
interface Serving {
  readonly url: string
  readonly port: number
  readonly shell: Shell
  readonly collector: Collector
  readonly ended: Promise<string>
  leave(): void
}

type OpenJournal = (position: number) => Promise<Journal>

export async function bringUp(parts: Parts, port: number): Promise<Serving> {
  const { flags, host, log, clock, metrics, startedAt } = parts
  await probeDisk(parts.containerizer.facts.isolation, host, flags.workDir)
  const known = await identityToKeep(flags, await describe(flags, host, port), host.facts.bootId)
  const agent = createAgent(agentConfig(flags, port), known.info, productionRandom())
  parts.service.agent = agent
  let end: (why: string) => void = () => {}
  const ended = new Promise<string>((keep) => {
    end = keep
  })
  const openJournal: OpenJournal = (position) => {
    const path = journalFile(flags.workDir, agent.info.id!.value)
    return Journal.open({ path, snapshot: () => snapshot(agent), onFailure: (why) => end(why.message), clock }, position)
  }
  const sandboxes = new Sandboxes(parts.files, log)
  const collector = collectorOf(parts)
  const shell = shellOf({ ...parts, agent, sandboxes, collector, openJournal, end })
  parts.service.shell = shell
  await recover(parts, agent, shell, known, openJournal)
  adopt(agent, await findSandboxes(flags.workDir), sandboxes, collector)
  routeAgentMetrics(metrics, agent, { clock, startedAt, recoveredAt: clock.now() })
  collector.start()
  return { url: urlOf(addressOf(flags), port), port, shell, collector, ended, leave: () => shell.feed({ on: 'leave' }) }
}

function collectorOf({ flags, host, clock, log, metrics }: Parts): Collector {
  return new Collector({
    workDirectory: flags.workDir,
    delay: flags.gcDelay,
    headroom: flags.gcDiskHeadroom,
    interval: flags.diskWatchInterval,
    removeTree: (path) => host.removeTree(path),
    clock,
    log,
    metrics,
  })
}

interface ShellNeeds extends Parts {
  readonly agent: Agent
  readonly sandboxes: Sandboxes
  readonly collector: Collector
  readonly openJournal: OpenJournal
  /** The process is to end, for this reason. */
  readonly end: (why: string) => void
}

function shellOf({ flags, host, agent, sandboxes, collector, openJournal, end, ...parts }: ShellNeeds): Shell {
  return new Shell({
    agent,
    containerizer: parts.containerizer,
    master: flags.master,
    sandboxes,
    clock: parts.clock,
    log: parts.log,
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
}

/** Reads what the agent before this one knew, finds its containers and goes into service. */
async function recover(
  { flags, host, log, containerizer }: Parts,
  agent: Agent,
  shell: Shell,
  known: KnownIdentity,
  openJournal: OpenJournal,
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
