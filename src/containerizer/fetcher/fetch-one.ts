import { fstatSync } from 'node:fs'
import { createOwnFile, openOwnFile } from '#host/real-user-files.js'
import type { NewFile, UserFile, UserFiles } from '#host/user-files.js'
import { ArchiveFormat, type UserPlace } from '#wire/native.js'
import { decompressedName } from './archive.js'
import type { FetcherCache, Fill } from './cache.js'
import { ChecksumWatch } from './checksum.js'
import { type Download, RESERVED } from './download.js'
import type { FetchTarget } from './fetcher.js'
import { receive } from './receive.js'
import type { SandboxLog } from './sandbox-log.js'
import type { OpenedSource } from './scheme.js'
import type { Reachable, Schemes } from './schemes.js'
import { extractedMost, spaceLeft } from './space.js'
import type { Turns } from './turns.js'
import { userSource } from './user-source.js'

/** What all that is fetched shares. */
export interface Tools {
  readonly files: UserFiles
  readonly schemes: Schemes
  readonly cache: FetcherCache | undefined
  readonly stallMilliseconds: number
  /** Extraction takes memory and a processor each. */
  readonly extractions: Turns
}

/** Longer than any copy; a silence that is nobody's fault. */
const PATIENT_MILLISECONDS = 0x7fffffff

/** Brings one download into a sandbox; what fails or is aborted leaves nothing of itself there. */
export class FetchOne {
  readonly #tools: Tools
  readonly #download: Download
  readonly #target: FetchTarget
  readonly #log: SandboxLog
  readonly #abort: AbortSignal

  constructor(tools: Tools, download: Download, target: FetchTarget, log: SandboxLog, abort: AbortSignal) {
    this.#tools = tools
    this.#download = download
    this.#target = target
    this.#log = log
    this.#abort = abort
  }

  async run(): Promise<void> {
    const { cache } = this.#tools
    if (!this.#download.cache || !cache) return this.#past()
    // The whole address, with what it shall contain: who gives another checksum gets a file that was checked against it.
    const held = await cache.hold(this.#key(), this.#fill(), this.#abort)
    if (!held) return this.#past()
    try {
      await this.#fromCache(held.file)
    } finally {
      held.release()
    }
  }

  #key(): string {
    const { from, checksum } = this.#download
    return JSON.stringify([this.#target.owner?.uid, this.#target.owner?.gid, from, checksum])
  }

  /** Into the sandbox directly. */
  async #past(): Promise<void> {
    await this.#inNewFile(async (file) => {
      const { bytes: most } = await spaceLeft(this.#target.sandbox)
      await this.#receiveInto(file, most, this.#abort)
    }, this.#download.archive !== undefined)
  }

  async #fromCache(path: string): Promise<void> {
    const cached = openOwnFile(path)
    this.#tell({ phase: 'running', bytes: cached.size, total: cached.size })
    try {
      // An archive of the cache is unpacked from there, as in Mesos.
      if (this.#download.archive !== undefined) return await this.#extract(cached)
      const { bytes: most } = await spaceLeft(this.#target.sandbox)
      await this.#inNewFile(async (file) => {
        await this.#tools.files.copy(cached, file, most, this.#abort)
      }, false)
    } finally {
      cached.close()
    }
    this.#log.say(`Copied ${this.#download.shown} from the cache to ${this.#download.to}`)
  }

  async #inNewFile(fill: (file: NewFile) => Promise<void>, extract: boolean): Promise<void> {
    const { files } = this.#tools
    const file = await files.create(this.#place(this.#download.to))
    try {
      await fill(file)
      if (extract) await this.#extract(file)
    } catch (error) {
      await files.finish(file, 'discard').catch(() => undefined) // the first error says more
      throw error
    }
    await files.finish(file, { executable: this.#download.executable })
  }

  #fill(): Fill {
    return async (path, reserve, abort) => {
      const { source, patient } = this.#source()
      const first = await source(0, abort)
      // Without a size nobody knows whether there is room.
      const fits = first.size !== undefined && (await this.#hasRoom(path, first.size)) && (await reserve(first.size))
      if (!fits) {
        await first.body[Symbol.asyncIterator]().return?.()
        return false
      }
      const file = createOwnFile(path)
      try {
        await this.#receive(source, file, { most: first.size ?? 0, patient, abort, first })
        return true
      } finally {
        file.close()
      }
    }
  }

  async #hasRoom(path: string, size: number): Promise<boolean> {
    return (await spaceLeft(path.slice(0, path.lastIndexOf('/')))).bytes >= size
  }

  async #receiveInto(file: UserFile, most: number, abort: AbortSignal): Promise<void> {
    const { from, checksum } = this.#download
    if ('path' in from && !checksum) return this.#copy(from.path, file, most, abort)
    const { source, patient } = this.#source()
    await this.#receive(source, file, { most, patient, abort })
  }

  async #copy(path: string, file: UserFile, most: number, abort: AbortSignal): Promise<void> {
    const { files } = this.#tools
    const original = await files.open(path, this.#target.owner)
    try {
      this.#tell({ phase: 'running', total: original.size })
      this.#told(await files.copy(original, file, most, abort))
    } finally {
      original.close()
    }
  }

  #source(): Reachable {
    const { from } = this.#download
    const { files, schemes } = this.#tools
    const { owner } = this.#target
    if ('path' in from) return { source: userSource(files, from.path, owner), patient: false }
    return schemes.find(from.scheme, from.uri, owner)
  }

  async #receive(
    source: Reachable['source'],
    file: UserFile,
    how: { most: number; patient: boolean; abort: AbortSignal; first?: OpenedSource },
  ): Promise<void> {
    const checksum = this.#download.checksum && new ChecksumWatch(this.#download.checksum)
    this.#tell({ phase: 'running' })
    const bytes = await receive(source, {
      descriptor: file.descriptor,
      most: how.most,
      stallMilliseconds: how.patient ? PATIENT_MILLISECONDS : this.#tools.stallMilliseconds,
      abort: how.abort,
      checksum,
      first: how.first,
      onProgress: (bytes, total) => this.#tell({ bytes, total }),
    })
    checksum?.check()
    this.#told(bytes)
  }

  #told(bytes: number): void {
    this.#tell({ bytes, total: bytes })
    this.#log.say(`Fetched ${this.#download.shown} (${bytes} bytes)`)
  }

  #tell(change: Parameters<NonNullable<FetchTarget['transfers']>['set']>[2]): void {
    this.#target.transfers?.set('uri', this.#download.shown, change)
  }

  async #extract(archive: UserFile): Promise<void> {
    const { archive: format = ArchiveFormat.TAR, to, shown } = this.#download
    this.#tell({ phase: 'unpacking' })
    const path = format === ArchiveFormat.COMPRESSED_FILE ? decompressedName(to) : ''
    const { files, extractions } = this.#tools
    const done = await extractions.take(async () => {
      const most = extractedMost(fstatSync(archive.descriptor).size, await spaceLeft(this.#target.sandbox))
      const limits = { mostBytes: BigInt(most.bytes), mostEntries: BigInt(most.files) }
      return files.extract(archive, { place: this.#place(path), format, ...limits, reserved: RESERVED }, this.#abort)
    })
    this.#log.say(`Extracted ${shown}: ${done.entries} entries, ${done.bytes} bytes`)
    for (const sentence of done.leftOut ?? []) this.#log.say(`Left out of ${shown}: ${sentence}`)
  }

  #place(path: string): UserPlace {
    return { sandbox: this.#target.sandbox, user: this.#target.owner, path }
  }
}
