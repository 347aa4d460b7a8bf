import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AgentImages } from '#sdk/agent.js'
import { Daemon } from '../support/daemon.js'
import { freePort } from '../support/free-port.js'
import { until } from '../support/waiting.js'
import type { CpuGroup } from './cpu-group.js'

const MESETA = join(process.cwd(), 'dist/bin/meseta.js')
const STARTUP_SECONDS = 30
const MEBIBYTE_IN_KIB = 1024

/** An agent with its store on a disk of its own, which is told to bring images. */
export class OurPuller {
  private readonly daemon: Daemon
  private readonly images: AgentImages

  private constructor(daemon: Daemon, images: AgentImages) {
    this.daemon = daemon
    this.images = images
  }

  static async start(disk: string, group: CpuGroup): Promise<OurPuller> {
    const port = await freePort()
    const directory = join(disk, 'agent')
    mkdirSync(directory)
    const flags = ['--ip=127.0.0.1', `--port=${port}`, `--work_dir=${directory}`, `--docker_store_dir=${disk}/store`]
    const cgroups = `--cgroups_root=${group.path.slice(1)}/containers`
    // No master is needed to bring images, and none is there.
    const nowhere = `--master=127.0.0.1:${await freePort()}`
    const command = group.wrap([process.execPath, MESETA, 'agent', ...flags, cgroups, nowhere, `--runtime_dir=${directory}/run`])
    const daemon = new Daemon(command, [], join(directory, 'log'), {})
    const images = new AgentImages(`http://127.0.0.1:${port}`)
    const up = await until(async () => (await images.list()) && true, STARTUP_SECONDS, 0.01)
    if (!up) throw new Error(`the agent does not answer: ${daemon.lastWords()}`)
    return new OurPuller(daemon, images)
  }

  async pull(name: string): Promise<void> {
    await this.images.pull({ name })
  }

  /** From now on `peakMib` counts anew. */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.daemon.pid}/clear_refs`, '5')
  }

  /** Most memory that the agent had. */
  peakMib(): number {
    return this.memory('VmHWM')
  }

  residentMib(): number {
    return this.memory('VmRSS')
  }

  async stop(): Promise<void> {
    await this.images.close()
    await this.daemon.end('SIGTERM', STARTUP_SECONDS)
  }

  private memory(what: string): number {
    const status = readFileSync(`/proc/${this.daemon.pid}/status`, 'utf8')
    return Number(new RegExp(`^${what}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / MEBIBYTE_IN_KIB
  }
}
