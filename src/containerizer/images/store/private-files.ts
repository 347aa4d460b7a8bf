import { randomUUID } from 'node:crypto'
import { chmod, lstat, mkdir, open, readdir, readFile, realpath, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StoreErrors } from './errors.js'

/**
 * Other users of the host get nowhere near the files of images, whose setuid programs are meant for containers only (S75). Containers reach layers by
 * mounts, which look at no directory above them.
 */
const DIRECTORY = 0o700
export const FILE = 0o600

/** The directory, made or made private, without symbolic links in its name. */
export async function privateDirectory(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: DIRECTORY })
    const real = await realpath(path)
    const { uid, mode } = await lstat(real)
    if (uid !== process.geteuid?.()) throw new Error(`it belongs to user ${uid}`)
    if ((mode & 0o7777) !== DIRECTORY) await chmod(real, DIRECTORY)
    return real
  } catch (error) {
    throw StoreErrors.DIRECTORY_UNUSABLE({ path, why: (error as Error).message }, error)
  }
}

/** Whole or not at all; lost with the host, perhaps. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const next = `${path}.${randomUUID()}.new`
  await writeFile(next, content, { mode: FILE })
  await rename(next, path)
}

/** The old content or this one, after any crash. */
export async function writeDurably(path: string, content: string): Promise<void> {
  const next = `${path}.${randomUUID()}.new`
  const file = await open(next, 'w', FILE)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(next, path)
  await syncDirectory(dirname(path))
}

export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  await directory.sync().finally(() => directory.close())
}

/** Undefined for what is absent, cut off or of another version: a crash may have left anything. */
export async function readRecord<T extends { version: number }>(path: string, version: T['version']): Promise<T | undefined> {
  try {
    const record = JSON.parse(await readFile(path, 'utf8'))
    return record?.version === version ? record : undefined
  } catch (error) {
    if (error instanceof SyntaxError || isAbsence(error)) return undefined
    throw error
  }
}

export const namesIn = (directory: string): Promise<string[]> =>
  readdir(directory).catch((error) => {
    if (isAbsence(error)) return []
    throw error
  })

export const isAbsence = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

export function unlessAbsent(error: unknown): undefined {
  if (!isAbsence(error)) throw error
}
