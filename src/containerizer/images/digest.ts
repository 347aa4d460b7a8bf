import { createHash } from 'node:crypto'
import { ImageErrors } from './errors.js'

/** `sha256:<64 hex>` or `sha512:<128 hex>`, lower case: all that may name content (S64). */
export type Digest = string & { readonly digest: unique symbol }

const GRAMMAR = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/** Throws where the text is no digest that we can check. */
export function parseDigest(text: string): Digest {
  if (!GRAMMAR.test(text)) throw ImageErrors.DIGEST_INVALID({ digest: text.slice(0, 200) })
  return text as Digest
}

export const shortDigest = (digest: Digest): string => digest.slice(digest.indexOf(':') + 1).slice(0, 12)

export const sha256Of = (content: string | Uint8Array): Digest => digestBy('sha256', content)

/** Of the content, by the algorithm of another digest. */
export const digestLike = (digest: Digest, content: Uint8Array): Digest => digestBy(digest.slice(0, digest.indexOf(':')), content)

const digestBy = (algorithm: string, content: string | Uint8Array): Digest =>
  `${algorithm}:${createHash(algorithm).update(content).digest('hex')}` as Digest
