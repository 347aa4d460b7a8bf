import type { Change } from './store.js'

interface Waiting {
  changes: readonly Change[]
  resolve: () => void
  reject: (error: unknown) => void
}

/**
 * Commits in groups: while one group is being flushed the next one gathers, so that one flush serves all writers that wait. Groups are
 * committed one at a time and in order; a group that fails rejects each of its writes, and the next one is tried all the same.
 */
export class GroupCommit {
  private readonly commit: (changes: Change[]) => Promise<void>
  private waiting: Waiting[] = []
  private running: Promise<void> | undefined

  constructor(commit: (changes: Change[]) => Promise<void>) {
    this.commit = commit
  }

  write(changes: readonly Change[]): Promise<void> {
    const written = new Promise<void>((resolve, reject) => this.waiting.push({ changes, resolve, reject }))
    this.running ??= this.run()
    return written
  }

  /** Resolves when nothing is waiting any more. */
  async idle(): Promise<void> {
    await this.running
  }

  private async run(): Promise<void> {
    // What else is written in this turn goes with the first group.
    await Promise.resolve()
    while (this.waiting.length > 0) {
      const group = this.waiting
      this.waiting = []
      try {
        await this.commit(group.flatMap((one) => one.changes))
        for (const one of group) one.resolve()
      } catch (error) {
        for (const one of group) one.reject(error)
      }
    }
    this.running = undefined
  }
}
