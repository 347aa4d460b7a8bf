import type { Millis } from '#base/clock.js'
import type { Random } from '#base/random.js'
import { isEnough, type Minimum, parseMinimum } from '#model/quantities.js'
import type { Resources } from '#model/resources.js'
import type { AgentInfo, Filters } from '#wire/mesos.js'
import { AgentEntry, type AgentFacts } from './agent-entry.js'
import type { Client } from './client.js'
import type { AgentSupply, AllocatorOptions, FrameworkDemand, Grant, Holdings } from './contract.js'
import { type FrameworkEntry, Frameworks } from './frameworks.js'
import { refusalTime, refusedUntil } from './refusals.js'
import { type ShareNode, ShareTree } from './share-tree.js'

/**
 * Hierarchical dominant resource fairness (row 4-059): each agent's free resources go, whole, to the most deserving framework that may have and
 * does not refuse them. Pure: time and chance come in as arguments. Invariant: what is granted was free, and is not free until it is recovered.
 */
export class HierarchicalAllocator {
  private readonly agents = new Map<string, AgentEntry>()
  private readonly tree: ShareTree<Client>
  private readonly frameworks: Frameworks
  private readonly minimum: Minimum
  private readonly interval: Millis
  private readonly region: string | undefined
  /** Agents where something changed since the last round; all of them count as such where something changed for a framework. */
  private readonly touched = new Set<AgentEntry>()
  private allTouched = false
  /** Moves on when a framework may want what it did not want before. */
  private epoch = 0
  /** Rounds so far (row 4-124). */
  runs = 0

  constructor(options: AllocatorOptions = {}) {
    this.minimum = options.minimum ?? parseMinimum('cpus:0.01|mem:32')
    this.interval = options.allocationInterval ?? 1000
    this.region = options.region
    this.tree = new ShareTree(options.excludedFromShares)
    this.frameworks = new Frameworks(this.tree, options.filterGpus ?? true)
  }

  /** Active from the start. */
  addFramework(id: string, demand: FrameworkDemand): void {
    this.updateFramework(id, demand)
    this.activateFramework(id)
  }

  /** Its demand as it now is. A role that is left drops its refusals, but what is held in it stays held. */
  updateFramework(id: string, demand: FrameworkDemand): void {
    for (const client of this.frameworks.update(id, demand)) this.forgetRefusals(client)
    this.wantsChanged()
  }

  /** What it held is free again. */
  removeFramework(id: string): void {
    const framework = this.frameworks.get(id)
    if (!framework) return
    const clients = [...framework.clients.values()]
    for (const client of clients) {
      this.forgetRefusals(client)
      this.releaseAll(client)
    }
    this.frameworks.remove(id)
  }

  private releaseAll(client: Client): void {
    for (const agent of this.agents.values()) {
      if (client.holdings === 0) return
      this.release(agent, client, agent.heldBy(client))
    }
  }

  activateFramework(id: string): void {
    const framework = this.frameworks.get(id)
    if (!framework || framework.active) return
    framework.active = true
    this.frameworks.place(framework)
    this.wantsChanged()
  }

  /** It gets nothing until it is active again, and its refusals are forgotten (row 4-073). */
  deactivateFramework(id: string): void {
    const framework = this.frameworks.get(id)
    if (!framework) return
    framework.active = false
    this.frameworks.place(framework)
    for (const client of framework.clients.values()) this.forgetRefusals(client)
  }

  /** Row 1-025; no roles mean all. */
  suppress(id: string, roles: readonly string[] = []): void {
    this.eachClient(id, roles, (client) => {
      client.suppressed = true
    })
  }

  /** Row 1-024; no roles mean all. */
  revive(id: string, roles: readonly string[] = []): void {
    this.eachClient(id, roles, (client) => {
      client.suppressed = false
      this.forgetRefusals(client)
    })
    this.wantsChanged()
  }

  private eachClient(id: string, roles: readonly string[], change: (client: Client) => void): void {
    const framework = this.frameworks.get(id)
    if (!framework) return
    for (const client of clientsOf(framework, roles)) change(client)
    this.frameworks.place(framework)
  }

  isSuppressed(id: string, role: string): boolean {
    return this.frameworks.get(id)?.clients.get(role)?.suppressed ?? false
  }

  addAgent(id: string, { info, total }: AgentSupply): void {
    const agent = new AgentEntry(id, factsOf(info), total, this.isRemote(info))
    this.agents.set(id, agent)
    this.tree.addTotal(total.quantities(), 1)
    this.touched.add(agent)
  }

