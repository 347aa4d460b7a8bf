import type { FrameworkCapabilities } from '#model/framework-capabilities.js'
import type { Minimum } from '#model/quantities.js'
import { isReserved, reservedRole } from '#model/resource-identity.js'
import type { Resources } from '#model/resources.js'
import { isAncestorOrSelf } from '#model/roles.js'
import type { AgentFacts } from './agent-entry.js'
import type { ShareNode } from './share-tree.js'

/** What an agent asks of those who get offers from it; bits, compared at once with what a framework brings. */
export const Need = { gpus: 1, regionAware: 2 } as const

/** Kinds of resources that only capable frameworks see; bits. */
const Sees = { revocable: 1, shared: 2, refined: 4 } as const

/** A framework in one of its roles: who resources are offered to. */
export interface Client {
  readonly framework: string
  readonly role: string
  /** Dense and reused: the place of its refusals at every agent. */
  readonly index: number
  readonly place: ShareNode<Client>
  /** What of `Need` it can deal with. */
  can: number
  /** What of `Sees` is shown to it. */
  sees: number
  /** Its own minimum for this role, where it set one (row 1-072). */
  minimum: Minimum | undefined
  /** Which agents it wants at all (row 1-073); absent: all. */
  wants: ((agent: AgentFacts) => boolean) | undefined
  /** False once the framework left the role, while it still holds something in it. */
  subscribed: boolean
  suppressed: boolean
  /** At how many agents it holds something. */
  holdings: number
}

export function abilities(capabilities: FrameworkCapabilities, filterGpus: boolean): Pick<Client, 'can' | 'sees'> {
  return {
    can: (capabilities.gpuResources || !filterGpus ? Need.gpus : 0) | (capabilities.regionAware ? Need.regionAware : 0),
    sees:
      (capabilities.revocableResources ? Sees.revocable : 0) |
      (capabilities.sharedResources ? Sees.shared : 0) |
      (capabilities.reservationRefinement ? Sees.refined : 0),
  }
}

/** What of an agent's free resources may be offered in this role to one who sees this much (rows 4-047, 4-068). */
export function offerable(free: Resources, role: string, sees: number): Resources {
  return free.filter(
    (it) =>
      (!isReserved(it) || isAncestorOrSelf(reservedRole(it), role)) &&
      (!it.revocable || (sees & Sees.revocable) !== 0) &&
      (!it.shared || (sees & Sees.shared) !== 0) &&
      (it.reservations.length < 2 || (sees & Sees.refined) !== 0),
  )
}
