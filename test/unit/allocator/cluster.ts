import { Random } from '#base/random.js'
import { HierarchicalAllocator } from '#master/allocator/allocator.js'
import type { AllocatorOptions, FrameworkDemand, Grant } from '#master/allocator/contract.js'
import { capabilitiesOf, type FrameworkCapabilities } from '#model/framework-capabilities.js'
import { parseResources } from '#model/resource-flags.js'
import type { Resources } from '#model/resources.js'
import type { AgentInfo } from '#wire/mesos.js'

export const bag = (text: string): Resources => parseResources(text)

export const capable: FrameworkCapabilities = {
  ...capabilitiesOf({ user: '', name: '' }),
  multiRole: true,
  reservationRefinement: true,
}

export const demand = (...roles: string[]): FrameworkDemand => ({ roles, suppressed: [], capabilities: capable })

/** An allocator with virtual time, and the grants that are still held. */
export class TestCluster {
  readonly allocator: HierarchicalAllocator
  readonly random: Random
  held: Grant[] = []
  now = 1_000_000

  constructor(options: AllocatorOptions = {}, seed = 1) {
    this.allocator = new HierarchicalAllocator(options)
    this.random = new Random(seed)
  }

  agent(id: string, text: string, info: Partial<AgentInfo> = {}): void {
    this.allocator.addAgent(id, { info: { hostname: id, ...info }, total: bag(text) })
  }

  framework(id: string, ...roles: string[]): void {
    this.allocator.addFramework(id, demand(...roles))
  }

  round(scope: 'all' | 'touched' = 'all'): Grant[] {
    const grants = this.allocator.allocate(this.now, this.random, scope)
    this.held.push(...grants)
    return grants
  }

  /** `framework/role@agent` of a round, sorted. */
  who(): string[] {
    return this.round()
      .map((it) => `${it.framework}/${it.role}@${it.agent}`)
      .sort()
  }

  /** Gives back all that is held, with or without a refusal. */
  decline(refuseSeconds?: number, of: (grant: Grant) => boolean = () => true): void {
    for (const grant of this.held.filter(of)) {
      const refusal = refuseSeconds === undefined ? undefined : { filters: { refuseSeconds }, now: this.now }
      this.allocator.recoverResources(grant.framework, grant.agent, grant.resources, refusal)
    }
    this.held = this.held.filter((it) => !of(it))
  }

  pass(seconds: number): void {
    this.now += seconds * 1000
  }
}
