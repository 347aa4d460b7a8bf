import { closeSync, openSync, statSync } from 'node:fs'
import {
  ArchiveEvents,
  Extracted,
  ExtractRequest,
  FinishRequest,
  Identity,
  UserFile as UserFileType,
  UserPlace,
} from '#wire/native.js'
import { decode, encode } from '#wire/protobuf.js'
import { loadAddon, type NativeAssets, type NativeUserFiles, packagedAssets } from './addon.js'
import { HostErrors } from './errors.js'
import { sentenceOf } from './lifecycle.js'
import type { NewFile, UserFile, UserFiles } from './user-files.js'

interface Waiting {
  resolve: (bytes: Uint8Array) => void
  reject: (why: Error) => void
}

/** Throws when the addon cannot be had. */
export function openUserFiles(assets: NativeAssets = packagedAssets()): UserFiles {
  return new RealUserFiles(assets)
}

/** A file of the agent's own. */
export function openOwnFile(path: string): UserFile {
  return opened(openSync(path, 'r'), statSync(path).size)
}

/** A new one of the agent's own, which nobody else may read. */
export function createOwnFile(path: string): UserFile {
  return opened(openSync(path, 'wx+', 0o600), 0)
}

class RealUserFiles implements UserFiles {
  readonly #native: NativeUserFiles
  readonly #waiting = new Map<number, Waiting>()
  /** Keeps the process alive while somebody waits. */
  #alive: NodeJS.Timeout | undefined
  #next = 1
  #closed = false

  constructor(assets: NativeAssets) {
    const { NativeUserFiles: Native } = loadAddon(assets.addon)
    this.#native = new Native((bytes) => this.#see(bytes))
  }

  async open(path: string, user: Identity | undefined): Promise<UserFile> {
    const answer = await this.#begin((operation) => this.#native.open(operation, path, user && encode(Identity, user)))
    const { descriptor, size } = decode(UserFileType, answer)
    return opened(descriptor, Number(size))
  }

  async create(place: UserPlace): Promise<NewFile> {
    const answer = await this.#begin((operation) => this.#native.create(operation, encode(UserPlace, place)))
    const { descriptor, temporary = '' } = decode(UserFileType, answer)
    return { ...opened(descriptor, 0), place, temporary }
  }

  async copy(from: UserFile, to: UserFile, most: number, abort: AbortSignal): Promise<number> {
    const begin = (operation: number): void => this.#native.copy(operation, from.descriptor, to.descriptor, most)
    return Number(Buffer.from(await this.#begin(begin, abort)).readBigUInt64LE())
  }

  async finish(file: NewFile, how: { readonly executable: boolean } | 'discard'): Promise<void> {
    const { place, temporary, descriptor } = file
    const kept = how === 'discard' ? {} : { descriptor, executable: how.executable }
    const request = encode(FinishRequest, { place, temporary, ...kept })
    try {
      await this.#begin((operation) => this.#native.finish(operation, request))
    } finally {
      file.close()
    }
  }

  async extract(from: UserFile, request: Omit<ExtractRequest, 'descriptor'>, abort: AbortSignal): Promise<Extracted> {
    const whole = encode(ExtractRequest, { ...request, descriptor: from.descriptor })
    return decode(Extracted, await this.#begin((operation) => this.#native.extract(operation, whole), abort))
  }

  async append(place: UserPlace, text: string): Promise<void> {
    await this.#begin((operation) => this.#native.append(operation, encode(UserPlace, place), Buffer.from(text)))
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#native.close()
    for (const { reject } of this.#waiting.values()) reject(HostErrors.CLOSED({}))
    this.#waiting.clear()
    this.#leaveIfIdle()
  }

  #begin(call: (operation: number) => void, abort?: AbortSignal): Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(HostErrors.CLOSED({}))
    if (abort?.aborted) return Promise.reject(abort.reason)
    const operation = this.#next++
    const abandon = (): void => this.#native.abandon(operation)
    abort?.addEventListener('abort', abandon)
    const outcome = new Promise<Uint8Array>((resolve, reject) => {
      this.#waiting.set(operation, { resolve, reject })
      this.#alive ??= setInterval(() => {}, 0x7fffffff)
      call(operation)
    })
    return outcome.finally(() => abort?.removeEventListener('abort', abandon))
  }

  #see(bytes: Uint8Array): void {
    for (const { operation, failure, result } of decode(ArchiveEvents, bytes).completions ?? []) {
      const waiting = this.#waiting.get(operation)
      this.#waiting.delete(operation)
      this.#leaveIfIdle()
      if (failure) waiting?.reject(HostErrors.OPERATION_FAILED({ sentence: sentenceOf(failure.cause) }))
      else waiting?.resolve(result ?? new Uint8Array())
    }
  }

  #leaveIfIdle(): void {
    if (this.#waiting.size > 0) return
    clearInterval(this.#alive)
    this.#alive = undefined
  }
}

function opened(descriptor: number, size: number): UserFile {
  let open = true
  return {
    descriptor,
    size,
    close() {
      if (open) closeSync(descriptor)
      open = false
    },
  }
}
