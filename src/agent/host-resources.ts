import { statfs } from 'node:fs/promises'
import { offeredGpus } from '#containerizer/devices/gpu-selection.js'
import type { HostFacts } from '#host/host.js'
import { parseResources } from '#model/resource-flags.js'
import type { Resource } from '#wire/mesos.js'

const MEGABYTE = 1024 * 1024
const GIGABYTE_IN_MB = 1024
/** Left to the system: of memory and disk, unless that would be more than half (row 5-004). */
const MEMORY_RESERVE = GIGABYTE_IN_MB
const DISK_RESERVE = 5 * GIGABYTE_IN_MB

type Facts = Pick<HostFacts, 'cpus' | 'memoryBytes' | 'gpus'>

/** What the flag says, and of what it does not name what this host has (row 5-004). */
export async function agentResources(
  flags: { resources: string | undefined; defaultRole: string; workDir: string; nvidiaGpuDevices?: string | undefined },
  facts: Facts,
): Promise<Resource[]> {
  const given = flags.resources?.trim() ?? ''
  const declared = parseResources(given, flags.defaultRole)
  const named = new Set(declared.entries.map((entry) => entry.identity.name))
  const gpus = facts.gpus && offeredGpus(facts.gpus, flags.nvidiaGpuDevices, scalarSum(declared.toProto(), 'gpus'))
  const found = Object.entries({ ...(await foundOn(flags.workDir, facts)), ...(gpus && { gpus: String(gpus) }) }).filter(
    ([name]) => !named.has(name),
  )
  const missing = parseResources(found.map(([name, text]) => `${name}:${text}`).join(';'), flags.defaultRole)
  return [...declared.add(missing).toProto()].sort(byName)
}

function scalarSum(resources: readonly Resource[], name: string): number | undefined {
  const those = resources.filter((resource) => resource.name === name)
  return those.length === 0 ? undefined : those.reduce((sum, { scalar }) => sum + (scalar?.value ?? 0), 0)
}

async function foundOn(workDir: string, facts: Facts): Promise<Record<string, string>> {
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
