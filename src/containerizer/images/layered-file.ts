import type { Stats } from 'node:fs'
import { constants, type FileHandle, lstat, open, readlink } from 'node:fs/promises'
import { ImageErrors } from './errors.js'

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
/** Not to wait for the writer of a pipe. */
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const MOST_LINKS = 40

/** Whether a directory of a layer hides what those below have in it. */
export type IsOpaque = (directory: string) => boolean

/**
 * A file of an image as a container would see it, without mounting the image: the topmost layer that has it, unless a mark hides it. Goes from directory to
 * directory by descriptor, and follows links itself, inside the image: nothing of the host is ever read, whoever changes the directories meanwhile.
 */
export async function readInLayers(
  layers: readonly string[],
  path: string,
  most: number,
  isOpaque: IsOpaque,
): Promise<Buffer | undefined> {
  let names = namesOf(path)
  for (let links = 0; links <= MOST_LINKS; links++) {
    const found = await look(layers, names, most, isOpaque)
    if (!Array.isArray(found)) return found
    names = found
  }
  throw ImageErrors.TOO_MANY_LINKS({ path: `/${path}` })
}

/** The content; or, where a link is in the way, the names with it followed. */
async function look(
  layers: readonly string[],
  names: readonly string[],
  most: number,
  isOpaque: IsOpaque,
): Promise<Buffer | string[] | undefined> {
  const opened: FileHandle[] = []
  const enter = async (path: string, flags = DIRECTORY): Promise<FileHandle> => {
    const handle = await open(path, flags)
    opened.push(handle)
    return handle
  }
  try {
    let here = await Promise.all(layers.map((layer) => enter(layer, constants.O_RDONLY | constants.O_DIRECTORY)))
    for (const [index, name] of names.entries()) {
      const below: FileHandle[] = []
      for (const directory of here) {
        const path = `/proc/self/fd/${directory.fd}/${name}`
        const stats = await lstat(path).catch(orAbsent)
        if (!stats) continue
        if (isMark(stats)) break
        if (stats.isDirectory()) {
          const handle = await enter(path)
          below.push(handle)
          if (isOpaque(`/proc/self/fd/${handle.fd}`)) break
        } else if (below.length > 0) break
        else if (stats.isSymbolicLink()) return followed(names, index, await readlink(path))
        else if (index < names.length - 1 || !stats.isFile()) return undefined
        else return await content(await enter(path, FILE), most, names)
      }
      here = below
    }
    return undefined
  } finally {
    await Promise.all(opened.map((handle) => handle.close()))
  }
}

async function content(handle: FileHandle, most: number, names: readonly string[]): Promise<Buffer> {
  const { size } = await handle.stat()
  if (size > most) throw ImageErrors.FILE_TOO_LARGE({ path: `/${names.join('/')}`, most })
  const buffer = Buffer.alloc(size)
  const { bytesRead } = await handle.read(buffer, 0, size, 0)
  return buffer.subarray(0, bytesRead)
}

/** What stands before the link has no links in it, so `..` means what it says. */
function followed(names: readonly string[], index: number, target: string): string[] {
  const before = target.startsWith('/') ? [] : names.slice(0, index)
  return namesOf([...before, target, ...names.slice(index + 1)].join('/'))
}

function namesOf(path: string): string[] {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return names
}

/** As overlay has it: what lies below is gone. */
const isMark = (stats: Stats): boolean => stats.isCharacterDevice() && stats.rdev === 0

function orAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
}
