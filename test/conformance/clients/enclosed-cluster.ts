/** A master and an agent inside a network namespace, at Mesos' own ports. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Daemon } from '../../support/daemon.js'
import { removeEverything } from '../../support/leftovers.js'
import { until } from '../../support/waiting.js'
import type { NetworkNamespace } from './namespace.js'

const run = promisify(execFile)
const MESETA = [process.execPath, join(process.cwd(), 'dist/bin/meseta.js')]

export class EnclosedCluster {
  static readonly master = '127.0.0.1:5050'
  readonly directory = mkdtempSync(join(tmpdir(), 'meseta-clients-'))
  readonly #namespace: NetworkNamespace
  readonly #daemons = new Map<string, Daemon>()

  constructor(namespace: NetworkNamespace) {
    this.#namespace = namespace
  }

  async start(): Promise<void> {
    this.startMaster()
    this.startAgent()
    await this.whenUp()
  }

  startMaster(): void {
    this.#spawn('master', ['master', '--ip=127.0.0.1', `--work_dir=${this.directory}/master`, '--allocation_interval=100ms'])
  }

  startAgent(): void {
    const directory = join(this.directory, 'agent')
    mkdirSync(directory, { recursive: true })
    const own = [
      `--work_dir=${directory}`,
      `--runtime_dir=${this.directory}/run`,
      '--resources=cpus:4;mem:2048;disk:4096;ports:[31000-31100]',
    ]
    this.#spawn('agent', ['agent', `--master=${EnclosedCluster.master}`, '--ip=127.0.0.1', ...own])
  }

  async kill(name: 'master' | 'agent'): Promise<void> {
    await this.#daemons.get(name)?.end('SIGKILL', 5)
  }

  /** Until an agent is registered with the master. */
  async whenUp(): Promise<void> {
    const isDead = (): boolean => [...this.#daemons.values()].some((daemon) => daemon.isDead)
    const isUp = await until(async () => isDead() || (await this.#slaves()).some(({ active }) => active), 40, 0.2)
    if (!isUp || isDead())
      throw new Error(`no agent registers: ${[...this.#daemons.values()].map((daemon) => daemon.lastWords()).join('\n')}`)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#daemons.values()].map((daemon) => daemon.end('SIGTERM', 6)))
    await removeEverything(this.directory)
    rmSync(this.directory, { recursive: true, force: true })
  }

  /** What the master tells; asked from inside, as nothing outside can. */
  async #slaves(): Promise<{ active: boolean }[]> {
    const ask = `fetch('http://${EnclosedCluster.master}/slaves').then(async (r) => console.log(await r.text()))`
    const [command = '', ...args] = [...this.#namespace.enter, process.execPath, '-e', ask]
    return (JSON.parse((await run(command, args)).stdout) as { slaves: { active: boolean }[] }).slaves
  }

  #spawn(name: string, args: readonly string[]): void {
    const log = join(this.directory, `${name}.log`)
    this.#daemons.set(name, new Daemon([...this.#namespace.enter, ...MESETA], args, log, { REPLAY_DIRECTORY: this.directory }))
  }
}
