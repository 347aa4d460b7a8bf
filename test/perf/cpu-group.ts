import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const HIERARCHIES = '/sys/fs/cgroup'
const ROOT = `${HIERARCHIES}/cpuacct`
const SETTLE_MS = 2000
const PAUSE = new Int32Array(new SharedArrayBuffer(4))
/** Everything of this run lies below, so that what others do to the machine can be told apart. */
const RUN = `/meseta-bench-${process.pid}`

/**
 * A cpuacct group that counts what a runtime and all its processes use. CPU milliseconds are the steadiest figure of a container start
 * (performance.md §0, trap 2).
 */
export class CpuGroup {
  /** Path below the hierarchies, for runtimes that make groups of their own below it. */
  readonly path: string
  private readonly directory: string

  constructor(name: string) {
    this.path = `${RUN}/${name}`
    this.directory = `${ROOT}${this.path}`
    mkdirSync(this.directory, { recursive: true })
  }

  /** A command that joins the group before it becomes `argv`. */
  wrap(argv: readonly string[]): string[] {
    return ['/bin/sh', '-c', `echo $$ > ${this.directory}/cgroup.procs; exec "$@"`, 'sh', ...argv]
  }

  join(pid: number): void {
    writeFileSync(`${this.directory}/cgroup.procs`, String(pid))
  }

  usedMs(): number {
    return usageMs(this.path)
  }

  /** Pids that stand in the group itself, not in one below. */
  members(): number[] {
    return membersOf(this.directory)
  }

  /** From every hierarchy, with what runtimes that were killed or are careless left below. */
  remove(): void {
    removeEverywhere(this.path)
  }
}

const usageMs = (path: string): number => Number(readFileSync(`${ROOT}${path}/cpuacct.usage`, 'utf8')) / 1e6

/** CPU milliseconds of this program and of all that it started. */
export const ownMs = (): number => usageMs(RUN)

/** Puts this program and what it will start into the group of the run; answers how to leave it again. */
export function enterRun(): () => void {
  new CpuGroup('bench').join(process.pid)
  return () => {
    writeFileSync(`${ROOT}/cgroup.procs`, String(process.pid))
    removeEverywhere(RUN)
  }
}

/** For a run that is broken off: everything that it started ends at once. */
export function killRun(): void {
  for (const pid of membersBelow(`${ROOT}${RUN}`)) if (pid !== process.pid) process.kill(pid, 'SIGKILL')
}

function membersBelow(directory: string): number[] {
  const below = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return [...membersOf(directory), ...below.flatMap(({ name }) => membersBelow(join(directory, name)))]
}

const membersOf = (directory: string): number[] =>
  readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)

function removeEverywhere(path: string): void {
  for (const hierarchy of readdirSync(HIERARCHIES)) removeTree(join(HIERARCHIES, hierarchy, path))
}

/** What has just ended stays in its group for a moment. */
function removeWhenEmpty(directory: string): void {
  const until = performance.now() + SETTLE_MS
  for (;;) {
    try {
      return rmdirSync(directory)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || performance.now() > until) throw error
      Atomics.wait(PAUSE, 0, 0, 10)
    }
  }
}

function removeTree(directory: string): void {
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true }))
      if (entry.isDirectory()) removeTree(join(directory, entry.name))
    removeWhenEmpty(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      console.error(`left behind: ${directory}: ${(error as Error).message}`)
  }
}
