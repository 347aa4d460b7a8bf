/**
 * Work on a queue, one round after the other, while there is anything in it. Whoever adds to the queue calls `start`; what is added between the end
 * of a round and the moment at which that is known is not left lying.
 */
export class Pump {
  private readonly pending: () => boolean
  private readonly round: () => Promise<void>
  private running: Promise<void> | undefined

  /** `round` must not reject. */
  constructor(pending: () => boolean, round: () => Promise<void>) {
    this.pending = pending
    this.round = round
  }

  /** Resolves when the queue is empty. */
  start(): Promise<void> {
    // Only where there is something: a run that ended before it was remembered would be taken for one under way, for ever.
    if (!this.running && this.pending()) this.running = this.run()
    return this.running ?? Promise.resolve()
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.running) await this.running
  }

  private async run(): Promise<void> {
    while (this.pending()) await this.round()
    // In the same turn as the look at the queue: nothing can come in between.
    this.running = undefined
  }
}
