import { type FileHandle, open } from 'node:fs/promises'
import { loadAddon, packagedAssets } from './addon.js'

/**
 * Locks a file until it is closed or this process is gone, however it ends; makes it if need be. Undefined when another opening has the lock. Nobody but
 * its owner may open the file, so that nobody else can take the lock.
 */
export async function lockFile(path: string): Promise<FileHandle | undefined> {
  const file = await open(path, 'a', 0o600)
  if (loadAddon(packagedAssets().addon).lockFile(file.fd)) return file
  await file.close()
  return undefined
}
