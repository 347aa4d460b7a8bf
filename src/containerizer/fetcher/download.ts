import type { CommandInfoURI } from '#wire/mesos.js'
import { FetcherErrors } from './errors.js'

/** One URI of a command, resolved: where from, where to, and what it shall be there. */
export interface Download {
  readonly from: { readonly path: string } | { readonly url: string }
  /** Relative to the sandbox. */
  readonly to: string
  readonly executable: boolean
}

/** Names of archives that Mesos would extract (row 5-036). */
const ARCHIVE = /\.(tar|tgz|tbz2|txz|gz|zip|tar\.(gz|bz2|xz))$/i

/** Rows 5-034 to 5-038. Throws where the URI cannot be had. */
export function downloadOf({ value, outputFile, executable = false, extract = true }: CommandInfoURI): Download {
  const from = sourceOf(value)
  const to = outputFile ?? nameOf(value)
  if (to.startsWith('/') || to === '' || to.includes('\0') || to.split('/').includes('..')) {
    throw FetcherErrors.OUTPUT_INVALID({ path: to })
  }
  if (extract && !executable && ARCHIVE.test(to)) throw FetcherErrors.ARCHIVE_UNSUPPORTED({})
  return { from, to, executable }
}

function sourceOf(uri: string): Download['from'] {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase()
  if (scheme === 'http' || scheme === 'https') return { url: uri }
  if (scheme !== undefined && scheme !== 'file') throw FetcherErrors.SCHEME_UNSUPPORTED({ scheme: `${scheme}://` })
  const path = scheme === 'file' ? uri.slice('file://'.length).replace(/^localhost\//, '/') : uri
  if (!path.startsWith('/')) throw FetcherErrors.PATH_RELATIVE({})
  return { path }
}

/** The last part of the path, without query and fragment of a URL. */
function nameOf(uri: string): string {
  const name = (/^https?:/i.test(uri) ? new URL(uri).pathname : uri).split('/').at(-1)
  if (!name) throw FetcherErrors.NAME_MISSING({})
  return name
}