  /** Refusals there are void, since they spoke of something else (row 1-068). */
  updateAgent(id: string, { info, total }: AgentSupply): void {
    const agent = this.agents.get(id)
    if (!agent) return
    agent.facts = factsOf(info)
    agent.remote = this.isRemote(info)
    this.replaceTotal(agent, total)
    agent.refusals.clear()
    this.touched.add(agent)
  }

  private isRemote(info: AgentInfo): boolean {
    return this.region !== undefined && info.domain?.faultDomain?.region.name !== this.region
  }

  private replaceTotal(agent: AgentEntry, total: Resources): void {
    this.tree.addTotal(agent.total.quantities(), -1)
    this.tree.addTotal(total.quantities(), 1)
    agent.total = total
  }

  /** With all that is held there. */
  removeAgent(id: string): void {
    const agent = this.agents.get(id)
    if (!agent) return
    for (const [client, bag] of [...agent.holders]) this.release(agent, client, bag)
    this.tree.addTotal(agent.total.quantities(), -1)
    this.agents.delete(id)
    this.touched.delete(agent)
  }

  activateAgent(id: string): void {
    const agent = this.agents.get(id)
    if (!agent) return
    agent.active = true
    this.touched.add(agent)
  }

  deactivateAgent(id: string): void {
    const agent = this.agents.get(id)
    if (agent) agent.active = false
  }

  /** All that is held at an agent, as the agent itself reports it; what was thought before is void. */
  updateAllocation(agentId: string, holdings: Holdings): void {
    const agent = this.agents.get(agentId)
    if (!agent) return
    for (const [client, bag] of [...agent.holders]) this.release(agent, client, bag)
    for (const [framework, resources] of holdings) this.hold(framework, agentId, resources)
  }

  /** Counts what a framework holds without having been granted it. */
  hold(framework: string, agentId: string, resources: Resources): void {
    const agent = this.agents.get(agentId)
    if (!agent) return
    for (const [role, part] of resources.byAllocation()) {
      const client = this.frameworks.client(framework, role)
      const bag = part.unallocate()
      agent.give(client, bag)
      this.tree.change(client.place, bag.quantities(), 1)
    }
  }

  /**
   * Takes back what a framework held. With `refusal`, it is not offered the same or less there for a while (rows 1-067, 1-069). What it does
   * not hold cannot come back twice: the surplus is ignored.
   */
  recoverResources(
    framework: string,
    agentId: string,
    resources: Resources,
    refusal?: { filters: Filters | undefined; now: Millis },
  ): void {
    const agent = this.agents.get(agentId)
    if (!agent) return
    for (const [role, part] of resources.byAllocation()) {
      const client = this.frameworks.get(framework)?.clients.get(role)
      if (!client) continue
      const bag = part.unallocate()
      const held = agent.heldBy(client)
      this.release(agent, client, held.contains(bag) ? bag : held.subtract(held.subtract(bag)))
      if (refusal && client.subscribed) this.refuse(agent, client, bag, refusalTime(refusal.filters?.refuseSeconds), refusal.now)
    }
    this.touched.add(agent)
  }

  private refuse(agent: AgentEntry, client: Client, bag: Resources, time: Millis, now: Millis): void {
    if (time === 0) return
    agent.refusals.add(bag, client.index, now + Math.max(time, this.interval), now)
    agent.refusalsChanged()
  }

  private release(agent: AgentEntry, client: Client, bag: Resources): void {
    if (bag.isEmpty) return
    agent.take(client, bag)
    this.touched.add(agent)
    this.tree.change(client.place, bag.quantities(), -1)
    this.frameworks.dropIfUnused(client)
  }

  /**
   * An operation turned part of what a framework holds, and so part of the agent, into something else: a reservation, a volume. `from` must be
   * held by the framework; both are allocated to one of its roles. The sum of either may be empty.
   */
  convert(framework: string, agentId: string, from: Resources, to: Resources): void {
    const agent = this.agents.get(agentId)
    if (!agent) return
    this.recoverResources(framework, agentId, from)
    this.convertTotal(agentId, from.unallocate(), to.unallocate())
    this.hold(framework, agentId, to)
  }

  /** As `convert`, of what nobody holds. */
  convertTotal(agentId: string, from: Resources, to: Resources): void {
    const agent = this.agents.get(agentId)
    if (!agent) return
    this.replaceTotal(agent, agent.total.subtract(from).add(to))
    this.touched.add(agent)
  }

  setWeight(role: string, weight: number): void {
    this.tree.setWeight(role, weight)
  }

