import type { Millis } from '#base/clock.js'
import { isEnough, type Minimum } from '#model/quantities.js'
import { isReserved, reservedRole } from '#model/resource-identity.js'
import { Resources } from '#model/resources.js'
import { isAncestorOrSelf } from '#model/roles.js'
import type { Attribute } from '#wire/mesos.js'
import { type Client, Need, offerable } from './client.js'
import { type Refusal, Refusals } from './refusals.js'

/** What offer constraints are about (row 1-073). A new object whenever anything of it changes, so that verdicts can be remembered by it. */
export interface AgentFacts {
  readonly hostname: string
  readonly attributes: readonly Attribute[]
  readonly region?: string
  readonly zone?: string
}

/** What of an agent one client could be offered now. */
export interface View {
  readonly bag: Resources
  /** Whether it reaches the minimum that holds for all who set none. */
  readonly enough: boolean
  readonly refusals: readonly Refusal[]
}

interface Gift {
  client: Client
  bag: Resources
  /** What was free before, and what the client held before and after. Void with any other change. */
  free: Resources
  before: Resources | undefined
  after: Resources
}

/** An agent as the allocator sees it. Invariant: what clients hold, reserved and unreserved, never exceeds `total` unless the total shrank. */
export class AgentEntry {
  readonly id: string
  facts: AgentFacts
  active = true
  /** Not in the master's own region (row 4-056). */
  remote: boolean
  readonly refusals = new Refusals()
  /** Not allocated to any role in here: who holds it says which. */
  private readonly held = new Map<Client, Resources>()
  private all: Resources
  private rest: Resources | undefined
  /** What was so before the last gift: most offers come back whole, and then it is so again, without any arithmetic. */
  private lastGift: Gift | undefined
  /** By what a client sees, where nothing is reserved; by that and the relevant reservations, where something is. */
  private plainViews: View[] = []
  private readonly views = new Map<string, View>()
  /** Roles that hold reservations here. */
  private reservedRoles: readonly string[] = []
  /** What of `Need` it asks for. */
  needs = 0
  /**
   * The last round gave nothing of it to anybody, and could not have before this time unless the agent changes (which clears it) or the
   * allocator's `epoch` moves on.
   */
  quiet: { epoch: number; until: Millis } | undefined

  constructor(id: string, facts: AgentFacts, total: Resources, remote: boolean) {
    this.id = id
    this.facts = facts
    this.remote = remote
    this.all = total
    this.changed()
  }

  get total(): Resources {
    return this.all
  }

  set total(total: Resources) {
    this.all = total
    this.changed()
  }

  /** Shared volumes stay on offer while they are in use (row 4-053). */
  get free(): Resources {
    this.rest ??= this.countFree()
    return this.rest
  }

  private countFree(): Resources {
    let rest = this.all.nonShared()
    for (const bag of this.held.values()) rest = rest.subtract(bag)
    return rest.add(this.all.shared())
  }

  heldBy(client: Client): Resources {
    return this.held.get(client) ?? Resources.none
  }

  get holders(): Iterable<[Client, Resources]> {
    return this.held
  }

  give(client: Client, bag: Resources): void {
    const before = this.held.get(client)
    if (!before) client.holdings++
    const after = before ? before.add(bag) : bag
    this.held.set(client, after)
    const { free } = this
    this.allocationChanged()
    this.lastGift = { client, bag, free, before, after }
    if (bag === free && this.all.shared().isEmpty) this.rest = Resources.none
  }

  /** `bag` must be held by the client. */
  take(client: Client, bag: Resources): void {
    const gift = this.lastGift
    const undone = gift?.client === client && gift.bag === bag && gift.after === this.held.get(client)
    const rest = undone ? gift.before : this.heldBy(client).subtract(bag)
    if (!rest || rest.isEmpty) {
      this.held.delete(client)
      client.holdings--
    } else this.held.set(client, rest)
    this.allocationChanged()
    if (undone) this.rest = gift.free
  }

  changed(): void {
    const roles = this.all.entries.filter(({ identity }) => isReserved(identity)).map(({ identity }) => reservedRole(identity))
    this.reservedRoles = [...new Set(roles)]
    this.needs = (this.all.quantity('gpus') > 0 ? Need.gpus : 0) | (this.remote ? Need.regionAware : 0)
    this.allocationChanged()
  }

  private allocationChanged(): void {
    this.rest = undefined
    this.lastGift = undefined
    this.refusalsChanged()
  }

  refusalsChanged(): void {
    this.quiet = undefined
    this.plainViews = []
    this.views.clear()
  }

  /** Clients with the same relevant reservations and the same sight share one view, so that most agents have one for all. */
  view(client: Client, minimum: Minimum): View {
    if (this.reservedRoles.length > 0) return this.viewWithReservations(client, minimum)
    const known = this.plainViews[client.sees]
    if (known) return known
    const view = this.newView(client, minimum)
    this.plainViews[client.sees] = view
    return view
  }

  private viewWithReservations(client: Client, minimum: Minimum): View {
    const relevant = this.reservedRoles.filter((reserved) => isAncestorOrSelf(reserved, client.role))
    const key = `${client.sees} ${relevant.join(' ')}`
    const view = this.views.get(key) ?? this.newView(client, minimum)
    this.views.set(key, view)
    return view
  }

  private newView({ role, sees }: Client, minimum: Minimum): View {
    const bag = offerable(this.free, role, sees)
    return { bag, enough: isEnough(bag.quantities(), minimum), refusals: bag.isEmpty ? [] : this.refusals.covering(bag) }
  }
}
