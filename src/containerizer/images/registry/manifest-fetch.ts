import { createHash } from 'node:crypto'
import { MOST_INDEXES, MOST_METADATA_BYTES } from '../bounds.js'
import { type Digest, parseDigest } from '../digest.js'
import { ImageErrors } from '../errors.js'
import { type Descriptor, type ImageManifest, type Manifest, parseManifest } from '../manifest.js'
import { ACCEPTED_MANIFESTS } from '../media-types.js'
import { choosePlatform, type Platform } from '../platform.js'
import type { Schema1Manifest } from '../schema1.js'
import { type Answer, readAll } from './http-call.js'
import type { Sessions } from './sessions.js'

export interface Fetched<M = Manifest> {
  readonly manifest: M
  readonly bytes: Buffer
  readonly digest: Digest
}

/** The manifest of an image for a platform: that which the name stands for, or one that an index names. */
export async function fetchImageManifest(
  sessions: Sessions,
  name: { readonly tag?: string | undefined; readonly digest?: Digest | undefined },
  platform: Platform,
  abort: AbortSignal,
): Promise<Fetched<ImageManifest | Schema1Manifest>> {
  let fetched = await fetchManifest(sessions, name.digest ?? name.tag ?? 'latest', name.digest, undefined, abort)
  for (let indexes = 1; fetched.manifest.kind === 'index'; indexes++) {
    if (indexes > MOST_INDEXES) throw ImageErrors.INDEX_TOO_DEEP({ most: MOST_INDEXES })
    const chosen = choosePlatform(fetched.manifest.manifests, platform)
    fetched = await fetchManifest(sessions, chosen.digest, chosen.digest, chosen, abort)
  }
  return { ...fetched, manifest: fetched.manifest }
}

/** Checked against the digest that it was asked by, against what the registry says, and against what names it (S55). */
function fetchManifest(
  sessions: Sessions,
  reference: string,
  asked: Digest | undefined,
  named: Descriptor | undefined,
  abort: AbortSignal,
): Promise<Fetched> {
  return sessions.first((session) => {
    const { repository } = session.endpoint
    const what = asked === undefined ? `${repository}:${reference}` : `${repository}@${reference}`
    const wish = { path: `manifests/${reference}`, what, headers: { accept: ACCEPTED_MANIFESTS } }
    return session.get(wish, async (answer) => check(answer, await readAll(answer, MOST_METADATA_BYTES), asked, named), abort)
  }, abort)
}

function check(answer: Answer, bytes: Buffer, asked: Digest | undefined, named: Descriptor | undefined): Fetched {
  if (named && named.size !== bytes.length) {
    throw ImageErrors.SIZE_MISMATCH({ what: 'the manifest', wanted: named.size, got: bytes.length })
  }
  const type = answer.headers['content-type']
  const parse = (): Manifest => parseManifest(bytes, named?.mediaType ?? (typeof type === 'string' ? type : undefined))
  const claims = [asked, toldDigest(answer)].filter((claim) => claim !== undefined)
  // Only schema 1 is known by less than its bytes; anything else is not even read before it is known to be right.
  const isWhole = claims.every((claim) => hash(bytes, claim) === claim)
  const manifest = isWhole ? parse() : schema1Of(parse)
  const content = manifest?.kind === 'schema1' ? manifest.payload : bytes
  for (const claim of claims) verifyDigest('the manifest', content, claim)
  return { manifest: manifest ?? parse(), bytes, digest: asked ?? hash(content, 'sha256:') }
}

function schema1Of(parse: () => Manifest): Manifest | undefined {
  try {
    const manifest = parse()
    return manifest.kind === 'schema1' ? manifest : undefined
  } catch {
    return undefined // that its digest is wrong is what there is to say
  }
}

function toldDigest({ headers }: Answer): Digest | undefined {
  try {
    return parseDigest(String(headers['docker-content-digest']))
  } catch {
    return undefined // not all registries tell it
  }
}

export function verifyDigest(what: string, bytes: Uint8Array, wanted: Digest): void {
  const got = hash(bytes, wanted)
  if (got !== wanted) throw ImageErrors.DIGEST_MISMATCH({ what, wanted, got })
}

/** By the algorithm of another digest. */
function hash(bytes: Uint8Array, like: string): Digest {
  const algorithm = like.slice(0, like.indexOf(':'))
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest
}
