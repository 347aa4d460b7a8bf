import type { CommandInfoURI } from '#wire/mesos.js'
import { ArchiveFormat } from '#wire/native.js'
import { archiveFormat, decompressedName } from './archive.js'
import { type Checksum, splitChecksum } from './checksum.js'
import { FetcherErrors } from './errors.js'
import { shownUri } from './shown-uri.js'

/** One URI of a command, resolved: where from, where to, and what it shall be there (rows 5-034 to 5-038). */
export interface Download {
  /** For people: without what is secret in it. */
  readonly shown: string
  readonly from: { readonly path: string } | { readonly scheme: string; readonly uri: string }
  /** Relative to the sandbox, in its shortest form. */
  readonly to: string
  readonly executable: boolean
  /** Undefined: it is not unpacked. */
  readonly archive: ArchiveFormat | undefined
  readonly cache: boolean
  readonly checksum: Checksum | undefined
}

/** Where the task's own output goes. */
export const RESERVED = ['stdout', 'stderr']

export function downloadOf(wanted: CommandInfoURI): Download {
  const { uri, checksum } = splitChecksum(wanted.value)
  const from = sourceOf(uri)
  const to = checkedOutput(wanted.outputFile ?? nameOf(uri, from))
  const { executable = false, extract = true, cache = false } = wanted
  const archive = extract && !executable ? archiveFormat(to) : undefined
  return { shown: shownUri(uri), from, to, executable, archive, cache, checksum }
}

/** Of all URIs of a command. Throws when two of them would be the same file, since which of them won would be chance. */
export function refuseClashes(downloads: readonly Download[]): void {
  const taken = new Map<string, Download>()
  for (const download of downloads) {
    for (const name of namesOf(download)) {
      const other = [...taken].find(([it]) => it === name || it.startsWith(`${name}/`) || name.startsWith(`${it}/`))?.[1]
      if (other) throw FetcherErrors.OUTPUT_TAKEN({ path: name, uri: download.shown, other: other.shown })
      if (RESERVED.includes(name)) throw FetcherErrors.OUTPUT_RESERVED({ path: name, uri: download.shown })
    }
    for (const name of namesOf(download)) taken.set(name, download)
  }
}

const namesOf = ({ to, archive }: Download): string[] =>
  archive === ArchiveFormat.COMPRESSED_FILE ? [to, decompressedName(to)] : [to]

function sourceOf(uri: string): Download['from'] {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'file') return { scheme, uri }
  const path = scheme === 'file' ? uri.slice('file://'.length).replace(/^localhost\//, '/') : uri
  if (!path.startsWith('/')) throw FetcherErrors.PATH_RELATIVE({})
  return { path }
}

/** The last part of the path, without query and fragment of a URL. */
function nameOf(uri: string, from: Download['from']): string {
  const path = 'path' in from ? from.path : uri.replace(/^[^:]*:\/\/[^/?#]*/, '').replace(/[?#].*$/s, '')
  const name = path.split('/').at(-1)
  if (!name) throw FetcherErrors.NAME_MISSING({})
  return name
}

function checkedOutput(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  const leaves = path.startsWith('/') || path.endsWith('/') || path.includes('\0') || parts.includes('..')
  if (leaves || parts.length === 0) throw FetcherErrors.OUTPUT_INVALID({ path })
  return parts.join('/')
}
