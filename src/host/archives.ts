import type { ArchiveIndex, Unpacked, UnpackProgress, UnpackRequest } from '#wire/native.js'

/**
 * The host's door to archives (native/image): layers become directories in one pass, by descriptor inside the directory, on threads of the addon's
 * own. What fails or is abandoned leaves nothing behind.
 */
export interface Archives {
  /** Bytes come from `request.source`, or from `write`. */
  unpack(request: UnpackRequest, onProgress?: (progress: UnpackProgress) => void): Unpacking

  /** What is in an archive of archives. Rejects when it is compressed or none. */
  index(path: string): Promise<ArchiveIndex>

  /**
   * What a directory needs of the layers below, lowest first: each of `implied`, which are names of bytes, looks like the one in the topmost of them that has it. Idempotent.
   */
  adopt(directory: string, implied: readonly Uint8Array[], below: readonly string[]): Promise<void>

  /** All that was written to the file system of `directory` before is on its disk. */
  flush(directory: string): Promise<void>

  /** What is under way is abandoned. Idempotent. */
  close(): Promise<void>
}

export interface Unpacking {
  /** Undefined: go on at once. A promise: more may come when it resolves, which bounds the memory. After a failure it does nothing. */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** All bytes have come. */
  end(): void
  /** Stops it; `result` rejects with HOST_ABANDONED as soon as nothing is left of it. */
  abandon(): void
  readonly result: Promise<Unpacked>
}
