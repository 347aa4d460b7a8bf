import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Archives } from '#host/archives.js'
import type { Unpacked, UnpackRequest } from '#wire/native.js'
import { type Digest, parseDigest } from '../digest.js'
import { SourceErrors } from './errors.js'
import { archiveFiles, directoryFiles, type ImageFiles } from './image-files.js'
import type { Staging } from './staging.js'

/** What is needed to look into archives. */
export interface Tools {
  readonly archives: Archives
  readonly staging: Staging
  readonly abort: AbortSignal
  /** Of the web, to a path that does not exist yet. */
  readonly download: (url: string, path: string) => Promise<void>
}

/** An archive of this host, before anybody knows what it holds. */
export interface ArchiveFile {
  readonly path: string
  readonly size: number
  /** Of the files that were asked for those that are there, with their content if that is known already. */
  readonly marks: ReadonlyMap<string, Buffer | undefined>
  /** Of the archive as it lies there, and without compression. */
  digests(): Promise<{ digest: Digest; diffId: Digest }>
  files(): Promise<ImageFiles>
}

/** First bytes of what compresses archives: gzip, zstd, bzip2, xz. */
const MAGIC = ['1f8b', '28b52ffd', '425a68', 'fd377a585a00']
/** No archive of images has such a directory, so nothing is unpacked. */
const NOWHERE = '.meseta-nothing-of-it'

export async function openArchive(path: string, marks: readonly string[], tools: Tools): Promise<ArchiveFile> {
  const { compressed, size } = await look(path)
  return compressed ? openCompressed(path, size, marks, tools) : openPlain(path, size, marks, tools)
}

async function look(path: string): Promise<{ compressed: boolean; size: number }> {
  const handle = await open(path).catch((error: Error) => {
    throw SourceErrors.NO_ARCHIVE({ path, why: error.message }, error)
  })
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw SourceErrors.NO_ARCHIVE({ path, why: 'it is no file' })
    const { buffer } = await handle.read(Buffer.alloc(6), 0, 6, 0)
    return { compressed: MAGIC.some((magic) => buffer.toString('hex').startsWith(magic)), size: stats.size }
  } finally {
    await handle.close()
  }
}

/** Read where it lies. */
async function openPlain(path: string, size: number, marks: readonly string[], { archives, abort }: Tools): Promise<ArchiveFile> {
  const index = await archives.index(path).catch((error: Error) => {
    throw SourceErrors.NO_ARCHIVE({ path, why: error.message }, error)
  })
  const files = archiveFiles(path, index)
  const found = await Promise.all(marks.map((mark) => files.find(mark)))
  const digest = async (): Promise<Digest> => sha256OfFile(path, abort)
  return {
    path,
    size,
    marks: new Map(marks.filter((_, at) => found[at]).map((mark) => [mark, undefined])),
    async digests() {
      const same = await digest()
      return { digest: same, diffId: same }
    },
    files: async () => files,
  }
}

/** Read once to see what it is; what has to be read here and there is unpacked. */
async function openCompressed(path: string, size: number, marks: readonly string[], tools: Tools): Promise<ArchiveFile> {
  const seen = await unpack(
    { directory: await tools.staging.path(), source: { path }, strip: NOWHERE, wanted: [...marks] },
    tools,
  )
  const digests = { digest: parseDigest(seen.digest), diffId: parseDigest(seen.diffId) }
  return {
    path,
    size,
    marks: new Map((seen.wanted ?? []).map(({ name, content }) => [name, Buffer.from(content)])),
    digests: async () => digests,
    async files() {
      const directory = await tools.staging.path()
      await unpack({ directory, source: { path } }, tools)
      return { ...directoryFiles(directory), where: path }
    },
  }
}

async function unpack(request: UnpackRequest, { archives, abort }: Tools): Promise<Unpacked> {
  abort.throwIfAborted()
  const unpacking = archives.unpack(request)
  const abandon = (): void => unpacking.abandon()
  abort.addEventListener('abort', abandon, { once: true })
  try {
    return await unpacking.result
  } catch (error) {
    abort.throwIfAborted()
    throw SourceErrors.NO_ARCHIVE({ path: request.source?.path ?? '', why: (error as Error).message }, error)
  } finally {
    abort.removeEventListener('abort', abandon)
  }
}

async function sha256OfFile(path: string, abort: AbortSignal): Promise<Digest> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, signal: abort })) hash.update(chunk as Buffer)
  return parseDigest(`sha256:${hash.digest('hex')}`)
}
