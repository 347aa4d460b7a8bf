import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon } from '../support/daemon.js'
import { freePort } from '../support/free-port.js'
import { nothingLeft } from '../support/leaks.js'
import { until } from '../support/waiting.js'
import { CpuGroup } from './cpu-group.js'
import { OneScheduler } from './one-scheduler.js'
import type { Workplace } from './workplace.js'

const MESETA = join(process.cwd(), 'dist/bin/meseta.js')
/** Room for a thousand tasks: what a task asks for is a limit, nothing is used up. */
const RESOURCES = 'cpus:1000;mem:262144;disk:262144;ports:[31000-32000]'
const STARTUP_SECONDS = 30
const PATIENCE_MS = 60_000

/** One master and one agent as processes of their own, and one scheduler here. */
export class Cluster {
  /** Counts daemons, supervisors and tasks. */
  readonly group: CpuGroup
  readonly scheduler: OneScheduler
  readonly master: Daemon
  private currentAgent: Daemon
  private readonly directory: string
  private readonly runtime: string
  private readonly ports: { master: number; agent: number }

  private constructor(place: Workplace, name: string, ports: { master: number; agent: number }) {
    this.directory = join(place.directory, name)
    this.runtime = join(place.memory, name)
    mkdirSync(this.directory)
    this.ports = ports
    this.group = new CpuGroup(`cluster-${name}`)
    this.master = this.daemon('master', [`--port=${ports.master}`, '--allocation_interval=50ms'])
    this.currentAgent = this.startAgent()
    this.scheduler = new OneScheduler(`http://127.0.0.1:${ports.master}`)
  }

  static async start(place: Workplace, name: string): Promise<Cluster> {
    const cluster = new Cluster(place, name, { master: await freePort(), agent: await freePort() })
    await cluster.registered()
    return cluster
  }

  get agent(): Daemon {
    return this.currentAgent
  }

  get agentUrl(): string {
    return `http://127.0.0.1:${this.ports.agent}`
  }

  startAgent(): Daemon {
    this.currentAgent = this.daemon('agent', [
      `--port=${this.ports.agent}`,
      `--master=127.0.0.1:${this.ports.master}`,
      `--runtime_dir=${this.runtime}`,
      `--cgroups_root=${this.group.path.slice(1)}/containers`,
      `--resources=${RESOURCES}`,
    ])
    return this.currentAgent
  }

  /** Until the agent says that the master has taken it. */
  async registered(): Promise<void> {
    const url = `${this.agentUrl}/metrics/snapshot`
    const isRegistered = async () => ((await (await fetch(url)).json()) as Record<string, number>)['slave/registered'] === 1
    const done = await until(isRegistered, STARTUP_SECONDS, 0.005)
    if (!done) throw new Error(`the agent does not register: ${this.agent.lastWords()}`)
  }

  /** Ends all tasks, then the daemons. Their directories stay, since removing them would disturb what is measured next. */
  async end(): Promise<void> {
    try {
      await this.scheduler.end()
      await this.containersGone()
    } finally {
      for (const daemon of [this.agent, this.master]) await daemon.end('SIGTERM', 10)
      this.group.remove()
    }
  }

  private async containersGone(): Promise<void> {
    await nothingLeft({ directories: [], cgroupsRoot: `${this.group.path.slice(1)}/containers` }, [], PATIENCE_MS)
  }

  private daemon(which: 'master' | 'agent', flags: readonly string[]): Daemon {
    const command = this.group.wrap([process.execPath, MESETA, which, '--ip=127.0.0.1', `--work_dir=${this.directory}/${which}`])
    return new Daemon(command, flags, join(this.directory, `${which}.log`), {})
  }
}
