/** One step of a write. */
export type Change = { put: string; value: Uint8Array } | { delete: string }

export interface Entry {
  key: string
  value: Buffer
}

/**
 * Where a daemon keeps what must survive it: keys in byte order, values of bytes. Every driver passes test/contract/store.
 *
 * Reads see every write that has resolved. Failures are `StoreErrors`; after one the store goes on working as soon as its cause is gone.
 */
export interface Store {
  get(key: string): Promise<Buffer | undefined>
  /** The entries whose keys begin with `prefix`, in byte order of the keys. */
  range(prefix: string): Promise<Entry[]>
  /**
   * All the changes or none, in their order, after those of earlier calls. Resolved means durable: they survive a crash of the host. Rejected
   * means that they may or may not have happened (the answer may be what was lost).
   */
  write(changes: readonly Change[]): Promise<void>
  /** Ends after the writes under way. Idempotent; other calls fail from now on. */
  close(): Promise<void>
}

/** Longest key, in bytes of UTF-8: what each driver can take. */
export const MAX_KEY_SIZE = 1024
