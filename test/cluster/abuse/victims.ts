import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Daemon } from '../../support/daemon.js'
import { type Asked, ask, type Told } from '../../support/plain-http.js'
import { RealMachine } from '../../support/real-machine.js'
import { framework, JsonScheduler } from '../../support/test-scheduler.js'
import { until } from '../../support/waiting.js'

export const MESETA = fileURLToPath(new URL('../../../dist/bin/meseta.js', import.meta.url))
const json = { 'Content-Type': 'application/json', Accept: 'application/json' }

/** What a daemon may hold more than at its start once all that was asked is over, in MiB: its heap is not given back at once. */
const GROWTH = 700
/** How long a daemon that is well may need for /health, in milliseconds. */
const PROMPT = 1000
/** How long it may have to do with what was asked before, in seconds; the machine is shared. */
const PATIENCE = 15

/** A master and an agent as processes, which nothing that a client sends may end. */
export class Victims {
  readonly machine: RealMachine
  readonly master: Victim
  readonly agent: Victim

  private constructor(machine: RealMachine, master: Victim, agent: Victim) {
    this.machine = machine
    this.master = master
    this.agent = agent
  }

  static async begin(flags: { master?: readonly string[]; agent?: readonly string[] } = {}): Promise<Victims> {
    const machine = await RealMachine.prepare()
    const { directory, runtimeDir, cgroupsRoot } = machine
    const master = await Victim.start('master', join(directory, 'master.log'), [
      `--work_dir=${join(directory, 'master')}`,
      '--allocation_interval=50ms',
      ...(flags.master ?? []),
    ])
    const agent = await Victim.start('agent', join(directory, 'agent.log'), [
      `--master=${new URL(master.url).host}`,
      `--work_dir=${join(directory, 'agent')}`,
      `--runtime_dir=${runtimeDir}`,
      `--cgroups_root=${cgroupsRoot}`,
      '--resources=cpus:64;mem:65536;disk:100000;ports:[31000-32000]',
      ...(flags.agent ?? []),
    ])
    await until(async () => (await master.read('/slaves')).includes('"active":true'), 30)
    return new Victims(machine, master, agent)
  }

  get both(): readonly Victim[] {
    return [this.master, this.agent]
  }

  scheduler(changes: object = {}, id?: string): Promise<JsonScheduler> {
    return JsonScheduler.subscribe(this.master.url, { ...framework, failover_timeout: 0, ...changes }, id)
  }

  /** Same processes, prompt, of bounded size, and without a defect in their logs. */
  async areWell(): Promise<void> {
    for (const victim of this.both) await victim.isWell()
  }

  /** Throws when they are not well, or when the machine is not as it was. */
  async end(): Promise<void> {
    try {
      await this.areWell()
    } finally {
      for (const victim of [this.agent, this.master]) await victim.daemon.end('SIGTERM', 20)
      await this.machine.dispose()
    }
  }
}

export class Victim {
  readonly name: string
  readonly url: string
  readonly daemon: Daemon
  private readonly log: string
  private readonly residentAtStart: number

  private constructor(name: string, url: string, daemon: Daemon, log: string) {
    this.name = name
    this.url = url
    this.daemon = daemon
    this.log = log
    this.residentAtStart = this.resident
  }

  static async start(name: string, log: string, flags: readonly string[]): Promise<Victim> {
    const daemon = new Daemon([process.execPath, MESETA], [name, '--port=0', ...flags], log, {})
    const found = await until(() => /url=(http:\/\/127\.0\.0\.1:\d+)/.exec(readFileSync(log, 'utf8')), 60)
    if (!found?.[1]) throw new Error(`the ${name} does not come up: ${daemon.lastWords()}`)
    return new Victim(name, found[1], daemon, log)
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  /** MiB in memory now. */
  get resident(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.daemon.pid}/status`, 'utf8'))?.[1]) / 1024
  }

  ask(asked: Asked): Promise<Told> {
    return ask(this.url, asked)
  }

  async read(path: string): Promise<string> {
    return (await this.ask({ method: 'GET', path })).body
  }

  post(path: string, body: object | string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Told> {
    const sent = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
    return this.ask({ path, headers: { ...json, ...headers }, body: sent })
  }

  /** Lines in which the daemon complains of itself. */
  get defects(): string[] {
    return readFileSync(this.log, 'utf8')
      .split('\n')
      .filter((line) => / ERROR |uncaught|for a reason of ours|FATAL|^\s+at .*:\d+:\d+/i.test(line))
  }

  async isWell(): Promise<void> {
    if (this.daemon.isDead) throw new Error(`the ${this.name} died: ${this.daemon.lastWords()}`)
    const prompt = await until(async () => (await this.healthTook()) < PROMPT, PATIENCE)
    if (!prompt) throw new Error(`the ${this.name} does not answer /health within ${PROMPT} ms`)
    const grown = await until(() => this.resident - this.residentAtStart < GROWTH, PATIENCE)
    if (!grown) throw new Error(`the ${this.name} grew from ${this.residentAtStart} to ${this.resident} MiB`)
    if (this.defects.length > 0) throw new Error(`the ${this.name} has defects:\n${this.defects.slice(0, 5).join('\n')}`)
  }

  private async healthTook(): Promise<number> {
    const began = performance.now()
    const { status } = await this.ask({ method: 'GET', path: '/health' })
    if (status !== 200) throw new Error(`the ${this.name} answers /health with ${status}`)
    return performance.now() - began
  }
}
