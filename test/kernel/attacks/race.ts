import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Container, ContainerEnd, ContainerPlan } from '#host/host.js'
import { busyboxImage, RootPlace } from '../rootfs/place.js'

/** As often as every race is run. */
export const ROUNDS = 500

/** Victims at a time; the attacker keeps a core of its own busy. */
const AT_ONCE = 4

/** A place with something outside that nobody may reach, and an attacker in a container of its own. */
export class Race {
  readonly place: RootPlace
  /** Lies outside of everything that a container gets. */
  readonly canary: string
  #whole = ''
  #attacker: Container | undefined

  static async open(): Promise<Race> {
    const race = new Race(await RootPlace.prepare())
    await mkdir(join(race.canary, 'sub'), { recursive: true })
    for (const name of ['file', 'sub/file', 'null']) await writeFile(join(race.canary, name), 'of the host\n')
    await chmod(join(race.canary, 'file'), 0o600)
    compileRacer(join(race.place.image, 'bin/racer'))
    race.#whole = await fingerprint(race.canary)
    return race
  }

  private constructor(place: RootPlace) {
    this.place = place
    this.canary = place.path('canary')
  }

  /** In a directory of the host that is a volume of the attacker: `name` is in turn what it is and a link to `target`. */
  async attack(directory: string, name: string, target: string): Promise<void> {
    const other = `.${name}-other`
    await symlink(target, join(directory, other))
    const base = this.place.plan('', { root: { directory: this.place.image, overlay: true } }, 'attacker')
    const container = await this.place.host.start({
      ...base,
      mounts: [this.place.sandboxMount, { source: directory, target: '/arena' }],
      process: { ...base.process, executable: '/bin/racer', arguments: ['racer', '/arena', name, other] },
    })
    container.go()
    await container.started
    this.#attacker = container
  }

  /** Starts victims until all rounds are over, and tells how each ended and what it said. */
  async rounds(plan: (round: number) => readonly [script: string, change: Partial<ContainerPlan>]): Promise<Victim[]> {
    const victims: Victim[] = []
    let next = 0
    const work = async () => {
      for (let round = next++; round < ROUNDS; round = next++) victims.push(await this.#victim(round, ...plan(round)))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    return victims
  }

  async #victim(round: number, script: string, change: Partial<ContainerPlan>): Promise<Victim> {
    const [id, stdout] = [`victim-${round}`, this.place.path(`out-${round}`)]
    const base = this.place.plan(script, change, id)
    const container = await this.place.host.start({ ...base, process: { ...base.process, stdio: { stdout } } })
    container.go()
    const end = await container.ended
    await this.place.host.destroy(id)
    return { end, said: await readFile(stdout, 'utf8').catch(() => '') }
  }

  /** The attacker was at work all the time. */
  get attackerLives(): boolean {
    return this.#attacker?.phase === 'running'
  }

  async canaryIsWhole(): Promise<boolean> {
    return (await fingerprint(this.canary)) === this.#whole
  }

  dispose(): Promise<void> {
    return this.place.dispose()
  }
}

export interface Victim {
  readonly end: ContainerEnd
  readonly said: string
}

/** How many victims ran; the others were refused. */
export const ran = (victims: readonly Victim[]): Victim[] => victims.filter(({ end }) => end.how === 'exited')

/** An image like the others, with what an attacker has put into it. */
export async function hostileImage(directory: string, change: (directory: string) => Promise<void>): Promise<string> {
  await busyboxImage(directory)
  await change(directory)
  return directory
}

/** Static, so that it runs in any image. */
function compileRacer(output: string): void {
  execFileSync('cc', ['-O2', '-static', '-o', output, join(process.cwd(), 'test/kernel/attacks/racer.c')])
}

/** Of everything below a directory: names, kinds, owners, modes, times and content. */
export async function fingerprint(directory: string): Promise<string> {
  const hash = createHash('sha256')
  const names = (await readdir(directory, { recursive: true })).sort()
  for (const path of [directory, ...names.map((name) => join(directory, name))]) {
    const { mode, uid, gid, nlink, size, mtimeMs, rdev } = await lstat(path)
    hash.update(JSON.stringify([path.slice(dirname(directory).length), mode, uid, gid, nlink, size, mtimeMs, rdev]))
    if ((mode & 0o170000) === 0o100000) hash.update(await readFile(path))
    if ((mode & 0o170000) === 0o120000) hash.update(await readlink(path))
  }
  return hash.digest('hex')
}
