import { isTerminal } from '#model/task-state.js'
import type { ConnectionOptions } from '#sdk/connection.js'
import { Scheduler } from '#sdk/scheduler.js'
import {
  type FrameworkInfo,
  FrameworkInfoCapabilityType,
  type Offer,
  OfferOperationType,
  type TaskInfo,
  type TaskStatus,
} from '#wire/mesos.js'
import { matchOffer } from './match-offer.js'
import { type RunRequest, taskInfo } from './task-info.js'

/** Of the framework of every `meseta run`: tells `meseta kill` that the task may be ended by taking its framework over. */
export const RUN_LABEL = 'meseta.run'

/** How long a task outlives a `run` that went away without a word: long enough for a master to come back. */
const ATTACHED_TIMEOUT_SECONDS = 60
const DETACHED_TIMEOUT_SECONDS = 7 * 24 * 3600

export interface OneTaskEvents {
  /** No offer fits so far; said once for each new reason. */
  waiting(why: string): void
  launched(agent: { id: string; url: string }): void
  update(status: TaskStatus): void
  disconnected(why: Error): void
  /** The master takes nothing more from us. */
  ended(why: Error): void
}

/** A framework with one task: waits for the first offer that fits, launches it there, and hears of it until the end. */
export class OneTask {
  readonly taskId: string
  private readonly request: RunRequest
  private readonly info: Omit<TaskInfo, 'agentId' | 'resources'>
  private readonly events: OneTaskEvents
  private readonly scheduler: Scheduler
  private launched = false
  private killed = false
  /** The end of the stream is then what we asked for. */
  private ending = false
  private saidLacks = ''

  constructor(
    master: string,
    request: RunRequest,
    taskId: string,
    user: string,
    events: OneTaskEvents,
    options: ConnectionOptions = {},
  ) {
    this.taskId = taskId
    this.request = request
    this.info = taskInfo(request, taskId)
    this.events = events
    this.scheduler = new Scheduler(
      { ...options, master, framework: frameworkInfo(request, user) },
      {
        // What happened while nobody listened.
        subscribed: () => void (this.launched && this.scheduler.reconcile([{ taskId: { value: taskId } }]).catch(ignore)),
        offers: (offers) => this.offered(offers),
        update: (status) => this.updated(status),
        disconnected: (why) => this.ending || events.disconnected(why),
        ended: (why) => events.ended(why),
      },
    )
  }

  get frameworkId(): string {
    return this.scheduler.frameworkId?.value ?? ''
  }

  start(): void {
    this.scheduler.start()
  }

  /** Asks for the end of the task; answers whether there is one to end. Its last update follows. */
  kill(): boolean {
    this.killed = true
    if (this.launched) void this.scheduler.kill(this.taskId).catch(ignore)
    return this.launched
  }

  /** Leaves the task alone; it runs on. */
  leave(): void {
    this.scheduler.stop()
  }

  /** The framework is over, its task too. */
  async end(): Promise<void> {
    this.ending = true
    await this.scheduler.teardown().catch(ignore)
    this.scheduler.stop()
  }

  private offered(offers: Offer[]): void {
    const fits =
      this.launched || this.killed ? [] : offers.map((offer) => ({ offer, verdict: matchOffer(offer, this.request.needs) }))
    const chosen = fits.find(({ verdict }) => verdict.fits)
    const rest = offers.filter((offer) => offer !== chosen?.offer)
    if (chosen?.verdict.fits) this.launch(chosen.offer, chosen.verdict.resources)
    if (rest.length > 0) void this.scheduler.decline(rest.map(({ id }) => id)).catch(ignore)
    const lacks = fits.flatMap(({ offer, verdict }) => (verdict.fits ? [] : [`${offer.hostname}: ${verdict.lacks}`])).join('; ')
    if (this.launched || lacks === '' || lacks === this.saidLacks) return
    this.saidLacks = lacks
    this.events.waiting(`no agent has enough free (${lacks})`)
  }

  private launch(offer: Offer, resources: NonNullable<TaskInfo['resources']>): void {
    this.launched = true
    const task = { ...this.info, agentId: offer.agentId, resources }
    const { address, scheme } = offer.url ?? { scheme: 'http', address: { hostname: offer.hostname, port: 5051 } }
    this.events.launched({ id: offer.agentId.value, url: `${scheme}://${address.ip ?? address.hostname}:${address.port}` })
    const launch = { type: OfferOperationType.LAUNCH, launch: { taskInfos: [task] } }
    // A call that did not arrive is found out by the reconciliation after the next subscription.
    void this.scheduler.accept([offer.id], [launch]).catch(ignore)
    void this.scheduler.suppress().catch(ignore)
  }

  private updated(status: TaskStatus): void {
    if (status.taskId.value !== this.taskId) return
    // A kill that was lost with its connection.
    if (this.killed && !isTerminal(status.state)) void this.scheduler.kill(this.taskId).catch(ignore)
    this.events.update(status)
  }
}

function frameworkInfo({ name, role, detach }: RunRequest, user: string): FrameworkInfo {
  const { MULTI_ROLE, PARTITION_AWARE, TASK_KILLING_STATE, RESERVATION_REFINEMENT } = FrameworkInfoCapabilityType
  return {
    user,
    name: `meseta run ${name}`,
    roles: [role],
    checkpoint: true,
    failoverTimeout: detach ? DETACHED_TIMEOUT_SECONDS : ATTACHED_TIMEOUT_SECONDS,
    capabilities: [MULTI_ROLE, PARTITION_AWARE, TASK_KILLING_STATE, RESERVATION_REFINEMENT].map((type) => ({ type })),
    labels: { labels: [{ key: RUN_LABEL, value: 'true' }] },
  }
}

const ignore = (): void => {}
