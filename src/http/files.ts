import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, readdir, readlink, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { HttpErrors } from './errors.js'
import { type OwnerNames, readOwnerNames } from './owner-names.js'

/** One entry of a listing; what v0 and v1 show differently is still plain here (3-013, 3-082). */
export interface FileEntry {
  /** Virtual, as the client would ask for it. */
  path: string
  nlink: number
  size: number
  mtimeSeconds: number
  mode: number
  uid: string
  gid: string
}

export interface FilePart {
  /** Of the whole file. */
  size: number
  data: Buffer
}

/** What one read brings at most: 16 pages (3-014). */
const MOST = 16 * 4096

/**
 * Virtual paths that clients may look at, and where they really lie: sandboxes, logs. Whatever a task puts into its sandbox (links, `..`, a link
 * that changes while we look), nothing outside of the attached directory is ever opened: the check is made on the open descriptor.
 */
export class Files {
  private readonly attached = new Map<string, string>()
  private readonly find: (path: string) => string | undefined

  /** `find` names the directory that a virtual path stands for, where there are too many to attach each; it need not exist. */
  constructor(find: (path: string) => string | undefined = () => undefined) {
    this.find = find
  }

  /** Both absolute. A virtual path that is attached already gets the new place. */
  attach(real: string, virtual: string): void {
    this.attached.set(trimmed(virtual), real)
  }

  detach(virtual: string): void {
    this.attached.delete(trimmed(virtual))
  }

