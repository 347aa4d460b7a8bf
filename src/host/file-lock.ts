import { loadAddon, type NativeAssets, packagedAssets } from './addon.js'

/** Locks an open file until it is closed, or whoever opened it is gone. False when it is locked by somebody else. */
export function lockFile(file: { readonly fd: number }, { addon }: NativeAssets = packagedAssets()): boolean {
  return loadAddon(addon).lockFile(file.fd)
}
