import { mkdir, open, rename, symlink, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Replaces a file as a whole: after any crash there is the old content or the new one (design §4.8). */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const next = `${path}.new`
  const file = await open(next, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(next, path)
  await syncDirectory(dirname(path))
}

/** Points a link to something else, at once. */
export async function relink(path: string, target: string): Promise<void> {
  const isNew = await symlink(target, path).then(() => true, ifTaken)
  if (isNew) return
  const next = `${path}.new`
  await unlink(next).catch(ifExists)
  await symlink(target, next)
  await rename(next, path)
}

export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** Makes a directory and its missing parents, durably. */
export async function makeDurably(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made))
}

function ifTaken(error: NodeJS.ErrnoException): false {
  if (error.code !== 'EEXIST') throw error
  return false
}

export function ifExists(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
