import { WireErrors } from './errors.js'

/** A message or a record may not be larger than this, in bytes (B20); it is Mesos' limit too. */
export const MAX_MESSAGE_SIZE = 64 * 1024 * 1024

/** Throws if a text or bytes are larger than a message may be. `what` begins the sentence. */
export function checkSize(content: { length: number }, what: string): void {
  if (content.length > MAX_MESSAGE_SIZE) throw WireErrors.TOO_LARGE({ what, limit: MAX_MESSAGE_SIZE })
}
