import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface WriteOptions {
  /** Survives a crash of the host: file and directory are synced before this resolves (design §4.8). */
  durable: boolean
  mode?: number
}

/** The file is there whole, with the old or the new content, whenever this program or the host dies. */
export async function writeAtomically(
  path: string,
  bytes: Uint8Array | string,
  { durable, mode = 0o600 }: WriteOptions,
): Promise<void> {
  const directory = dirname(path)
  const beside = join(directory, `.${randomUUID()}.new`)
  try {
    const file = await open(beside, 'wx', mode)
    try {
      await file.writeFile(bytes)
      if (durable) await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  if (durable) await syncDirectory(directory)
}

/** A directory and all that is missing above it. Durable: each new name is synced into its parent. */
export async function makeDirectory(path: string, { durable, mode = 0o755 }: WriteOptions): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode })
  if (!durable || first === undefined) return
  for (let made = path; ; made = dirname(made)) {
    await syncDirectory(dirname(made))
    if (made === first) return
  }
}

/** `undefined` when there is no such file. */
export async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