  /**
   * One round over all agents, or over those where something changed. Agents are visited in random order, so that no framework always gets the
   * same ones (row 4-062).
   */
  allocate(now: Millis, random: Random, scope: 'all' | 'touched' = 'all'): Grant[] {
    this.runs++
    this.tree.refresh()
    const agents = scope === 'all' || this.allTouched ? [...this.agents.values()] : [...this.touched]
    this.touched.clear()
    this.allTouched = false
    const grants: Grant[] = []
    for (const agent of random.shuffle(agents))
      if (agent.active && !this.isQuiet(agent, now)) this.allocateAgent(agent, now, grants)
    return grants
  }

  private isQuiet({ quiet }: AgentEntry, now: Millis): boolean {
    return quiet !== undefined && quiet.epoch === this.epoch && now < quiet.until
  }

  private allocateAgent(agent: AgentEntry, now: Millis, grants: Grant[]): void {
    const taken: { client: Client; bag: Resources }[] = []
    /** The first end of a refusal that kept somebody out. */
    const wake = { at: Number.POSITIVE_INFINITY }
    if (this.hasEnough(agent)) this.tree.visitGroups((group) => this.offerToGroup(agent, group, now, taken, wake))
    if (taken.length === 0) agent.quiet = { epoch: this.epoch, until: wake.at }
    // Only now, since the tree must not change while it is visited.
    for (const { client, bag } of taken) {
      this.tree.grant(client.place, bag.quantities())
      grants.push({ framework: client.framework, role: client.role, agent: agent.id, resources: bag.allocate(client.role) })
    }
  }

  /** Whether anybody could be offered something of it, before all of them are asked. */
  private hasEnough({ free }: AgentEntry): boolean {
    return this.frameworks.ownMinimums ? !free.isEmpty : isEnough(free.quantities(), this.minimum)
  }

  /** Answers whether nothing is left of the agent. */
  private offerToGroup(
    agent: AgentEntry,
    group: ShareNode<Client>,
    now: Millis,
    taken: { client: Client; bag: Resources }[],
    wake: { at: Millis },
  ): boolean {
    for (const { owner } of group.line) {
      const client = owner!
      if (agent.needs & ~client.can) continue
      const view = agent.view(client, this.minimum)
      if (!(client.minimum ? isEnough(view.bag.quantities(), client.minimum) : view.enough)) continue
      const until = refusedUntil(view.refusals, client.index)
      if (until > now) {
        if (until < wake.at) wake.at = until
        continue
      }
      if (client.wants && !client.wants(agent.facts)) continue
      agent.give(client, view.bag)
      taken.push({ client, bag: view.bag })
      if (agent.free.isEmpty) return true
    }
    return false
  }

  private wantsChanged(): void {
    this.epoch++
    this.allTouched = true
  }

  private forgetRefusals(client: Client): void {
    for (const agent of this.agents.values()) agent.refusals.forget(client.index)
    this.epoch++
  }

  /** What is free at an agent; undefined where the agent is unknown. */
  free(agentId: string): Resources | undefined {
    return this.agents.get(agentId)?.free
  }

  /** Thousandths by name, of all agents. */
  get totals(): ReadonlyMap<string, number> {
    return this.tree.totalQuantities
  }

  /** Thousandths by name, offered and in use. */
  get held(): ReadonlyMap<string, number> {
    return this.tree.heldQuantities
  }

  /** By role, with all below it: its share of the resource of which it has most (row 4-124). */
  dominantShares(): Map<string, number> {
    return new Map(this.frameworks.roles().map((role) => [role, this.tree.roleShare(role) ?? 0]))
  }

  /** How many refusals hold now, by role (row 4-124). Walks all agents: for metrics, not for decisions. */
  activeRefusals(now: Millis): Map<string, number> {
    const byIndex = new Uint32Array(this.frameworks.indexes)
    for (const agent of this.agents.values()) agent.refusals.countInto(byIndex, now)
    const counts = new Map<string, number>()
    for (const { role, index } of this.frameworks.clients()) counts.set(role, (counts.get(role) ?? 0) + byIndex[index]!)
    return counts
  }
}

function factsOf({ hostname, attributes = [], domain }: AgentInfo): AgentFacts {
  const { region, zone } = domain?.faultDomain ?? {}
  return { hostname, attributes, ...(region && { region: region.name }), ...(zone && { zone: zone.name }) }
}

function clientsOf({ clients }: FrameworkEntry, roles: readonly string[]): Client[] {
  const all = [...clients.values()].filter((it) => it.subscribed)
  return roles.length === 0 ? all : all.filter((it) => roles.includes(it.role))
}
