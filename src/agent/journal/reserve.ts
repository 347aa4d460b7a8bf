import { open, unlink } from 'node:fs/promises'
import type { Clock, Millis } from '#base/clock.js'

/** Room for hundreds of updates: enough to say of every task how it ended on a full disk. Bytes. */
const SIZE = 256 * 1024
const TRY_AGAIN: Millis = 10_000

/** Disk space that is given up when there is no other, so that what must be remembered still can be (design §6). One call at a time. */
export class Reserve {
  private readonly path: string
  private readonly clock: Clock
  private held = false
  private lastTry = Number.NEGATIVE_INFINITY

  constructor(path: string, clock: Clock) {
    this.path = path
    this.clock = clock
  }

  /** Takes hold of it, if there is room; not more often than is worth it. */
  async keep(): Promise<void> {
    const now = this.clock.now()
    if (this.held || now - this.lastTry < TRY_AGAIN) return
    this.lastTry = now
    try {
      await this.write()
      this.held = true
    } catch {
      await this.release() // the half that was written takes room
    }
  }

  /** Whether something was given up. */
  async release(): Promise<boolean> {
    this.held = false
    return unlink(this.path).then(
      () => true,
      () => false,
    )
  }

  private async write(): Promise<void> {
    const file = await open(this.path, 'w', 0o600)
    try {
      await file.writeFile(Buffer.alloc(SIZE))
    } finally {
      await file.close()
    }
  }
}
