import type { Counter, Metrics } from '#base/metrics.js'
import { openUserFiles } from '#host/real-user-files.js'
import type { UserFiles } from '#host/user-files.js'
import type { Proxies } from '#http/proxy.js'
import type { CommandInfoURI } from '#wire/mesos.js'
import type { Identity } from '#wire/native.js'
import type { TransferGroup } from '../transfers.js'
import { FetcherCache } from './cache.js'
import { Connections } from './connections.js'
import { type Download, downloadOf, refuseClashes } from './download.js'
import { FetcherErrors } from './errors.js'
import { FetchOne, type Tools } from './fetch-one.js'
import { findHadoop } from './hadoop-scheme.js'
import { httpScheme } from './http-scheme.js'
import { SandboxLog } from './sandbox-log.js'
import { loadSchemes } from './scheme-modules.js'
import { Schemes } from './schemes.js'
import { shownUri } from './shown-uri.js'
import { Turns } from './turns.js'

/** Brings the URIs of a command into its sandbox before the task runs (rows 5-034 to 5-043); the simulator brings its own. */
export interface Fetcher {
  /** Once, before anything is fetched. Rejects when cache or modules cannot be used. */
  open?(): Promise<void>
  /** All of them, several at once. Rejects with the sentence of the first that fails; `abort` makes it give up. */
  fetch(uris: readonly CommandInfoURI[], into: FetchTarget, abort: AbortSignal): Promise<void>
  close?(): Promise<void>
}

export interface FetchTarget {
  readonly sandbox: string
  /** Whose the files shall be, and with whose rights they are had. Absent: the agent's. */
  readonly owner?: Identity | undefined
  /** Is told how far each is. */
  readonly transfers?: TransferGroup | undefined
}

export interface FetcherOptions {
  readonly stallMilliseconds: number
  /** Absent: nothing is cached. */
  readonly cache?: { readonly directory: string; readonly size: number } | undefined
  readonly modules?: readonly string[]
  readonly hadoopHome?: string | undefined
  readonly proxies?: Proxies | undefined
  readonly metrics?: Metrics | undefined
}

/** Of one command. */
const AT_ONCE = 8
const EXTRACTIONS_AT_ONCE = 4

export function createFetcher(options: FetcherOptions): Fetcher {
  return new RealFetcher(options)
}

class RealFetcher implements Fetcher {
  readonly #options: FetcherOptions
  readonly #connections: Connections
  readonly #cache: FetcherCache | undefined
  readonly #extractions = new Turns(EXTRACTIONS_AT_ONCE)
  readonly #counts: Record<'succeeded' | 'failed', Counter> | undefined
  #files: UserFiles | undefined
  #opened: Promise<Schemes> | undefined

  constructor(options: FetcherOptions) {
    const { cache, metrics, stallMilliseconds, proxies = {} } = options
    this.#options = options
    this.#connections = new Connections({ proxies, connectTimeout: stallMilliseconds })
    this.#cache = cache && new FetcherCache(cache.directory, cache.size)
    this.#counts = metrics && countedBy(metrics, this.#cache)
  }

  async open(): Promise<void> {
    await this.#schemes()
  }

  #schemes(): Promise<Schemes> {
    this.#opened ??= this.#begin()
    return this.#opened
  }

  async #begin(): Promise<Schemes> {
    const { hadoopHome, modules = [], stallMilliseconds } = this.#options
    await this.#cache?.empty()
    const schemes = new Schemes(findHadoop(hadoopHome))
    schemes.add(httpScheme(this.#connections, stallMilliseconds), 'the agent')
    const loaded = await loadSchemes(modules, { stallMilliseconds })
    for (const [index, scheme] of loaded.entries()) schemes.add(scheme, modules[index]!)
    return schemes
  }

  async fetch(uris: readonly CommandInfoURI[], into: FetchTarget, abort: AbortSignal): Promise<void> {
    if (uris.length === 0) return
    const schemes = await this.#schemes()
    this.#files ??= openUserFiles()
    const { stallMilliseconds } = this.#options
    const tools = { files: this.#files, schemes, cache: this.#cache, stallMilliseconds, extractions: this.#extractions }
    try {
      await fetchAll(uris, into, tools, abort)
      this.#counts?.succeeded.increment()
    } catch (error) {
      this.#counts?.failed.increment()
      throw error
    }
  }

  async close(): Promise<void> {
    this.#files?.close()
    await this.#connections.close()
  }
}

function countedBy(metrics: Metrics, cache: FetcherCache | undefined): Record<'succeeded' | 'failed', Counter> {
  const name = (what: string): string => `containerizer/fetcher/${what}`
  metrics.gauge(name('cache_size_total_bytes'), () => cache?.capacity ?? 0)
  metrics.gauge(name('cache_size_used_bytes'), () => cache?.used ?? 0)
  return { succeeded: metrics.counter(name('task_fetches_succeeded')), failed: metrics.counter(name('task_fetches_failed')) }
}

async function fetchAll(uris: readonly CommandInfoURI[], into: FetchTarget, tools: Tools, abort: AbortSignal): Promise<void> {
  const downloads = uris.map(resolved)
  refuseClashes(downloads)
  for (const { shown } of downloads) into.transfers?.set('uri', shown, { phase: 'waiting' })
  const log = new SandboxLog(tools.files, into)
  const turns = new Turns(AT_ONCE)
  // The first that fails ends the others: none of them is of use without it.
  const failed = new AbortController()
  const signal = AbortSignal.any([abort, failed.signal])
  const outcomes = await Promise.allSettled(
    downloads.map((download) =>
      turns
        .take(() => fetchOne(download, into, tools, log, signal))
        .catch((error) => {
          failed.abort(error)
          throw error
        }),
    ),
  )
  await log.written
  if (failed.signal.aborted) throw outcomes.length === 0 ? undefined : failed.signal.reason
}

async function fetchOne(download: Download, into: FetchTarget, tools: Tools, log: SandboxLog, abort: AbortSignal): Promise<void> {
  const { shown } = download
  abort.throwIfAborted()
  try {
    await new FetchOne(tools, download, into, log, abort).run()
    into.transfers?.set('uri', shown, { phase: 'done' })
  } catch (error) {
    into.transfers?.set('uri', shown, { phase: 'failed' })
    const failure = FetcherErrors.FAILED({ uri: shown, why: (error as Error).message }, error)
    if (!abort.aborted) log.say(failure.message)
    throw failure
  }
}

function resolved(uri: CommandInfoURI): Download {
  try {
    return downloadOf(uri)
  } catch (error) {
    throw FetcherErrors.FAILED({ uri: shownUri(uri.value), why: (error as Error).message }, error)
  }
}
