import { createHash, type Hash } from 'node:crypto'
import { FetcherErrors } from './errors.js'

export interface Checksum {
  readonly algorithm: 'sha256' | 'sha512'
  readonly hex: string
}

const HEX_DIGITS = { sha256: 64, sha512: 128 }

/**
 * A fragment `#sha256=<hex>` says what the content must be: CommandInfo.URI has no field for it, and a fragment never reaches a server. Any other
 * fragment is left as it is.
 */
export function splitChecksum(uri: string): { readonly uri: string; readonly checksum?: Checksum } {
  const [found, name, hex = ''] = /#(sha256|sha512)=([^#]*)$/i.exec(uri) ?? []
  if (found === undefined) return { uri }
  const algorithm = name?.toLowerCase() as Checksum['algorithm']
  if (hex.length !== HEX_DIGITS[algorithm] || !/^[0-9a-f]+$/i.test(hex)) throw FetcherErrors.CHECKSUM_INVALID({ algorithm })
  return { uri: uri.slice(0, -found.length), checksum: { algorithm, hex: hex.toLowerCase() } }
}

/** Sees all bytes of one content. */
export class ChecksumWatch {
  readonly #wanted: Checksum
  #hash: Hash

  constructor(wanted: Checksum) {
    this.#wanted = wanted
    this.#hash = createHash(wanted.algorithm)
  }

  see(chunk: Uint8Array): void {
    this.#hash.update(chunk)
  }

  /** It begins again. */
  reset(): void {
    this.#hash = createHash(this.#wanted.algorithm)
  }

  /** Throws when it was something else. */
  check(): void {
    const { algorithm, hex } = this.#wanted
    const found = this.#hash.digest('hex')
    if (found !== hex) throw FetcherErrors.CHECKSUM_MISMATCH({ algorithm, wanted: hex, found })
  }
}
