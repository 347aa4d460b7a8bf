import type { JsonEvent } from '../../support/plain-http.js'
import type { JsonScheduler } from '../../support/test-scheduler.js'

export interface Status {
  task_id: { value: string }
  agent_id?: { value: string }
  state: string
  reason?: string
  message?: string
  source?: string
  uuid?: string
}

export interface Offer {
  id: { value: string }
  agent_id: { value: string }
  resources: { name: string; scalar?: { value: number } }[]
}

export const role = 'probe'
export const scalar = (name: string, value: unknown, more: object = {}): object => ({
  name,
  type: 'SCALAR',
  scalar: { value },
  allocation_info: { role },
  ...more,
})
export const ranges = (name: string, range: readonly object[]): object => ({
  name,
  type: 'RANGES',
  ranges: { range },
  allocation_info: { role },
})
export const small = (): object[] => [scalar('cpus', 0.01), scalar('mem', 32)]

export const taskFor = (offer: Offer, id: string, changes: object = {}): object => ({
  name: 'bad',
  task_id: { value: id },
  agent_id: offer.agent_id,
  resources: small(),
  command: { value: 'true' },
  ...changes,
})

const OVER = /FINISHED|FAILED|KILLED|LOST|ERROR|DROPPED|GONE/

let serial = 0
export const freshId = (): string => `bad-${++serial}`

/** Launches tasks from one offer in one call; what is left comes back at once. */
export async function accept(
  scheduler: JsonScheduler,
  tasksOf: (offer: Offer) => readonly object[],
  more: object = {},
): Promise<{ status: number; body: string; offer: Offer }> {
  const offer = await wholeOffer(scheduler)
  const operations = [{ type: 'LAUNCH', launch: { task_infos: tasksOf(offer) } }]
  const answer = await scheduler.call({
    type: 'ACCEPT',
    accept: { offer_ids: [offer.id], operations, filters: { refuse_seconds: 0 }, ...more },
  })
  // Nothing was spent where the call itself was refused; then nobody offers it again.
  if (answer.status !== 202) await decline(scheduler, offer)
  return { ...answer, offer }
}

/** Most of the agent in one offer: what came back in pieces is declined, so that it comes as one. */
export async function wholeOffer(scheduler: JsonScheduler): Promise<Offer> {
  for (;;) {
    const offer = (await scheduler.offer()) as Offer
    const cpus = offer.resources.find(({ name }) => name === 'cpus')?.scalar?.value ?? 0
    if (cpus > 40) return offer
    await decline(scheduler, offer)
  }
}

export const decline = (scheduler: JsonScheduler, offer: Offer): Promise<{ status: number }> =>
  scheduler.call({ type: 'DECLINE', decline: { offer_ids: [offer.id], filters: { refuse_seconds: 0 } } })

/** The state in which a task ends; everything before it is acknowledged. */
export async function outcome(scheduler: JsonScheduler, id: string, seconds = 20): Promise<Status> {
  for (;;) {
    const status = statusIn(
      await scheduler.stream.next((event) => statusIn(event)?.task_id.value === id, `an update of ${id}`, seconds * 1000),
    )!
    if (status.uuid) await acknowledge(scheduler, status)
    if (OVER.test(status.state)) return status
  }
}

export function acknowledge(
  scheduler: JsonScheduler,
  { agent_id, task_id, uuid }: Status,
): Promise<{ status: number; body: string }> {
  return scheduler.call({ type: 'ACKNOWLEDGE', acknowledge: { agent_id, task_id, uuid } })
}

/** Launches one task that differs from a good one by `changes`: what became of it. An answer that is no 202 is its outcome, too. */
export async function attempt(scheduler: JsonScheduler, changes: object, id = freshId()): Promise<string> {
  const answer = await accept(scheduler, (offer) => [taskFor(offer, id, changes)])
  if (answer.status !== 202) return `${answer.status} ${answer.body}`
  const { state, reason, message } = await outcome(scheduler, id)
  return `${state} ${reason ?? ''} ${message ?? ''}`.trim()
}

export function statusIn(event: JsonEvent): Status | undefined {
  return (event as { update?: { status: Status } }).update?.status
}
