/** Ends what a cluster left running and takes away what it left behind, found by the name of its directory. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { seconds } from './waiting.js'

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** What /proc tells of a process that could name the directory: command line, environment, working directory, open files. */
function traces(pid: string): string[] {
  const at = (name: string): string => join('/proc', pid, name)
  const texts = ['cmdline', 'environ'].map((name) => attempt(() => readFileSync(at(name), 'utf8')) ?? '')
  const files = attempt(() => readdirSync(at('fd'))) ?? []
  return [...texts, ...['cwd', ...files.map((fd) => `fd/${fd}`)].map((name) => attempt(() => readlinkSync(at(name))) ?? '')]
}

export function processesOf(directory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => traces(pid).some((text) => text.includes(directory)))
    .map(Number)
}

function unmountBelow(directory: string): void {
  const targets = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
  for (const target of targets.reverse().filter((path) => path.startsWith(directory))) spawnSync('umount', ['-l', target])
}

/** Directories and all below, deepest first. */
function tree(directory: string): string[] {
  const entries = attempt(() => readdirSync(directory, { withFileTypes: true })) ?? []
  return [...entries.filter((entry) => entry.isDirectory()).flatMap((entry) => tree(join(directory, entry.name))), directory]
}

/** Control groups of containers whose sandboxes lie in the directory. */
function removeControlGroups(directory: string): void {
  const containers = new Set(
    tree(directory)
      .filter((path) => ['runs', 'containers'].includes(basename(join(path, '..'))))
      .map((path) => basename(path)),
  )
  if (containers.size === 0) return
  for (const group of tree('/sys/fs/cgroup')) {
    if (group.split('/').some((name) => containers.has(name))) attempt(() => rmdirSync(group))
  }
}

export async function removeEverything(directory: string): Promise<void> {
  for (let round = 0; round < 2; round++) {
    for (const pid of processesOf(directory)) attempt(() => process.kill(pid, 'SIGKILL'))
    await seconds(0.1)
  }
  unmountBelow(directory)
  removeControlGroups(directory)
  rmSync(directory, { recursive: true, force: true })
}