  /** Virtual → real, sorted, for /files/debug. */
  list(): [virtual: string, real: string][] {
    return [...this.attached].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** What is in a directory; of anything else nothing. */
  async browse(path: string): Promise<FileEntry[]> {
    const directory = await this.open(path, constants.O_RDONLY)
    try {
      if (!(await directory.stat()).isDirectory()) return []
      const here = descriptorPath(directory)
      const [names, owners] = await Promise.all([readdir(here), readOwnerNames()])
      const root = await realpath(this.resolve(path)?.root ?? here)
      const entries = names.sort().map((name) => entry(root, `${here}/${name}`, `${trimmed(path)}/${name}`, owners))
      return (await Promise.all(entries)).filter((found) => found !== undefined)
    } catch (error) {
      throw told(error, path)
    } finally {
      await directory.close()
    }
  }

  /** Part of a file. Without `offset` only the size; a `length` that is too long is cut. */
  async read(path: string, offset?: number, length?: number): Promise<FilePart> {
    const file = await this.openFile(path, 'read')
    try {
      const { size } = await file.stat()
      if (offset === undefined || offset >= size) return { size, data: Buffer.alloc(0) }
      const data = Buffer.alloc(Math.min(length ?? MOST, MOST, size - offset))
      const { bytesRead } = await file.read(data, 0, data.length, offset)
      return { size, data: data.subarray(0, bytesRead) }
    } finally {
      await file.close()
    }
  }

  /** The open file and its real name. The caller closes it. */
  async openForDownload(path: string): Promise<{ file: FileHandle; size: number; name: string }> {
    const file = await this.openFile(path, 'download')
    const real = await readlink(descriptorPath(file))
    return { file, size: (await file.stat()).size, name: real.slice(real.lastIndexOf('/') + 1) }
  }

  private async openFile(path: string, verb: string): Promise<FileHandle> {
    const file = await this.open(path, constants.O_RDONLY)
    const status = await file.stat()
    if (status.isFile()) return file
    await file.close()
    throw status.isDirectory() ? HttpErrors.FILE_IS_DIRECTORY({ verb }) : HttpErrors.FILE_INACCESSIBLE({ path })
  }

  /** Opens what a virtual path names, if it really lies within what is attached. Never waits for a writer of a pipe. */
  private async open(path: string, flags: number): Promise<FileHandle> {
    const place = this.resolve(path)
    if (!place) throw HttpErrors.FILE_NOT_FOUND({})
    try {
      const [root, real] = await Promise.all([realpath(place.root), realpath(place.path)])
      if (!within(root, real)) throw HttpErrors.FILE_INACCESSIBLE({ path })
      const found = await stat(real)
      // Opening a device or a pipe can have effects of its own.
      if (!found.isFile() && !found.isDirectory()) throw HttpErrors.FILE_INACCESSIBLE({ path })
      return await this.openChecked(root, real, flags, path)
    } catch (error) {
      throw told(error, path)
    }
  }

  private async openChecked(root: string, real: string, flags: number, path: string): Promise<FileHandle> {
    const file = await open(real, flags | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    // A part of the path may have become a link since it was resolved: where the descriptor is counts.
    if (within(root, await readlink(descriptorPath(file)))) return file
    await file.close()
    throw HttpErrors.FILE_INACCESSIBLE({ path })
  }

  /** The longest attached path that `path` is or lies under. `..` stays as it is: only the file system knows where it leads. */
  private resolve(path: string): { root: string; path: string } | undefined {
    if (path.includes('\0')) return undefined
    for (let prefix = trimmed(path); ; prefix = prefix.slice(0, prefix.lastIndexOf('/'))) {
      const root = this.attached.get(prefix) ?? this.find(prefix)
      if (root !== undefined) return { root, path: root + trimmed(path).slice(prefix.length) }
      if (!prefix.includes('/')) return undefined
    }
  }
}

const trimmed = (path: string): string => path.replace(/\/+$/, '')
const within = (root: string, path: string): boolean => path === root || path.startsWith(root === '/' ? '/' : `${root}/`)
const descriptorPath = (file: FileHandle): string => `/proc/self/fd/${file.fd}`

const GONE = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'])
const CLOSED = new Set(['EACCES', 'EPERM', 'ELOOP'])

/** What a client is told of an error of the file system: tasks move and remove their files while we look. */
function told(error: unknown, path: string): unknown {
  const { code = '' } = error as NodeJS.ErrnoException
  if (GONE.has(code)) return HttpErrors.FILE_NOT_FOUND({}, error)
  return CLOSED.has(code) ? HttpErrors.FILE_INACCESSIBLE({ path }, error) : error
}

async function unlessGone(status: Promise<Stats>): Promise<Stats | undefined> {
  try {
    return await status
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** Undefined for what has gone since the directory was read. */
async function entry(root: string, real: string, path: string, owners: OwnerNames): Promise<FileEntry | undefined> {
  // What a link points to, as Mesos shows it; the link itself where that does not exist, or is not everybody's business (S29).
  const status = (await visibleStatus(root, real)) ?? (await unlessGone(lstat(real)))
  if (!status) return undefined
  return {
    path,
    nlink: status.nlink,
    size: status.size,
    mtimeSeconds: Math.floor(status.mtimeMs / 1000),
    mode: status.mode,
    uid: owners.user(status.uid),
    gid: owners.group(status.gid),
  }
}

/** Opens a name without the right to anything but its status, which no device or pipe notices. Node has no name for it. */
const O_PATH = 0o10000000

/** Of what a path leads to, if that lies within the root or everybody may see it: judged by the open descriptor, since a link may change at any time. */
async function visibleStatus(root: string, path: string): Promise<Stats | undefined> {
  const found = await open(path, O_PATH).catch(() => undefined)
  if (!found) return undefined
  try {
    const real = await readlink(descriptorPath(found))
    return within(root, real) || (await everybodySees(real)) ? await found.stat() : undefined
  } finally {
    await found.close()
  }
}

const MAY_PASS = 0o001

/** Whether every user of the host may look a path up. */
async function everybodySees(path: string): Promise<boolean> {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const status = await unlessGone(stat(directory))
    if (!status || (status.mode & MAY_PASS) === 0) return false
    if (directory === '/') return true
  }
}
