import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Archives, Unpacking } from '#host/archives.js'
import { HostErrors } from '#host/errors.js'
import { type ArchiveIndex, Compression, type Unpacked, type UnpackProgress, type UnpackRequest } from '#wire/native.js'

/** What stands for an archive here: names of files with their content, and directories that it only implies. */
export interface FakeArchive {
  readonly files: Readonly<Record<string, string>>
  readonly implied?: readonly string[]
  readonly hidesBelow?: boolean
}

export const fakeBytes = (archive: FakeArchive): Buffer => Buffer.from(JSON.stringify(archive))
export const sha256Digest = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** The port on real directories, without tar: for tests of what decides, not of what unpacks. */
export class FakeArchives implements Archives {
  /** Directories into which was unpacked, in order. */
  readonly unpacked: string[] = []
  readonly adopted: { directory: string; implied: readonly string[]; below: readonly string[] }[] = []
  flushes = 0
  /** Now, and at most. */
  open = 0
  mostOpen = 0
  /** What comes after all bytes are here waits for this. */
  gate: Promise<void> = Promise.resolve()
  flushGate: Promise<void> = Promise.resolve()

  unpack(request: UnpackRequest, onProgress: (progress: UnpackProgress) => void = () => {}): Unpacking {
    this.unpacked.push(request.directory)
    this.mostOpen = Math.max(this.mostOpen, ++this.open)
    const chunks: Uint8Array[] = []
    const abandoned = new AbortController()
    const ended = deferred()
    if (request.source) {
      chunks.push(readFileSync(request.source.path))
      ended.resolve()
    }
    const gone = new Promise<never>((_, reject) => {
      abandoned.signal.addEventListener('abort', () => reject(HostErrors.OPERATION_FAILED({ sentence: 'abandoned' })))
    })
    const work = async (): Promise<Unpacked> => {
      await mkdir(request.directory)
      try {
        await Promise.race([ended.promise.then(() => this.gate), gone])
        return await this.#write(request, Buffer.concat(chunks))
      } catch (error) {
        await rm(request.directory, { recursive: true })
        throw error
      } finally {
        this.open--
      }
    }
    const result = work()
    result.catch(() => undefined)
    gone.catch(() => undefined)
    return {
      write: (chunk) => {
        chunks.push(chunk)
        onProgress({ operation: 0, bytesIn: BigInt(Buffer.concat(chunks).length), unpackedBytes: 0n, entries: 0n })
        return undefined
      },
      end: () => ended.resolve(),
      abandon: () => abandoned.abort(),
      result,
    }
  }

  async #write({ directory, digest, diffId, size }: UnpackRequest, bytes: Buffer): Promise<Unpacked> {
    const found = sha256Digest(bytes)
    for (const wanted of [digest, diffId]) {
      if (wanted !== undefined && wanted !== found)
        throw HostErrors.OPERATION_FAILED({ sentence: `it is ${found} in place of ${wanted}` })
    }
    if (size !== undefined && Number(size) !== bytes.length)
      throw HostErrors.OPERATION_FAILED({ sentence: 'it has another size' })
    const { files, implied = [], hidesBelow = false }: FakeArchive = JSON.parse(bytes.toString())
    for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content)
    return {
      digest: found,
      diffId: found,
      size: BigInt(bytes.length),
      unpackedBytes: BigInt(Object.values(files).join('').length),
      entries: BigInt(Object.keys(files).length),
      compression: Compression.NONE,
      impliedDirectories: implied.map((name) => Buffer.from(name)),
      hidesBelow,
    }
  }

  index(): Promise<ArchiveIndex> {
    return Promise.reject(HostErrors.OPERATION_FAILED({ sentence: 'no archive of archives' }))
  }

  async adopt(directory: string, implied: readonly Uint8Array[], below: readonly string[]): Promise<void> {
    this.adopted.push({ directory, implied: implied.map((name) => Buffer.from(name).toString()), below })
    await writeFile(join(directory, '.adopted'), below.join('\n'))
  }

  async flush(): Promise<void> {
    this.flushes++
    await this.flushGate
  }

  async close(): Promise<void> {}
}

export interface Deferred {
  readonly promise: Promise<void>
  resolve(): void
}

export function deferred(): Deferred {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}
