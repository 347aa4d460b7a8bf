import type { Clock, Millis } from '#base/clock.js'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import type { TransferGroup } from '#containerizer/transfers.js'
import { waitingFor } from './coming-sentence.js'
import type { AgentInput } from './core/events.js'

const LOOK_EVERY: Millis = 1000
/** Updates are journaled and cross the cluster: a person who waits long needs no more of them. */
const TELL_EVERY: Millis = 5000

interface Start {
  readonly config: ContainerConfig
  readonly since: Millis
  said: string | undefined
  saidAt: Millis
}

/** Tells the core what containers wait for that take longer than a second to start. One timer for all, and none while nothing starts. */
export class StartWatch {
  private readonly clock: Clock
  private readonly transfers: () => readonly TransferGroup[]
  private readonly feed: (event: AgentInput) => void
  private readonly starts = new Map<string, Start>()
  private cancel: (() => void) | undefined

  constructor(clock: Clock, transfers: () => readonly TransferGroup[], feed: (event: AgentInput) => void) {
    this.clock = clock
    this.transfers = transfers
    this.feed = feed
  }

  begin(config: ContainerConfig): void {
    const now = this.clock.now()
    this.starts.set(config.id, { config, since: now, said: undefined, saidAt: now - TELL_EVERY })
    this.cancel ??= this.clock.at(now + LOOK_EVERY, () => this.look())
  }

  end(container: string): void {
    this.starts.delete(container)
  }

  close(): void {
    this.starts.clear()
    this.cancel?.()
  }

  private look(): void {
    this.cancel = undefined
    if (this.starts.size === 0) return
    const now = this.clock.now()
    for (const group of this.transfers()) {
      const start = this.starts.get(group.what)
      if (start && now - start.since >= LOOK_EVERY && now - start.saidAt >= TELL_EVERY) this.tell(start, group, now)
    }
    this.cancel = this.clock.at(now + LOOK_EVERY, () => this.look())
  }

  private tell(start: Start, group: TransferGroup, now: Millis): void {
    const message = waitingFor(group.list(), start.config)
    if (message === undefined || message === start.said) return
    start.said = message
    start.saidAt = now
    this.feed({ on: 'coming', container: group.what, message })
  }
}
