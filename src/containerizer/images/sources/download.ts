import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SourceErrors } from './errors.js'

/** How long a server may say nothing. */
const STALL_MS = 60_000

/** A file of the web, whole, at a path that does not exist yet. */
export async function download(url: string, path: string, abort: AbortSignal): Promise<void> {
  const stalled = new AbortController()
  const signal = AbortSignal.any([abort, stalled.signal])
  const watch = setTimeout(() => stalled.abort(new Error(`nothing came for ${STALL_MS / 1000} s`)), STALL_MS)
  try {
    const response = await fetch(url, { signal })
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`)
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]).on('data', () => watch.refresh())
    await pipeline(body, createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal })
  } catch (error) {
    abort.throwIfAborted()
    throw SourceErrors.DOWNLOAD_FAILED(
      { url: shown(url), why: whyOf(stalled.signal.aborted ? stalled.signal.reason : error) },
      error,
    )
  } finally {
    clearTimeout(watch)
  }
}

/** `fetch failed` alone helps nobody. */
function whyOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}

/** Without what is secret in it. */
export function shown(url: string): string {
  const parsed = new URL(url)
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`
}
