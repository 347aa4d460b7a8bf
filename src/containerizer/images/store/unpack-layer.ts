import { stat } from 'node:fs/promises'
import { CodedError } from '#base/errors.js'
import type { Archives, Unpacking } from '#host/archives.js'
import type { Unpacked, UnpackRequest } from '#wire/native.js'
import type { LayerSource } from '../image.js'
import { StoreErrors } from './errors.js'
import type { LayerProgress } from './progress.js'
import type { Space } from './space.js'

/** How often a body may break off without a new byte in between. Whoever opens it has a patience of its own for servers that do not answer. */
const FRUITLESS = 5
/** More files than the largest images have; each costs an inode (S73). */
const MOST_ENTRIES = 10_000_000n

export interface UnpackContext {
  readonly archives: Archives
  readonly space: Space
  readonly progress: LayerProgress
}

/** A layer from where it comes into a directory that does not exist yet; nothing of it stays when that fails or is aborted. */
export async function unpackLayer(
  source: LayerSource,
  directory: string,
  { archives, space, progress }: UnpackContext,
  abort: AbortSignal,
): Promise<Unpacked> {
  const request = await requestFor(source, directory, space)
  abort.throwIfAborted()
  const ended = new AbortController()
  let lack: Error | undefined
  const watch = space.watch((why) => {
    lack = why
    unpacking.abandon()
  })
  const unpacking = archives.unpack(request, ({ bytesIn, unpackedBytes }) => {
    watch(Number(unpackedBytes))
    progress.tell({ bytes: Number(bytesIn) })
  })
  const abandon = (): void => unpacking.abandon()
  abort.addEventListener('abort', abandon, { once: true })
  const result = unpacking.result.finally(() => ended.abort(StoreErrors.GIVEN_UP({})))
  try {
    const [unpacked] = await Promise.all([result, source.file ? undefined : feed(source, unpacking, ended.signal, progress)])
    return unpacked
  } catch (error) {
    unpacking.abandon()
    await unpacking.result.catch(() => undefined) // nothing of it is left then
    abort.throwIfAborted()
    throw lack ?? error
  } finally {
    abort.removeEventListener('abort', abandon)
  }
}

async function requestFor(source: LayerSource, directory: string, space: Space): Promise<UnpackRequest> {
  const { file, digest, diffId, strip, whiteouts } = source
  const size = source.size ?? file?.size ?? (file && (await stat(file.path)).size - (file.offset ?? 0))
  return {
    directory,
    source: file && { path: file.path, offset: asBytes(file.offset), size: asBytes(file.size) },
    digest,
    diffId,
    size: asBytes(source.size),
    mostBytes: BigInt(await space.mostBytes(size)),
    mostEntries: MOST_ENTRIES,
    strip,
    whiteouts,
  }
}

const asBytes = (count: number | undefined): bigint | undefined => (count === undefined ? undefined : BigInt(count))

/** `ended`: no more bytes are wanted, since the unpacker has failed; how is its own to say. */
async function feed(source: LayerSource, to: Unpacking, ended: AbortSignal, progress: LayerProgress): Promise<void> {
  let received = 0
  let fruitless = 0
  let why = 'it ended too early'
  while (fruitless < FRUITLESS) {
    const before = received
    let broken = false
    try {
      for await (const chunk of await open(source, received, ended)) {
        received += chunk.length
        await to.write(chunk)
        if (ended.aborted) return
      }
    } catch (error) {
      if (ended.aborted) return
      if (error instanceof RefusedError) throw error.cause
      broken = true
      why = (error as Error).message
    }
    if (source.size === undefined ? !broken : received >= source.size) {
      progress.tell({ phase: 'unpacking' })
      return to.end()
    }
    fruitless = received > before ? 0 : fruitless + 1
  }
  throw StoreErrors.LAYER_BROKE_OFF({ at: received, times: FRUITLESS, why })
}

/** Who cannot even open it has tried all that there is to try. */
class RefusedError extends Error {}

async function open(source: LayerSource, from: number, abort: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  try {
    if (!source.open) throw new Error('nobody says where it comes from')
    return await source.open(from, abort)
  } catch (error) {
    throw new RefusedError('', { cause: error })
  }
}

/** The unpacker has refused what came; it cannot tell whether a digest or the disk is to blame. */
export const isWrongContent = (error: unknown): boolean =>
  error instanceof CodedError && ['HOST_DIGEST_WRONG', 'HOST_OPERATION_FAILED'].includes(error.code)

/** What was told in a sentence already. */
export const sentenceOf = (error: unknown): string =>
  error instanceof CodedError || error instanceof Error ? error.message : String(error)
