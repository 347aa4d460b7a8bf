import { StoreErrors } from './errors.js'
import { checkKeys, keyBytes } from './keys.js'
import type { Change, Entry, Store } from './store.js'

/** A store for simulations and unit tests: durable for as long as `disk` is kept, so that a restarted daemon finds what its predecessor wrote. */
export class MemoryStore implements Store {
  private readonly disk: Map<string, Buffer>
  private closed = false

  constructor(disk: Map<string, Buffer> = new Map()) {
    this.disk = disk
  }

  async get(key: string): Promise<Buffer | undefined> {
    this.checkOpen()
    keyBytes(key)
    return copy(this.disk.get(key))
  }

  async range(prefix: string): Promise<Entry[]> {
    this.checkOpen()
    return [...this.disk]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map(([key, value]) => ({ key, value: Buffer.from(value) }))
  }

  async write(changes: readonly Change[]): Promise<void> {
    this.checkOpen()
    checkKeys(changes)
    for (const change of changes) {
      if ('put' in change) this.disk.set(change.put, Buffer.from(change.value))
      else this.disk.delete(change.delete)
    }
  }

  async close(): Promise<void> {
    this.closed = true
  }

  private checkOpen(): void {
    if (this.closed) throw StoreErrors.CLOSED(undefined)
  }
}

const copy = (bytes: Buffer | undefined): Buffer | undefined => bytes && Buffer.from(bytes)
