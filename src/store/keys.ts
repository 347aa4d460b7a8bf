import { StoreErrors } from './errors.js'
import { type Change, MAX_KEY_SIZE } from './store.js'

/** The key as drivers order and compare it. */
export function keyBytes(key: string): Buffer {
  const bytes = Buffer.from(key)
  if (bytes.length === 0 || bytes.length > MAX_KEY_SIZE) throw StoreErrors.BAD_KEY({ size: bytes.length, limit: MAX_KEY_SIZE })
  return bytes
}

/** Throws before anything is written if one of the keys can't be. */
export function checkKeys(changes: readonly Change[]): void {
  for (const change of changes) keyBytes('put' in change ? change.put : change.delete)
}

export const hasPrefix = (key: Buffer, prefix: Buffer): boolean =>
  key.length >= prefix.length && key.subarray(0, prefix.length).equals(prefix)
