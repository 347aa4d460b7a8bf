import { statfs } from 'node:fs/promises'
import type { HostFacts } from '#host/host.js'
import { parseResources } from '#model/resource-flags.js'
import type { Resource } from '#wire/mesos.js'

const MEGABYTE = 1024 * 1024
const GIGABYTE_IN_MB = 1024
/** Left to the system: of memory and disk, unless that would be more than half (row 5-004). */
const MEMORY_RESERVE = GIGABYTE_IN_MB
const DISK_RESERVE = 5 * GIGABYTE_IN_MB

/** What the flag says, and of what it does not name what this host has (row 5-004). */
export async function agentResources(
  flags: { resources: string | undefined; defaultRole: string; workDir: string },
  facts: Pick<HostFacts, 'cpus' | 'memoryBytes'>,
): Promise<Resource[]> {
  const given = flags.resources?.trim() ?? ''
  const named = new Set(parseResources(given, flags.defaultRole).entries.map((entry) => entry.identity.name))
  const found = Object.entries(await foundOn(flags.workDir, facts)).filter(([name]) => !named.has(name))
  const missing = parseResources(found.map(([name, text]) => `${name}:${text}`).join(';'), flags.defaultRole)
  return [...parseResources(given, flags.defaultRole).add(missing).toProto()].sort(byName)
}

async function foundOn(workDir: string, facts: Pick<HostFacts, 'cpus' | 'memoryBytes'>): Promise<Record<string, string>> {
  const { blocks, bsize } = await statfs(workDir)
  return {
    cpus: String(facts.cpus),
    mem: String(withReserve(facts.memoryBytes, MEMORY_RESERVE)),
    disk: String(withReserve(blocks * bsize, DISK_RESERVE)),
    ports: '[31000-32000]',
  }
}

function withReserve(bytes: number, reserve: number): number {
  const megabytes = Math.floor(bytes / MEGABYTE)
  return megabytes - reserve >= reserve ? megabytes - reserve : Math.floor(megabytes / 2)
}

/** In the order in which people look for them. */
const ORDER = ['cpus', 'gpus', 'mem', 'disk', 'ports']
const byName = (a: Resource, b: Resource): number => rank(a.name) - rank(b.name)
const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)
