import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Bundle, bundle } from '../../support/bundle.js'
import { Daemon } from '../../support/daemon.js'
import { freePort } from '../../support/free-port.js'
import { nothingLeft, type Scope } from '../../support/leaks.js'
import { removeEverything } from '../../support/leftovers.js'
import { until } from '../../support/waiting.js'
import { Judge } from './judge.js'
import type { Settings } from './scheduler-program.js'

export type Victim = 'master' | 'agent' | 'scheduler'

const MESETA = fileURLToPath(new URL('../../../dist/bin/meseta.js', import.meta.url))
const V1_CONTROLLERS = ['cpu', 'cpuacct', 'memory', 'pids', 'freezer', 'devices', 'blkio', 'cpuset']

/** One cluster of real programs with one scheduler, each of which can be killed and started again. */
export class Campaign {
  readonly judge: Judge
  readonly directory: string
  private readonly scope: Scope
  private readonly settings: Settings
  private readonly program: Bundle
  private readonly ports: { master: number; agent: number }
  private readonly daemons = new Map<Victim, Daemon>()

  private constructor(
    directory: string,
    ports: { master: number; agent: number },
    program: Bundle,
    tasks: { long: number; short: number },
  ) {
    this.directory = directory
    this.ports = ports
    this.program = program
    const marks = join(directory, 'marks')
    for (const path of [marks, join(directory, 'run')]) mkdirSync(path, { recursive: true, mode: 0o755 })
    this.settings = {
      master: `http://127.0.0.1:${ports.master}`,
      history: join(directory, 'history.jsonl'),
      marks,
      longTasks: tasks.long,
      shortTasks: tasks.short,
      drain: join(directory, 'drain'),
    }
    this.judge = new Judge(this.settings)
    const runs = join(directory, 'run', readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
    this.scope = { directories: [directory], cgroupsRoot: this.cgroupsRoot, transient: [runs] }
  }

  private static async begin(tasks: { long: number; short: number }): Promise<Campaign> {
    const directory = `/tmp/meseta-chaos-${randomBytes(4).toString('hex')}`
    mkdirSync(directory, { mode: 0o755 })
    const program = await bundle(new URL('./scheduler-program.ts', import.meta.url))
    return new Campaign(directory, { master: await freePort(), agent: await freePort() }, program, tasks)
  }

  /** Starts everything, runs `fight`, ends everything. When it was won nothing may be left; when it was lost, that reason counts, and all is swept away. */
  static async run<T>(tasks: { long: number; short: number }, fight: (campaign: Campaign) => Promise<T>): Promise<T> {
    const campaign = await Campaign.begin(tasks)
    try {
      for (const victim of ['master', 'agent', 'scheduler'] as const) campaign.start(victim)
      const result = await fight(campaign)
      await campaign.end('SIGTERM')
      await nothingLeft(campaign.scope)
      return result
    } finally {
      await campaign.end('SIGKILL')
      await campaign.sweep()
    }
  }

  private get cgroupsRoot(): string {
    return this.directory.slice('/tmp/'.length)
  }

  /** `fault` as in MESETA_FAULT. */
  start(victim: Victim, fault = ''): void {
    const { directory, ports } = this
    const common = { ...this.program.env, MESETA_FAULT: fault }
    const log = join(directory, `${victim}.log`)
    if (victim === 'scheduler') {
      this.daemons.set(victim, new Daemon([process.execPath], [this.program.file, JSON.stringify(this.settings)], log, common))
      return
    }
    const flags =
      victim === 'master'
        ? [`--port=${ports.master}`, `--work_dir=${directory}/master`, '--allocation_interval=100ms']
        : [
            `--port=${ports.agent}`,
            `--master=127.0.0.1:${ports.master}`,
            `--work_dir=${directory}/agent`,
            `--runtime_dir=${directory}/run`,
            `--cgroups_root=${this.cgroupsRoot}`,
            '--resources=cpus:8;mem:8192;disk:8192;ports:[31000-32000]',
          ]
    this.daemons.set(victim, new Daemon([process.execPath], [MESETA, victim, '--ip=127.0.0.1', ...flags], log, common))
  }

  async kill(victim: Victim): Promise<void> {
    const daemon = this.daemons.get(victim)
    daemon?.signal('SIGKILL')
    await until(() => daemon?.isDead, 10)
  }

  hasDied(victim: Victim): boolean {
    return this.daemons.get(victim)?.isDead ?? true
  }

  lastWords(victim: Victim): string {
    return this.daemons.get(victim)?.lastWords() ?? ''
  }

  /** Waits until so many long tasks run. */
  async allRun(seconds = 60): Promise<void> {
    const { longTasks } = this.settings
    const run = await until(
      () => this.judge.running().filter((task) => Number(task.slice(1)) < longTasks).length === longTasks,
      seconds,
      0.2,
    )
    if (!run) throw new Error(`only ${this.judge.running().length} of ${longTasks} tasks run: ${this.lastWords('agent')}`)
  }

  /** From now on the scheduler wants everything to end. */
  requestDrain(): void {
    writeFileSync(this.settings.drain, '')
  }

  /** Everything is asked to end, and is heard to have ended. */
  async drain(seconds = 120): Promise<void> {
    this.requestDrain()
    if (await until(() => this.judge.drained, seconds, 0.2)) return
    throw new Error(`tasks that do not end: ${this.judge.open().join(', ')}: ${this.lastWords('agent')}`)
  }

  /** Nothing may be left while the daemons still live: that is what their own clean-up promises (I7). */
  async nothingLeft(): Promise<void> {
    await nothingLeft({ ...this.scope, directories: [join(this.directory, 'agent', 'slaves')] }, [], 20_000)
  }

  private async end(how: NodeJS.Signals): Promise<void> {
    for (const daemon of this.daemons.values()) await daemon.end(how, 5)
  }

  private async sweep(): Promise<void> {
    await removeEverything(this.directory)
    for (const controller of V1_CONTROLLERS) removeCgroup(`/sys/fs/cgroup/${controller}/${this.cgroupsRoot}`)
    await this.program.dispose()
  }
}

function removeCgroup(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
