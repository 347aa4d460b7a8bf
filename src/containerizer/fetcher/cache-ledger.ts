/** What is in the cache, in the order of its last use, and who needs it. Invariant: the sizes never sum to more than the capacity. */
export class CacheLedger {
  readonly capacity: number
  readonly #entries = new Map<string, CacheEntry>()
  #used = 0

  constructor(capacity: number) {
    this.capacity = capacity
  }

  get used(): number {
    return this.#used
  }

  /** It was used just now. */
  find(key: string): CacheEntry | undefined {
    const entry = this.#entries.get(key)
    if (entry) {
      this.#entries.delete(key)
      this.#entries.set(key, entry)
    }
    return entry
  }

  add(key: string, file: string): CacheEntry {
    const entry = { key, file, size: 0, users: 0 }
    this.#entries.set(key, entry)
    return entry
  }

  /**
   * Makes room for an entry, which nobody else may be in need of: the files that had to go for it, those used longest ago first; `undefined`, and
   * nothing has changed, when those that nobody uses would not be enough.
   */
  reserve(entry: CacheEntry, size: number): string[] | undefined {
    const chosen: CacheEntry[] = []
    let used = this.#used
    for (const each of this.#entries.values()) {
      if (used + size <= this.capacity) break
      if (each.users > 0 || each === entry) continue
      chosen.push(each)
      used -= each.size
    }
    if (used + size > this.capacity) return undefined
    for (const each of chosen) this.remove(each)
    entry.size = size
    this.#used += size
    return chosen.map((each) => each.file)
  }

  remove(entry: CacheEntry): void {
    if (this.#entries.get(entry.key) !== entry) return
    this.#entries.delete(entry.key)
    this.#used -= entry.size
  }
}

export interface CacheEntry {
  readonly key: string
  readonly file: string
  /** As reserved. */
  size: number
  /** Who waits for it or copies it; it stays as long as there are any. */
  users: number
}
