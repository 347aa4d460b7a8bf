import { lchown, mkdir, stat, symlink } from 'node:fs/promises'
import type { Identity } from '#wire/native.js'

/** The few things the containerizer does to files itself; the simulator brings its own. */
export interface Files {
  /** With all its parents; what exists already stays. Only the last one is given to `owner`. */
  makeDirectory(path: string, owner?: Identity): Promise<void>
  /** Through symbolic links. */
  kind(path: string): Promise<'directory' | 'other' | 'absent'>
  symlink(target: string, path: string): Promise<void>
}

export const hostFiles: Files = {
  async makeDirectory(path, owner) {
    const made = await mkdir(path, { recursive: true })
    if (owner && !(made && isOwn(owner))) await lchown(path, owner.uid, owner.gid)
  },
  async kind(path) {
    try {
      return (await stat(path)).isDirectory() ? 'directory' : 'other'
    } catch (error) {
      if (isAbsence(error)) return 'absent'
      throw error
    }
  },
  symlink: (target, path) => symlink(target, path),
}

/** What we have just made is ours already. */
const isOwn = ({ uid, gid }: Identity): boolean => uid === process.geteuid?.() && gid === process.getegid?.()

const isAbsence = (error: unknown): boolean => {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}
