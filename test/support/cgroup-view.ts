import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CgroupFacts } from '#host/cgroup-world.js'

const NONE = -1
/** What 100 % of one cpu is called: shares on v1, a weight on v2 (row 6-057). */
const SHARES_OF_A_CPU = 1024
const WEIGHT_OF_A_CPU = 100

/** What the kernel says of one container's cgroup, read from outside, in one vocabulary for both worlds: that of v1, -1 for no limit. */
export class CgroupView {
  readonly #facts: CgroupFacts
  readonly #path: string

  /** `path` as in the plan: `mesos/<container>`. */
  constructor(facts: CgroupFacts, path: string) {
    this.#facts = facts
    this.#path = path
  }

  memoryLimit(): Promise<number> {
    return this.#limit('memory', 'memory.limit_in_bytes', 'memory.max')
  }

  softMemoryLimit(): Promise<number> {
    return this.#limit('memory', 'memory.soft_limit_in_bytes', 'memory.low')
  }

  processLimit(): Promise<number> {
    return this.#limit('pids', 'pids.max', 'pids.max')
  }

  async cpuShares(): Promise<number> {
    if (!this.isUnified('cpu')) return Number(await this.file('cpu', 'cpu.shares'))
    return Math.round((Number(await this.file('cpu', 'cpu.weight')) * SHARES_OF_A_CPU) / WEIGHT_OF_A_CPU)
  }

  async cpuQuotaUs(): Promise<number> {
    if (!this.isUnified('cpu')) return Number(await this.file('cpu', 'cpu.cfs_quota_us'))
    const [quota = ''] = (await this.file('cpu', 'cpu.max')).split(' ')
    return limitOf(quota)
  }

  async oomKills(): Promise<number> {
    const text = await this.file('memory', this.isUnified('memory') ? 'memory.events' : 'memory.oom_control')
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0)
  }

  /** Those of the wanted controllers under which the kernel counts the process to this container. */
  async controllersOf(pid: number, wanted: readonly string[]): Promise<string[]> {
    const lines = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).trim().split('\n')
    const below = lines.map((line) => line.split(':')).filter(([, , path]) => `${path}/`.startsWith(`/${this.#path}/`))
    const joined = new Set(below.flatMap(([, names = '']) => names.split(',')))
    // The line of the v2 tree names no controllers.
    const unified = joined.has('') ? await this.#handedDown() : []
    return wanted.filter((name) => joined.has(name) || unified.includes(name))
  }

  /** Cgroup v2 has it here. */
  isUnified(controller: string): boolean {
    return this.#hierarchy(controller).unified === true
  }

  /** Its directory in the hierarchy of a controller. */
  directory(controller: string): string {
    return join(this.#hierarchy(controller).mountPoint, this.#path)
  }

  async file(controller: string, name: string): Promise<string> {
    return (await readFile(join(this.directory(controller), name), 'utf8')).trim()
  }

  async #limit(controller: string, v1: string, v2: string): Promise<number> {
    return limitOf(await this.file(controller, this.isUnified(controller) ? v2 : v1))
  }

  #hierarchy(controller: string) {
    const found = this.#facts.hierarchies.find(({ controllers }) => controllers?.includes(controller))
    if (!found) throw new Error(`this host has no controller ${controller}`)
    return found
  }

  /** In the names of v1, with those that are part of every cgroup. */
  async #handedDown(): Promise<string[]> {
    const tree = this.#facts.hierarchies.find(({ unified }) => unified)!
    const own = (await readFile(join(tree.mountPoint, this.#path, 'cgroup.controllers'), 'utf8')).trim().split(' ')
    return [...own.map((name) => (name === 'io' ? 'blkio' : name)), 'cpuacct', 'freezer', 'devices', 'perf_event']
  }
}

/** v1 says "no limit" by a number that no memory reaches, v2 by a word. */
function limitOf(text: string): number {
  const value = Number(text)
  return text === 'max' || value > Number.MAX_SAFE_INTEGER ? NONE : value
}
