import {
  ArchiveEvents,
  ArchiveIndex,
  type ArchiveIndex as ArchiveIndexMessage,
  type HostCompletion,
  Unpacked,
  type UnpackProgress,
  UnpackRequest,
  type UnpackRequest as UnpackRequestMessage,
} from '#wire/native.js'
import { decode, encode } from '#wire/protobuf.js'
import { loadAddon, type NativeArchives, packagedAssets } from './addon.js'
import type { Archives, Unpacking } from './archives.js'
import { HostErrors } from './errors.js'
import { sentenceOf } from './lifecycle.js'

interface Operation {
  resolve: (bytes: Uint8Array) => void
  reject: (why: Error) => void
  onProgress: ((progress: UnpackProgress) => void) | undefined
  /** Who waits to write more. */
  waiting: (() => void)[]
}

/** Archives through the addon. It is loaded now, so that what is missing is said at the start. */
export function openRealArchives(addon: string = packagedAssets().addon): Archives {
  return new RealArchives(addon)
}

class RealArchives implements Archives {
  private readonly native: NativeArchives
  private readonly operations = new Map<number, Operation>()
  private nextOperation = 1
  private closing: Promise<void> | undefined
  /** Keeps the process alive while something goes on. */
  private alive: NodeJS.Timeout | undefined

  constructor(addon: string) {
    const { NativeArchives: Native } = loadAddon(addon)
    this.native = new Native((bytes) => this.see(decode(ArchiveEvents, bytes)))
  }

  unpack(request: UnpackRequestMessage, onProgress?: (progress: UnpackProgress) => void): Unpacking {
    const { id, answer } = this.begin((operation) => this.native.unpack(operation, encode(UnpackRequest, request)), onProgress)
    const result = answer.then((bytes) => decode(Unpacked, bytes))
    // Whoever abandons it need not look.
    result.catch(() => {})
    return {
      write: (chunk) => this.write(id, chunk),
      end: () => this.native.endFeed(id),
      abandon: () => this.native.abandon(id),
      result,
    }
  }

  async index(path: string): Promise<ArchiveIndexMessage> {
    return decode(ArchiveIndex, await this.begin((operation) => this.native.index(operation, path)).answer)
  }

  async adopt(directory: string, implied: readonly Uint8Array[], below: readonly string[]): Promise<void> {
    const names = implied.map((name) => Buffer.from(name.buffer, name.byteOffset, name.byteLength))
    await this.begin((operation) => this.native.adopt(operation, directory, names, [...below])).answer
  }

  async flush(directory: string): Promise<void> {
    await this.begin((operation) => this.native.flush(operation, directory)).answer
  }

  close(): Promise<void> {
    this.closing ??= this.abandonAll()
    return this.closing
  }

  private async abandonAll(): Promise<void> {
    const settled = [...this.operations.values()].map(
      (operation) =>
        new Promise<void>((resolve) => {
          const { reject, resolve: done } = operation
          operation.reject = (why) => resolve(reject(why))
          operation.resolve = (bytes) => resolve(done(bytes))
        }),
    )
    this.native.close()
    await Promise.all(settled)
  }

  private begin(
    call: (operation: number) => void,
    onProgress?: (progress: UnpackProgress) => void,
  ): { id: number; answer: Promise<Uint8Array> } {
    const id = this.nextOperation++
    const answer = new Promise<Uint8Array>((resolve, reject) => {
      if (this.closing) return reject(HostErrors.CLOSED({}))
      this.operations.set(id, { resolve, reject, onProgress, waiting: [] })
      this.alive ??= setInterval(() => {}, 0x7fffffff)
      call(id)
    })
    return { id, answer }
  }

  /** One write after the other, or all of them at once: whoever is above the bound waits for the same. */
  private write(id: number, chunk: Uint8Array): Promise<void> | undefined {
    const operation = this.operations.get(id)
    if (!operation) return undefined
    const goesOn = this.native.feed(id, Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    return goesOn ? undefined : new Promise((resolve) => operation.waiting.push(resolve))
  }

  private see(events: ArchiveEvents): void {
    for (const progress of events.progress ?? []) this.progress(progress)
    for (const completion of events.completions ?? []) this.complete(completion)
  }

  private progress(progress: UnpackProgress): void {
    const operation = this.operations.get(progress.operation)
    if (!operation) return
    if (progress.drained) wake(operation)
    operation.onProgress?.(progress)
  }

  private complete(completion: HostCompletion): void {
    const operation = this.operations.get(completion.operation)
    if (!operation) return
    this.operations.delete(completion.operation)
    if (this.operations.size === 0) {
      clearInterval(this.alive)
      this.alive = undefined
    }
    wake(operation)
    const { failure } = completion
    if (!failure) operation.resolve(completion.result ?? new Uint8Array())
    else if (failure.code === 'ABANDONED') operation.reject(HostErrors.ABANDONED({}))
    else if (failure.code === 'DIGEST_WRONG') operation.reject(HostErrors.DIGEST_WRONG({ sentence: sentenceOf(failure.cause) }))
    else operation.reject(HostErrors.OPERATION_FAILED({ sentence: sentenceOf(failure.cause) }))
  }
}

function wake(operation: Operation): void {
  for (const resume of operation.waiting.splice(0)) resume()
}
