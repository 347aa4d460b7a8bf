import { open, realpath, stat } from 'node:fs/promises'
import { join, normalize } from 'node:path/posix'
import type { ArchiveIndex } from '#wire/native.js'
import { SourceErrors } from './errors.js'

/** Manifests, configurations and lists of them (S61). */
const MOST_BYTES = 4 * 1024 * 1024
const MOST_LINKS = 8

/** Part of a file of this host. */
export interface Place {
  readonly path: string
  readonly offset: number
  readonly size: number
}

/** The files that an image is kept in, by their names: a directory, or an archive that holds others. */
export interface ImageFiles {
  /** For people. */
  readonly where: string
  find(name: string): Promise<Place | undefined>
}

export async function locate(files: ImageFiles, name: string): Promise<Place> {
  const place = await files.find(name)
  if (!place) throw SourceErrors.FILE_MISSING({ where: files.where, file: name })
  return place
}

/** A small file, whole. */
export async function readIfThere(files: ImageFiles, name: string): Promise<Buffer | undefined> {
  const place = await files.find(name)
  if (!place) return undefined
  if (place.size > MOST_BYTES) throw SourceErrors.FILE_TOO_LARGE({ where: files.where, file: name, most: MOST_BYTES })
  const handle = await open(place.path)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(place.size), 0, place.size, place.offset)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

export async function read(files: ImageFiles, name: string): Promise<Buffer> {
  const content = await readIfThere(files, name)
  if (!content) throw SourceErrors.FILE_MISSING({ where: files.where, file: name })
  return content
}

/** Nothing outside of the directory, by whatever links. */
export function directoryFiles(directory: string): ImageFiles {
  return {
    where: directory,
    async find(name) {
      const inside = insideName(directory, name)
      const base = await realpath(directory)
      const path = await realpath(join(base, inside)).catch(orAbsent)
      if (path === undefined) return undefined
      if (!path.startsWith(`${base}/`)) throw SourceErrors.FILE_NAME_INVALID({ where: directory, file: name })
      const stats = await stat(path)
      return stats.isFile() ? { path, offset: 0, size: stats.size } : undefined
    },
  }
}

export function archiveFiles(path: string, { entries = [] }: ArchiveIndex): ImageFiles {
  // Of several entries of a name the last one counts, as for whoever unpacks it.
  const byName = new Map(entries.map((entry) => [normalize(entry.name), entry]))
  return {
    where: path,
    async find(wanted) {
      let name = insideName(path, wanted)
      for (let links = 0; links <= MOST_LINKS; links++) {
        const entry = byName.get(name)
        if (!entry) return undefined
        if (entry.link === undefined) return { path, offset: Number(entry.offset), size: Number(entry.size) }
        // A symbolic link starts where it lies, a hard link at the top.
        const beside = join(name, '..', entry.link)
        name = byName.has(beside) ? beside : normalize(entry.link)
      }
      return undefined
    },
  }
}

function insideName(where: string, name: string): string {
  const clean = normalize(name)
  if (name.includes('\0') || clean.startsWith('/') || clean === '..' || clean.startsWith('../')) {
    throw SourceErrors.FILE_NAME_INVALID({ where, file: name })
  }
  return clean
}

function orAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
}
