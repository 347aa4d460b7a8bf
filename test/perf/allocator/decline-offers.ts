import { Random } from '#base/random.js'
import { HierarchicalAllocator } from '#master/allocator/allocator.js'
import type { FrameworkDemand } from '#master/allocator/contract.js'
import { capabilitiesOf } from '#model/framework-capabilities.js'
import { parseResources } from '#model/resource-flags.js'

export interface DeclineTimes {
  /** Adding all agents, each with what is in use there. */
  addMs: number
  /** Each round: one allocation over all agents. */
  roundMs: number[]
  /** Each round: taking all its offers back, refused for a year. */
  declineMs: number[]
  offers: number[]
  /** Rounds after everybody refused everything. */
  emptyMs: number[]
}

const total = parseResources('cpus:24;mem:4096;disk:4096;ports:[31000-32000]')
const yearOf = { refuseSeconds: 365 * 86_400 }

/** 16 cpus and every other of 32 ports, as tasks leave them. */
function usedOn(agent: number): string {
  const ports = Array.from({ length: 16 }, (_, i) => 31_000 + (agent % 100) + 2 * i).map((port) => `${port}-${port}`)
  return `cpus:16;mem:2014;disk:1024;ports:[${ports.join(',')}]`
}

/** Mesos' `DeclineOffers` (performance.md §1.1): each offer is declined for ever, so that rounds meet a growing set of refusals. */
export function declineOffers(agents: number, frameworks: number, rounds: number, roles = 1): DeclineTimes {
  const allocator = new HierarchicalAllocator()
  const random = new Random(1)
  for (let i = 0; i < frameworks; i++) allocator.addFramework(`f${i}`, demand(i % roles))
  const used = Array.from({ length: 100 }, (_, i) => parseResources(usedOn(i)))
  const times: DeclineTimes = { addMs: 0, roundMs: [], declineMs: [], offers: [], emptyMs: [] }
  times.addMs = timed(() => {
    for (let i = 0; i < agents; i++) {
      allocator.addAgent(`a${i}`, { info: { hostname: `h${i}` }, total })
      allocator.updateAllocation(`a${i}`, [
        [`f${i % frameworks}`, used[i % used.length]!.allocate(roleOf((i % frameworks) % roles))],
      ])
    }
  })
  let now = 0
  for (let round = 0; round < rounds; round++) {
    now += 1000
    let grants: ReturnType<typeof allocator.allocate> = []
    times.roundMs.push(timed(() => (grants = allocator.allocate(now, random))))
    times.offers.push(grants.length)
    times.declineMs.push(
      timed(() => {
        for (const it of grants) allocator.recoverResources(it.framework, it.agent, it.resources, { filters: yearOf, now })
      }),
    )
    if (grants.length === 0) break
  }
  for (let i = 0; i < 5; i++) times.emptyMs.push(timed(() => allocator.allocate(now, random)))
  return times
}

const roleOf = (number: number): string => (number === 0 ? '*' : `role-${number}`)
const capabilities = capabilitiesOf({ user: '', name: '' })
const demand = (role: number): FrameworkDemand => ({ roles: [roleOf(role)], suppressed: [], capabilities })

/** CPU milliseconds, garbage collection included: on a busy machine the wall clock tells of others. */
function timed(work: () => void): number {
  const begin = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(begin)
  return (user + system) / 1000
}
