import { statfs } from 'node:fs/promises'

/** What nobody may fill: a full disk stops all that is on it. */
const RESERVED_PART = 0.05
const MOST_RESERVED = 1024 ** 3
/** An archive may become this much for certain, and beyond that only so many times its size: a bomb says more, honest ones less. */
const ALWAYS_ALLOWED = 1024 ** 3
const MOST_FACTOR = 200

export interface Space {
  readonly bytes: number
  readonly files: number
}

/** What may still be written to the file system of a directory. */
export async function spaceLeft(directory: string): Promise<Space> {
  const { bsize, blocks, bavail, files, ffree } = await statfs(directory)
  const reserve = Math.min(MOST_RESERVED, blocks * bsize * RESERVED_PART)
  // File systems without a number of files say zero of both.
  const free = files === 0 ? Number.MAX_SAFE_INTEGER : ffree - files * RESERVED_PART
  return { bytes: Math.max(0, Math.floor(bavail * bsize - reserve)), files: Math.max(0, Math.floor(free)) }
}

/** How much may come out of an archive of so many bytes. */
export function extractedMost(archiveBytes: number, { bytes, files }: Space): Space {
  return { bytes: Math.min(bytes, Math.max(ALWAYS_ALLOWED, archiveBytes * MOST_FACTOR)), files }
}
