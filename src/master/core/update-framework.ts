import { rolesOf } from '#model/framework-capabilities.js'
import type { Call } from '#wire/scheduler.js'
import type { FrameworkRecord } from './cluster.js'
import { frameworkInfoFault, immutableFault, principalFault, suppressedFault, updatedInfo } from './framework-info.js'
import { publishFramework, redefine, saveFramework } from './frameworks.js'
import type { RequestId } from './ids.js'
import { constraintsFault } from './offer-constraints.js'
import { rescind } from './offers.js'
import type { Turn } from './turn.js'

/** UPDATE_FRAMEWORK (row 1-036): all of it is replaced, or nothing; answered at once. */
export function updateFramework(
  turn: Turn,
  framework: FrameworkRecord,
  request: RequestId,
  call: NonNullable<Call['updateFramework']>,
): void {
  const { frameworkInfo: info, suppressedRoles: suppressed = [], offerConstraints: constraints } = call
  const roles = rolesOf(info)
  const fault =
    frameworkInfoFault(info, turn.cluster.settings) ??
    principalFault(framework.info, info) ??
    immutableFault(framework.info, info) ??
    suppressedFault(suppressed, roles) ??
    constraintsFault(constraints, roles, turn.cluster.settings)
  if (fault !== undefined) return turn.answer(request, 400, `The framework cannot be updated: ${fault}`)
  redefine(turn, framework, { info: updatedInfo(framework.info, info), suppressed, constraints })
  for (const offer of framework.offers) if (!roles.includes(offer.role)) rescind(turn, offer)
  saveFramework(turn, framework)
  publishFramework(turn, framework, 'updated')
  turn.answer(request, 200)
}
