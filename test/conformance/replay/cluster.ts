/** One master and one agent (for some cases a second one) on free loopback ports, in a directory of their own. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Daemon } from '../../support/daemon.js'
import { freePort } from '../../support/free-port.js'
import { removeEverything } from '../../support/leftovers.js'
import { until } from '../../support/waiting.js'
import { RESOURCES, type Setup } from './exceptions.js'
import { send } from './http.js'
import { at, type Json, listAt, parseJson, textAt, writeJson } from './json.js'
import type { Place } from './names.js'
import { NotHere } from './outcome.js'
import type { PreludeRun } from './prelude.js'

export const MASTER = 15050
const AGENT_PORTS: Readonly<Record<string, number>> = { agent: 15051, agent2: 15052 }

export class Cluster implements Place {
  static readonly #running = new Set<Cluster>()
  readonly topic: string
  setup: Setup = {}
  directory = ''
  ports: Record<number, number> = {}
  /** Whether a daemon came back, so that clients may have to try again. */
  restarted = false
  prelude: PreludeRun | undefined
  readonly #command: readonly string[]
  readonly #daemons = new Map<string, Daemon>()
  readonly #resources = new Map<string, string>()
  #base = ''

  constructor(command: readonly string[], topic: string) {
    this.#command = command
    this.topic = topic
  }

  /** A new cluster; once more if that fails, as a port may be taken meanwhile. */
  async start(setup: Setup): Promise<void> {
    await this.#startOnce(setup).catch((error: unknown) => {
      if (error instanceof NotHere) throw error
      return this.#startOnce(setup)
    })
  }

  async #startOnce(setup: Setup): Promise<void> {
    await this.stop()
    this.setup = setup
    this.restarted = false
    Cluster.#running.add(this)
    this.#base = mkdtempSync(join(tmpdir(), 'meseta-replay-'))
    this.directory = join(this.#base, 'c')
    mkdirSync(this.directory)
    this.ports = { 15050: await freePort(), 15051: await freePort(), 15052: await freePort() }
    await this.startMaster()
    this.startAgent('agent', setup.disks ? this.#makeDisks() : (setup.resources ?? RESOURCES))
    if (setup.second) this.startAgent('agent2', setup.second)
    await this.#waitUntilUp('agent', async () => (await this.agents()).length === (setup.second ? 2 : 1))
  }

  /** A MOUNT and a PATH disk and a static reservation. */
  #makeDisks(): string {
    const mount = join(this.directory, 'mnt1')
    const path = join(this.directory, 'path1')
    for (const directory of [mount, path]) mkdirSync(directory)
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512m', 'tmpfs', mount])
    if (mounted.status !== 0) throw new NotHere('a tmpfs can not be mounted here')
    const scalar = (name: string, value: number, more: object = {}) => ({ name, type: 'SCALAR', scalar: { value }, ...more })
    return writeJson([
      scalar('cpus', 8),
      scalar('mem', 8192),
      scalar('disk', 4096),
      scalar('disk', 512, { disk: { source: { type: 'MOUNT', mount: { root: mount } } } }),
      scalar('disk', 1024, { disk: { source: { type: 'PATH', path: { root: path } } } }),
      scalar('cpus', 2, { role: 'static' }),
    ])
  }

  async startMaster(): Promise<void> {
    this.#spawn('master', [
      'master',
      '--ip=127.0.0.1',
      `--port=${this.ports[MASTER]}`,
      `--work_dir=${this.directory}/master`,
      '--allocation_interval=100ms',
      ...(this.setup.master ?? []),
    ])
    await this.#waitUntilUp('master', async () => (await this.get(MASTER, '/health')).status === 200)
  }

  startAgent(name = 'agent', resources?: string, flags: readonly string[] = []): void {
    if (resources) this.#resources.set(name, resources)
    mkdirSync(join(this.directory, name), { recursive: true })
    this.#spawn(name, [
      'agent',
      `--master=127.0.0.1:${this.ports[MASTER]}`,
      '--ip=127.0.0.1',
      `--port=${this.ports[AGENT_PORTS[name] ?? 0]}`,
      `--work_dir=${this.directory}/${name}`,
      `--runtime_dir=${this.directory}/run-${name}`,
      `--resources=${this.#resources.get(name)}`,
      ...(this.setup.agent ?? []),
      ...flags,
    ])
  }

  #spawn(name: string, args: readonly string[]): void {
    // By this the processes that daemons leave behind are found.
    const marked = { REPLAY_DIRECTORY: this.directory }
    this.#daemons.set(name, new Daemon(this.#command, args, join(this.directory, `${name}.log`), marked))
  }

  async #waitUntilUp(name: string, condition: () => Promise<boolean>): Promise<void> {
    const up = await until(async () => this.dead().length > 0 || (await condition()), 40)
    if (!up || this.dead().length > 0) {
      const words = [...this.#daemons].map(([one, daemon]) => `${one}: ${daemon.lastWords()}`)
      throw new Error(`the ${name} does not come up; ${words.join('; ')}`)
    }
  }

  get(port: number, path: string): ReturnType<typeof send> {
    return send({ port: this.ports[port] ?? 0, method: 'GET', path })
  }

  async slaves(): Promise<Json[]> {
    return listAt(parseJson((await this.get(MASTER, '/slaves')).body.toString('utf8')), 'slaves')
  }

  async agents(): Promise<string[]> {
    return (await this.slaves()).filter((slave) => at(slave, 'active') === true).map((slave) => textAt(slave, 'id') ?? '')
  }

  isRunning(name: string): boolean {
    return this.#daemons.has(name)
  }

  signal(name: string, which: NodeJS.Signals): void {
    this.#daemons.get(name)?.signal(which)
  }

  async end(name: string, which: NodeJS.Signals): Promise<void> {
    const daemon = this.#daemons.get(name)
    this.#daemons.delete(name)
    await daemon?.end(which, 10)
  }

  /** Expects it to end by itself and from then on does without it. */
  forget(name: string): void {
    this.#daemons.delete(name)
  }

  dead(): string[] {
    return [...this.#daemons].filter(([, daemon]) => daemon.isDead).map(([name]) => name)
  }

  async stop(): Promise<void> {
    if (!this.#base) return
    this.prelude = undefined
    await Promise.all([...this.#daemons.values()].map((daemon) => daemon.end('SIGTERM', 6)))
    this.#daemons.clear()
    await removeEverything(this.directory)
    rmSync(this.#base, { recursive: true, force: true })
    this.#base = ''
    Cluster.#running.delete(this)
  }

  /** For a program that is told to end. */
  static async stopAll(): Promise<void> {
    await Promise.all([...Cluster.#running].map((cluster) => cluster.stop()))
  }
}
