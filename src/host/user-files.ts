import type { Extracted, ExtractRequest, Identity, UserPlace } from '#wire/native.js'

/**
 * Files of tasks. The kernel judges every step among them as one of the task's user, so that nobody gets, by way of the agent, what they could not get
 * themselves; nothing follows a symbolic link in a sandbox (S77). Rejections are sentences: `could not open /etc/shadow: permission denied`.
 */
export interface UserFiles {
  /** A regular file, to be read. */
  open(path: string, user: Identity | undefined): Promise<UserFile>

  /** A new file, to be written and read; it gets its name, or goes again, by `finish`. */
  create(place: UserPlace): Promise<NewFile>

  /** All of one file to an empty one, at once where the file system can share it: how many bytes. Rejects when they are more than `most`. */
  copy(from: UserFile, to: UserFile, most: number, abort: AbortSignal): Promise<number>

  /** Closes it as well. What was there under its name is replaced. */
  finish(file: NewFile, how: { readonly executable: boolean } | 'discard'): Promise<void>

  /** What fails or is aborted leaves nothing. */
  extract(from: UserFile, request: Omit<ExtractRequest, 'descriptor'>, abort: AbortSignal): Promise<Extracted>

  /** More lines for a log file. */
  append(place: UserPlace, text: string): Promise<void>

  /** What is under way is abandoned. Idempotent. */
  close(): void
}

/** An open descriptor. */
export interface UserFile {
  readonly descriptor: number
  readonly size: number
  /** Idempotent. */
  close(): void
}

export interface NewFile extends UserFile {
  readonly place: UserPlace
  readonly temporary: string
}
