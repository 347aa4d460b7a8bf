import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/** A root file system as small as can be: one static busybox under a few names. Debian's busybox-static. */
export function busyboxRoot(directory: string): string {
  for (const name of ['bin', 'proc', 'dev', 'sys', 'tmp', 'etc', 'mnt']) mkdirSync(join(directory, name), { recursive: true })
  copyFileSync('/bin/busybox', join(directory, 'bin/busybox'))
  for (const name of ['true', 'sh', 'sleep', 'cat']) symlinkSync('busybox', join(directory, 'bin', name))
  return directory
}
