import { type Offer, type Resource, ValueType } from '#wire/mesos.js'
import { amountText } from '../amounts.js'
import type { Needs } from './task-info.js'

/** Parts of an offer that make up what a task needs, or what it lacks, in words. */
export type Fit = { fits: true; resources: Resource[] } | { fits: false; lacks: string }

export function matchOffer(offer: Offer, needs: Needs): Fit {
  const taken: Resource[] = []
  const lacks: string[] = []
  for (const [name, amount] of Object.entries(needs)) {
    if (amount === 0) continue
    const parts = take(offer.resources ?? [], name, amount)
    const found = total(parts)
    // Mesos counts in thousandths.
    if (found + 0.0005 < amount) lacks.push(`${name} ${amountText(found)} of ${amountText(amount)}`)
    taken.push(...parts)
  }
  return lacks.length > 0 ? { fits: false, lacks: lacks.join(', ') } : { fits: true, resources: taken }
}

/** At most `amount` of the plain scalars of that name: neither revocable nor somebody's volume. */
function take(resources: readonly Resource[], name: string, amount: number): Resource[] {
  const parts: Resource[] = []
  for (const resource of resources) {
    const rest = amount - total(parts)
    const usable = resource.name === name && resource.type === ValueType.SCALAR && !resource.revocable && !resource.disk
    if (usable && rest > 0.0005) parts.push({ ...resource, scalar: { value: Math.min(rest, resource.scalar?.value ?? 0) } })
  }
  return parts
}

const total = (resources: readonly Resource[]): number => resources.reduce((sum, one) => sum + (one.scalar?.value ?? 0), 0)
