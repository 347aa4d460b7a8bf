import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { arch, availableParallelism, hostname, release, totalmem, userInfo } from 'node:os'
import { join } from 'node:path'
import { type NativeAssets, packagedAssets } from './addon.js'
import { type CgroupFacts, readCgroups } from './cgroup-world.js'
import type { HostFacts, SecurityFacts } from './host.js'

/** What files and system calls tell. */
export type KernelFacts = Omit<HostFacts, 'overlay'>

/** What there is to know of this host before anything is started. */
export async function readFacts(
  runtimeDir: string,
  scratchDir?: string,
  assets: NativeAssets = packagedAssets(),
): Promise<KernelFacts> {
  const cgroups = readCgroups(assets)
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  return {
    bootId,
    hostname: hostname(),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    root: process.geteuid?.() === 0,
    cgroups,
    limitsSwap: canLimitSwap(cgroups),
    runtimeDirectory: join(runtimeDir, bootId),
    scratchDirectory: scratchDir ?? join(runtimeDir, bootId),
    user: userName(),
    security: await readSecurity(),
  }
}

/** v1 shows it in every cgroup, v2 in all but the root, where only a kernel that knows no swap at all can be told apart. */
function canLimitSwap({ hierarchies }: CgroupFacts): boolean {
  const memory = hierarchies.find(({ controllers }) => controllers?.includes('memory'))
  if (!memory) return false
  return existsSync(memory.unified ? '/proc/swaps' : join(memory.mountPoint, 'memory.memsw.limit_in_bytes'))
}

async function readSecurity(): Promise<SecurityFacts> {
  const status = await readFile('/proc/self/status', 'utf8')
  const set = (name: string) => BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? 0}`)
  const seccomp = existsSync('/proc/sys/kernel/seccomp/actions_avail')
  return { capabilities: set('CapPrm') & set('CapBnd'), seccomp, kernel: release(), architecture: arch() }
}

/** A user without an entry in the host's database has only a number. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.geteuid?.() ?? '')
  }
}
