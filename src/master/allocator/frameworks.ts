import type { FrameworkCapabilities } from '#model/framework-capabilities.js'
import { abilities, type Client } from './client.js'
import type { FrameworkDemand } from './contract.js'
import type { ShareTree } from './share-tree.js'

export interface FrameworkEntry {
  readonly id: string
  /** By role: those it is subscribed to, and those it still holds something in. */
  readonly clients: Map<string, Client>
  active: boolean
  /** False while it is known only from what agents report. */
  known: boolean
}

const noCapabilities: FrameworkCapabilities = {
  revocableResources: false,
  taskKillingState: false,
  gpuResources: false,
  sharedResources: false,
  partitionAware: false,
  multiRole: false,
  reservationRefinement: false,
  regionAware: false,
}

/** Who there is to offer to. Invariant: a client stands in a line of the tree exactly while its framework is active, and it subscribed and not suppressed. */
export class Frameworks {
  private readonly entries = new Map<string, FrameworkEntry>()
  private readonly tree: ShareTree<Client>
  private readonly filterGpus: boolean
  private readonly freeIndexes: number[] = []
  private nextIndex = 0
  /** Whether some framework ever set a minimum of its own. */
  ownMinimums = false

  constructor(tree: ShareTree<Client>, filterGpus: boolean) {
    this.tree = tree
    this.filterGpus = filterGpus
  }

  get(id: string): FrameworkEntry | undefined {
    return this.entries.get(id)
  }

  /** Answers the clients of roles that were left. */
  update(id: string, { roles, suppressed, capabilities, minimum, wants }: FrameworkDemand): Client[] {
    const entry = this.entryOf(id)
    entry.known = true
    const quiet = new Set(suppressed)
    for (const role of roles) {
      const client = this.client(id, role)
      Object.assign(client, abilities(capabilities, this.filterGpus))
      client.subscribed = true
      client.suppressed = quiet.has(role)
      client.minimum = minimum?.get(role)
      if (client.minimum) this.ownMinimums = true
      client.wants = wants?.get(role)
    }
    const named = new Set(roles)
    const left = [...entry.clients.values()].filter((it) => it.subscribed && !named.has(it.role))
    for (const client of left) client.subscribed = false
    this.place(entry)
    for (const client of left) this.dropIfUnused(client)
    return left
  }

  /** It must hold nothing any more. */
  remove(id: string): void {
    const entry = this.entries.get(id)
    if (!entry) return
    for (const client of [...entry.clients.values()]) this.drop(entry, client)
    this.entries.delete(id)
  }

  /** The client, made where it is not known: an agent may report tasks of a framework that has not come back yet. */
  client(id: string, role: string): Client {
    const entry = this.entryOf(id)
    const known = entry.clients.get(role)
    if (known) return known
    const client = this.make(id, role)
    entry.clients.set(role, client)
    return client
  }

  private make(framework: string, role: string): Client {
    // The place and its owner name each other, so one is completed after the other.
    const client = {
      framework,
      role,
      index: this.freeIndexes.pop() ?? this.nextIndex++,
      ...abilities(noCapabilities, this.filterGpus),
      minimum: undefined,
      wants: undefined,
      subscribed: false,
      suppressed: false,
      holdings: 0,
    } as { -readonly [Key in keyof Client]: Client[Key] }
    client.place = this.tree.join(role, framework, client)
    return client
  }

  private entryOf(id: string): FrameworkEntry {
    const known = this.entries.get(id)
    if (known) return known
    const entry = { id, clients: new Map<string, Client>(), active: false, known: false }
    this.entries.set(id, entry)
    return entry
  }

  /** Puts all clients of a framework into the lines they belong to. */
  place(entry: FrameworkEntry): void {
    for (const client of entry.clients.values()) {
      if (entry.active && client.subscribed && !client.suppressed) this.tree.activate(client.place)
      else this.tree.deactivate(client.place)
    }
  }

  dropIfUnused(client: Client): void {
    const entry = this.entries.get(client.framework)
    if (entry && !client.subscribed && client.holdings === 0) this.drop(entry, client)
  }

  private drop(entry: FrameworkEntry, client: Client): void {
    if (!entry.clients.delete(client.role)) return
    this.tree.leave(client.place)
    this.freeIndexes.push(client.index)
    if (entry.clients.size === 0 && !entry.known) this.entries.delete(entry.id)
  }

  /** All indexes are below. */
  get indexes(): number {
    return this.nextIndex
  }

  *clients(): Iterable<Client> {
    for (const { clients } of this.entries.values()) yield* clients.values()
  }

  roles(): string[] {
    return [...new Set([...this.clients()].map((it) => it.role))]
  }
}
