import { lchown, mkdir, readdir, readFile, realpath, rename, stat, symlink, writeFile } from 'node:fs/promises'
import type { Identity } from '#wire/native.js'
import { mountOf } from './mount-table.js'

/** The few things the containerizer does to files itself; the simulator brings its own. */
export interface Files {
  /** With all its parents; what exists already stays. Only the last one is given to `owner`. */
  makeDirectory(path: string, owner?: Identity): Promise<void>
  /** Through symbolic links. */
  kind(path: string): Promise<'directory' | 'other' | 'absent'>
  symlink(target: string, path: string): Promise<void>
  /** Through symbolic links. */
  device(path: string): Promise<DeviceFile | 'other' | 'absent'>
  /** Whether mounts made there by somebody else would be seen here, and the other way. */
  isOnSharedMount(path: string): Promise<boolean>
  /** Names in a directory; none if there is no such directory. */
  list(directory: string): Promise<string[]>
  /** Where it leads in the end, if anywhere. */
  real(path: string): Promise<string | undefined>
  read(path: string): Promise<string | undefined>
  /** Whole or not at all; without regard to a crash of the host. */
  write(path: string, text: string): Promise<void>
}

export interface DeviceFile {
  readonly kind: 'b' | 'c'
  readonly major: number
  readonly minor: number
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
  async device(path) {
    try {
      const found = await stat(path, { bigint: true })
      if (!found.isBlockDevice() && !found.isCharacterDevice()) return 'other'
      return { kind: found.isBlockDevice() ? 'b' : 'c', ...deviceNumbers(found.rdev) }
    } catch (error) {
      if (isAbsence(error)) return 'absent'
      throw error
    }
  },
  async isOnSharedMount(path) {
    return mountOf(await realpath(path), await readFile('/proc/self/mountinfo', 'utf8'))?.shared ?? false
  },
  list: (directory) => readdir(directory).catch(orAbsent([])),
  real: (path) => realpath(path).catch(orAbsent(undefined)),
  read: (path) => readFile(path, 'utf8').catch(orAbsent(undefined)),
  async write(path, text) {
    await writeFile(`${path}.new`, text)
    await rename(`${path}.new`, path)
  },
}

const orAbsent =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (isAbsence(error)) return instead
    throw error
  }

/** As the C library packs them. */
function deviceNumbers(packed: bigint): { major: number; minor: number } {
  const major = ((packed >> 8n) & 0xfffn) | ((packed >> 32n) & 0xfffff000n)
  const minor = (packed & 0xffn) | ((packed >> 12n) & 0xffffff00n)
  return { major: Number(major), minor: Number(minor) }
}

/** What we have just made is ours already. */
const isOwn = ({ uid, gid }: Identity): boolean => uid === process.geteuid?.() && gid === process.getegid?.()

const isAbsence = (error: unknown): boolean => {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}
