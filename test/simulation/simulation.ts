import type { AgentConfig } from '#agent/core/config.js'
import { Random } from '#base/random.js'
import type { MasterSettings } from '#master/core/settings.js'
import { type AgentInfo, ValueType } from '#wire/mesos.js'
import { agentConfig, masterSettings } from '../support/core-settings.js'
import { calm, Network, type Weather } from './network.js'
import { Observer } from './observer.js'
import { SimulatedAgent } from './simulated-agent.js'
import { SimulatedFramework } from './simulated-framework.js'
import { SimulatedMaster } from './simulated-master.js'
import { Trace } from './trace.js'
import { VirtualTime } from './virtual-time.js'

export interface Outcome {
  readonly seed: number
  readonly violations: readonly string[]
  readonly tasks: number
  readonly updates: number
  readonly faults: number
  /** Virtual seconds from start to rest. */
  readonly seconds: number
}

export interface Options {
  readonly agents?: number
  readonly tasks?: number
  /** Virtual seconds during which things go wrong. */
  readonly chaos?: number
  readonly trace?: (line: string) => void
}

const START = Date.UTC(2026, 0, 1)
const AGENT_CPUS = 4
/** What a command task gets at least (row 2-030 adds to it; the master counts only this). */
const CPUS_PER_TASK = 0.5
const PATIENCE = 3_600_000
const FAILOVER_SECONDS = 3600

const settings = (incarnation: number): MasterSettings => ({
  ...masterSettings,
  master: { id: `master-${incarnation}`, ip: 0x0100007f, port: 5050, hostname: 'master', version: '1.12.0' },
  agentPingTimeout: 2000,
  offerTimeout: 30_000,
})

const agentConfigOf = (index: number): AgentConfig => ({
  ...agentConfig,
  workDirectory: `/work/${index}`,
  port: 5051 + index,
})

const agentInfo = (index: number): AgentInfo => ({
  hostname: `host-${index}`,
  port: 5051 + index,
  resources: [
    { name: 'cpus', type: ValueType.SCALAR, scalar: { value: AGENT_CPUS } },
    { name: 'mem', type: ValueType.SCALAR, scalar: { value: 1024 } },
  ],
})

interface Party {
  readonly alive: boolean
  start(): void
  crash(): void
}

/** One virtual cluster, from a seed to a verdict: the same seed gives the same run, event by event. */
export function simulate(seed: number, options: Options = {}): Outcome {
  const random = new Random(seed)
  const time = new VirtualTime(START)
  const trace = new Trace(time, options.trace)
  const network = new Network(time, random, calm)
  const seedOf = (): Random => new Random(random.bits())
  const master = new SimulatedMaster({ time, random, settings, seedOf, trace })
  const agents = Array.from(
    { length: options.agents ?? 3 },
    (_, index) =>
      new SimulatedAgent({
        name: `agent ${index}`,
        info: agentInfo(index),
        config: agentConfigOf(index),
        time,
        random,
        network,
        master,
        trace,
      }),
  )
  const goal = options.tasks ?? 30
  const framework = new SimulatedFramework({ time, random, network, master, trace, goal, failoverTimeout: FAILOVER_SECONDS })
  const observer = new Observer({ master, agents, framework, agentCpus: AGENT_CPUS, cpusPerTask: CPUS_PER_TASK })
  const parties: Party[] = [master, ...agents, framework]
  for (const party of parties) party.start()

  const faults = { count: 0, over: false }
  const misfortune = new Misfortune(time, random, network, faults)
  misfortune.plague(master, 12_000, () => master.crash())
  for (const agent of agents) misfortune.plague(agent, 10_000, () => (random.next() < 0.2 ? agent.reboot() : agent.crash()))
  misfortune.plague(framework, 12_000, () => framework.crash())
  misfortune.changeWeather()

  const end = START + (options.chaos ?? 90) * 1000
  const watched = watching(time, observer)
  time.runUntil(end)
  faults.over = true
  network.weather = calm
  for (const party of parties) if (!party.alive) party.start()
  trace.note('faults are over', {})
  time.runUntil(end + PATIENCE, () => framework.done && time.now() > end + 1000)
  // The last acknowledgements travel, the last containers are removed.
  time.runUntil(time.now() + 60_000)
  watched.stop()
  observer.judge()
  return {
    seed,
    violations: observer.violations,
    tasks: framework.disk.tasks.size,
    updates: framework.heard.length,
    faults: faults.count,
    seconds: (time.now() - START) / 1000,
  }
}

/** Looks at the cluster ten times a virtual second. */
function watching(time: VirtualTime, observer: Observer): { stop(): void } {
  const state = { stopped: false }
  const look = (): void => {
    if (state.stopped) return
    observer.watch()
    time.after(100, look)
  }
  look()
  return {
    stop: () => {
      state.stopped = true
    },
  }
}

class Misfortune {
  private readonly time: VirtualTime
  private readonly random: Random
  private readonly network: Network
  private readonly faults: { count: number; over: boolean }

  constructor(time: VirtualTime, random: Random, network: Network, faults: { count: number; over: boolean }) {
    this.time = time
    this.random = random
    this.network = network
    this.faults = faults
  }

  /** Kills the party every so often, and brings it back after a while. */
  plague(party: Party, meanBetween: number, kill: () => void): void {
    this.time.after(this.random.next() * 2 * meanBetween, () => {
      if (this.faults.over) return
      if (party.alive) {
        this.faults.count++
        kill()
        this.time.after(this.random.next() ** 2 * 8000, () => {
          if (!party.alive && !this.faults.over) party.start()
        })
      }
      this.plague(party, meanBetween, kill)
    })
  }

  changeWeather(): void {
    this.time.after(1000 + this.random.next() * 10_000, () => {
      if (this.faults.over) return
      this.network.weather = this.weather()
      this.faults.count++
      this.changeWeather()
    })
  }

  private weather(): Weather {
    if (this.random.next() < 0.3) return calm
    return {
      longestDelay: this.random.next() ** 2 * 1500,
      loss: this.random.next() ** 2 * 0.1,
      duplication: this.random.next() * 0.3,
    }
  }
}
