import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { HostErrors } from './errors.js'
import { mountTable } from './mount-table.js'

const run = promisify(execFile)

/** Waits for nothing, and leaves when the agent does, however that ends. */
const HOLDER = 'cat'
/** Below the scope in the v2 tree: what hands controllers down may hold no processes itself. */
const SUPERVISORS = 'supervisors'
const PATIENCE_MS = 10_000
const POLL_MS = 20

/**
 * A scope that systemd has delegated (rows 5-014, 9-059; docs/design/cgroups.md): below it systemd touches nothing, and what is in it lives on when the
 * agent's own unit is stopped or restarted. It exists as long as anything is in it.
 */
export interface Scope {
  /** Of its cgroup, relative to the root of the hierarchies: `system.slice/meseta-mesos.scope`. */
  readonly path: string
  /** Files into which a process that is to live in it writes itself. */
  readonly entrances: readonly string[]
  close(): void
}

/** systemd is pid 1 here: the test that sd_booted(3) names. */
export const isBootedBySystemd = (runtimeDirectory: string): boolean => existsSync(runtimeDirectory)

/** Makes the scope, or finds the one that an earlier agent has left with its containers in it. */
export async function openScope(name: string): Promise<Scope> {
  const found = await cgroupOf(name).catch((error) => refuse(name, error))
  // Somebody must be in it from the start.
  const [program, ...argv] = found === undefined ? [...inNewScope(name), HOLDER] : [HOLDER]
  const holder = spawn(program!, argv, { stdio: ['pipe', 'ignore', 'pipe'], cwd: '/' })
  try {
    const path = found ?? (await pathOf(holder, name))
    const entrances = await Promise.all((await placesOf(path)).map(entranceOf))
    for (const entrance of entrances) await writeFile(entrance, String(holder.pid))
    return { path: path.slice(1), entrances, close: () => holder.stdin.destroy() }
  } catch (error) {
    holder.stdin.destroy()
    return refuse(name, error)
  }
}

/** systemctl(1) tells it as a path from the root, and nothing of a unit that does not run. */
async function cgroupOf(name: string): Promise<string | undefined> {
  const { stdout } = await run('systemctl', ['show', '--property=ControlGroup', '--value', name])
  return stdout.trim() || undefined
}

/** Runs a program in it. Each container has a limit of its own, and without one of the scope's. */
const inNewScope = (name: string): string[] => [
  ...['systemd-run', '--scope', '--quiet', '--collect', `--unit=${name}`, '--description=Containers of Meseta'],
  ...['--property=Delegate=yes', '--property=TasksMax=infinity', '--'],
]

/** Where systemd has put the process, as soon as it has. */
async function pathOf(holder: ChildProcessByStdio<Writable, null, Readable>, name: string): Promise<string> {
  let complaint = ''
  holder.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  const ended = once(holder, 'close').then(() => true)
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; ) {
    const lines = (await readFile(`/proc/${holder.pid}/cgroup`, 'utf8').catch(() => '')).trim().split('\n')
    const path = lines.map((line) => line.split(':').slice(2).join(':')).find((at) => at.endsWith(`/${name}`))
    if (path !== undefined) return path
    if (await Promise.race([ended, sleep(POLL_MS)])) break
  }
  throw new Error(complaint.trim() || 'it does not start')
}

interface Place {
  readonly mountPoint: string
  readonly path: string
  readonly unified: boolean
}

/** systemd knows processes by the v2 tree, by a named hierarchy of v1, or by both; the v2 tree first. */
async function placesOf(path: string): Promise<Place[]> {
  const mounts = await mountTable()
  const unified = mounts.filter(({ type }) => type === 'cgroup2').map(({ point }) => ({ mountPoint: point, path, unified: true }))
  const named = mounts.filter(({ type, options }) => type === 'cgroup' && options.includes('name=systemd'))
  const all = [...unified.slice(0, 1), ...named.map(({ point }) => ({ mountPoint: point, path, unified: false }))]
  return all.filter(({ mountPoint }) => existsSync(join(mountPoint, path)))
}

async function entranceOf({ mountPoint, path, unified }: Place): Promise<string> {
  const directory = join(mountPoint, path, unified ? SUPERVISORS : '')
  await mkdir(directory, { recursive: true })
  return join(directory, 'cgroup.procs')
}

function refuse(name: string, error: unknown): never {
  const { stderr, message } = error as { stderr?: string; message: string }
  throw HostErrors.SCOPE_FAILED({ name, why: stderr?.trim() || message }, error)
}
