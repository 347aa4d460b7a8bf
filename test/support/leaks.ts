import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * What the programs under test may leave traces in. The machine is shared, so a trace belongs to a test by names that only this test uses:
 * take directories and a cgroup root of your own.
 */
export interface Scope {
  /** Processes that live in, were started with, or hold files of one of these; mounts below or from them. */
  readonly directories: readonly string[]
  /** Name of the cgroup below which containers get theirs (`--cgroups_root`). */
  readonly cgroupsRoot?: string
  /** Directories whose files must go too: run state (`--runtime_dir`), not sandboxes. */
  readonly transient?: readonly string[]
}

/**
 * Every trace of the scope that the kernel shows now, one line each, sorted: processes (zombies too), cgroups of every hierarchy, mounts,
 * named network namespaces, transient files. Looks from outside: it knows nothing of the state of the programs under test.
 */
export async function traces(scope: Scope): Promise<string[]> {
  const found = await Promise.all([processes(scope), cgroups(scope), mounts(scope), networkNamespaces(scope), files(scope)])
  return found.flat().sort()
}

/** Traces that were not there before. */
export async function leaks(scope: Scope, before: readonly string[] = []): Promise<string[]> {
  const known = new Set(before)
  return (await traces(scope)).filter((trace) => !known.has(trace))
}

/** Waits until nothing new is left; after `patience` milliseconds throws with the list of what is (invariant I7). */
export async function nothingLeft(scope: Scope, before: readonly string[] = [], patience = 10_000): Promise<void> {
  const deadline = Date.now() + patience
  for (;;) {
    const left = await leaks(scope, before)
    if (left.length === 0) return
    if (Date.now() > deadline) throw new Error(`left behind:\n  ${left.join('\n  ')}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function processes({ directories }: Scope): Promise<string[]> {
  const pids = (await entries('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  const lines = await Promise.all(pids.map((pid) => describeIfOurs(pid, directories)))
  return lines.filter((line) => line !== undefined)
}

async function describeIfOurs(pid: string, directories: readonly string[]): Promise<string | undefined> {
  const [commandLine, environment, cwd, held] = await Promise.all([
    text(`/proc/${pid}/cmdline`),
    text(`/proc/${pid}/environ`),
    link(`/proc/${pid}/cwd`),
    heldFiles(pid),
  ])
  if (isObserver(commandLine)) return undefined
  const says = [commandLine, environment, cwd, ...held].join('\0')
  if (!directories.some((directory) => says.includes(directory))) return undefined
  const [, startTime] = (await text(`/proc/${pid}/stat`)).match(/\) (?:\S+ ){19}(\d+)/) ?? []
  return `process ${pid} started at ${startTime}: ${commandLine.replaceAll('\0', ' ').trim().slice(0, 120)}`
}

/** The runner of this test, which holds the same names, is nobody's leak. */
const isObserver = (commandLine: string): boolean => /vitest/.test(commandLine)

async function heldFiles(pid: string): Promise<string[]> {
  const descriptors = await entries(`/proc/${pid}/fd`)
  return Promise.all(descriptors.map((descriptor) => link(`/proc/${pid}/fd/${descriptor}`)))
}

async function cgroups({ cgroupsRoot }: Scope): Promise<string[]> {
  if (cgroupsRoot === undefined) return []
  const hierarchies = (await mountTable()).filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
  const lists = await Promise.all(hierarchies.map(({ point }) => directoriesBelow(join(point, cgroupsRoot))))
  return lists.flat().map((path) => `cgroup ${path}`)
}

async function mounts({ directories }: Scope): Promise<string[]> {
  return (await mountTable())
    .filter(({ line }) => directories.some((directory) => line.includes(directory)))
    .map(({ point, type }) => `mount ${point} (${type})`)
}

async function networkNamespaces({ directories }: Scope): Promise<string[]> {
  const tags = directories.map((directory) => directory.split('/').at(-1) ?? '')
  return (await entries('/run/netns'))
    .filter((name) => tags.some((tag) => name.includes(tag)))
    .map((name) => `network namespace ${name}`)
}

async function files({ transient = [] }: Scope): Promise<string[]> {
  const lists = await Promise.all(transient.map((directory) => readdir(directory, { recursive: true }).catch(() => [])))
  return lists.flatMap((names, index) => names.map((name) => `file ${join(transient[index] ?? '', name)}`))
}

interface MountEntry {
  readonly point: string
  readonly type: string
  readonly line: string
}

async function mountTable(): Promise<MountEntry[]> {
  return (await text('/proc/self/mountinfo')).split('\n').flatMap((line) => {
    const [, , , , point, ...rest] = line.split(' ')
    const type = rest[rest.indexOf('-') + 1]
    return point === undefined || type === undefined ? [] : [{ point: point.replaceAll('\\040', ' '), type, line }]
  })
}

async function directoriesBelow(directory: string): Promise<string[]> {
  const below = await readdir(directory, { withFileTypes: true }).catch(() => [])
  const children = below.filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name))
  return [...children, ...(await Promise.all(children.map(directoriesBelow))).flat()]
}

/** What a process shows can vanish with it at any moment; then it is nobody's. */
const text = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
const link = (path: string): Promise<string> => readlink(path).catch(() => '')
const entries = (path: string): Promise<string[]> => readdir(path).catch(() => [])
