import { ArchiveFormat } from '#wire/native.js'

const ENDINGS: readonly (readonly [RegExp, ArchiveFormat])[] = [
  [/\.(tar|tgz|tbz2?|txz|tzst|tar\.(gz|bz2|xz|zst))$/i, ArchiveFormat.TAR],
  [/\.zip$/i, ArchiveFormat.ZIP],
  [/\.(gz|zst)$/i, ArchiveFormat.COMPRESSED_FILE],
]

/** By its name, as in Mesos (row 5-036); zstd is ours. */
export function archiveFormat(name: string): ArchiveFormat | undefined {
  return ENDINGS.find(([ending]) => ending.test(name))?.[1]
}

/** Of the file in a compressed one. */
export const decompressedName = (name: string): string => name.slice(name.lastIndexOf('/') + 1).replace(/\.(gz|zst)$/i, '')
