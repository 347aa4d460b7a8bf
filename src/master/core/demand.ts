import type { FrameworkRecord } from './cluster.js'
import type { Turn } from './turn.js'

/** SUPPRESS (row 1-025): no offers for these roles, or for all of them. One role that is not the framework's spoils the whole call. */
export function suppress(turn: Turn, framework: FrameworkRecord, roles: readonly string[] | undefined): void {
  const chosen = chosenRoles(framework, roles)
  if (!chosen) return turn.count('master/dropped_messages')
  for (const role of chosen) framework.suppressed.add(role)
  turn.cluster.allocator.suppress(framework.id, chosen)
}

/** REVIVE (row 1-024): offers for these roles again, without regard to what was declined. */
export function revive(turn: Turn, framework: FrameworkRecord, roles: readonly string[] | undefined): void {
  const chosen = chosenRoles(framework, roles)
  if (!chosen) return turn.count('master/dropped_messages')
  for (const role of chosen) framework.suppressed.delete(role)
  turn.cluster.allocator.revive(framework.id, chosen)
  turn.cluster.allocationDue = true
}

function chosenRoles(framework: FrameworkRecord, roles: readonly string[] | undefined): readonly string[] | undefined {
  if (!roles?.length) return framework.roles
  const own = new Set(framework.roles)
  return roles.every((role) => own.has(role)) ? roles : undefined
}
