import { Resources } from '#model/resources.js'
import { type Filters, type OfferOperation, OfferOperationType, TaskState, TaskStatusReason } from '#wire/mesos.js'
import type { Call } from '#wire/scheduler.js'
import type { AgentRecord, FrameworkRecord, OfferRecord } from './cluster.js'
import type { OfferId } from './ids.js'
import { launch } from './launch.js'
import { launchGroup } from './launch-group.js'
import { discard, spend } from './offers.js'
import { refuseOperation } from './operations.js'
import { sendKnown } from './reconcile.js'
import { sendVerdict } from './status.js'
import type { Turn } from './turn.js'

/** What is left of the offers of one ACCEPT while its operations are applied in order. */
export interface Budget {
  readonly agent: AgentRecord
  /** All offers of one ACCEPT are for one role (row 1-064). */
  readonly role: string
  rest: Resources
}

/**
 * ACCEPT (row 1-022): spends its offers, checks each operation against what is left of them, and lets the agent know.
 * Invariant: after this call none of the offers is outstanding, whatever else happens.
 */
export function accept(turn: Turn, framework: FrameworkRecord, call: NonNullable<Call['accept']>): void {
  const offers = ownOffers(turn, framework, call.offerIds)
  const fault = offersFault(turn, framework, call.offerIds ?? [])
  const operations = call.operations ?? []
  if (fault !== undefined) {
    for (const offer of offers) discard(turn, offer)
    for (const operation of operations) drop(turn, framework, operation, fault)
    return
  }
  const [first] = offers
  if (!first) return
  for (const offer of offers) spend(turn, offer)
  framework.counters.add(operations.length > 0 ? 'offers/accepted' : 'offers/declined', offers.length)
  const budget: Budget = { agent: first.agent, role: first.role, rest: Resources.sum(offers.map(({ resources }) => resources)) }
  for (const operation of operations) apply(turn, framework, operation, budget)
  refuseRest(turn, framework, budget.agent, budget.rest, call.filters)
}

/** DECLINE (row 1-023): any number of offers, of any agents. */
export function decline(turn: Turn, framework: FrameworkRecord, call: NonNullable<Call['decline']>): void {
  for (const offer of ownOffers(turn, framework, call.offerIds)) {
    spend(turn, offer)
    framework.counters.add('offers/declined')
    refuseRest(turn, framework, offer.agent, offer.resources, call.filters)
  }
}

/** Also what an ACCEPT leaves counts as refused for a while (rows 1-067, 1-069). */
function refuseRest(
  turn: Turn,
  framework: FrameworkRecord,
  agent: AgentRecord,
  rest: Resources,
  filters: Filters | undefined,
): void {
  turn.cluster.allocator.recoverResources(framework.id, agent.id, rest, { filters, now: turn.now })
}

function ownOffers({ cluster }: Turn, framework: FrameworkRecord, ids: readonly { value: OfferId }[] | undefined): OfferRecord[] {
  const offers = new Set((ids ?? []).map(({ value }) => cluster.offers.get(value)))
  return [...offers].filter((offer) => offer?.framework === framework) as OfferRecord[]
}

function offersFault({ cluster }: Turn, framework: FrameworkRecord, ids: readonly { value: OfferId }[]): string | undefined {
  if (ids.length === 0) return 'no offer is named'
  const seen = new Set<OfferId>()
  let first: OfferRecord | undefined
  for (const { value } of ids) {
    const offer = cluster.offers.get(value)
    if (!offer || offer.framework !== framework) return `offer ${value} is no longer valid`
    if (seen.has(value)) return `offer ${value} is listed twice`
    seen.add(value)
    first ??= offer
    if (offer.agent !== first.agent) return `offers ${first.id} and ${value} are of different agents`
    if (offer.role !== first.role) return `offers ${first.id} and ${value} are for different roles`
  }
  return undefined
}

function apply(turn: Turn, framework: FrameworkRecord, operation: OfferOperation, budget: Budget): void {
  switch (operation.type) {
    case OfferOperationType.LAUNCH:
      return launch(turn, framework, operation, budget)
    case OfferOperationType.LAUNCH_GROUP:
      return launchGroup(turn, framework, operation, budget)
    default:
      return refuseOperation(turn, framework, operation, budget.agent)
  }
}

/**
 * Row 8-025. What has no task and no id to answer to is gone without a word. A task that is there already was launched by the same call, sent
 * twice: it must not be declared dead, so its scheduler hears how it is.
 */
function drop(turn: Turn, framework: FrameworkRecord, operation: OfferOperation, why: string): void {
  const tasks = [...(operation.launch?.taskInfos ?? []), ...(operation.launchGroup?.taskGroup?.tasks ?? [])]
  for (const { taskId, agentId } of tasks) {
    const known = framework.tasks.get(taskId.value)
    if (known) sendKnown(turn, framework, known)
    else
      sendVerdict(turn, framework, {
        task: taskId.value,
        agent: agentId.value,
        state: TaskState.TASK_DROPPED,
        reason: TaskStatusReason.REASON_INVALID_OFFERS,
        message: `The task was launched with invalid offers: ${why}`,
      })
  }
  if (tasks.length === 0) refuseOperation(turn, framework, operation, undefined, why)
}
