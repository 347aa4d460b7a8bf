import { join } from 'node:path'
import type { Metrics } from '#base/metrics.js'
import type { Proxies } from '#http/proxy.js'
import type { ContainerizerFlags } from '../flags.js'
import { createFetcher, type Fetcher } from './fetcher.js'

export interface FetcherSurroundings {
  /** The agent's. Absent: files are cached only in a directory that a flag names. */
  readonly workDir?: string
  readonly metrics?: Metrics
  readonly proxies?: Proxies | undefined
}

/** As the agent's flags want it. */
export function fetcherOf(flags: ContainerizerFlags, { workDir, metrics, proxies }: FetcherSurroundings = {}): Fetcher {
  const directory = flags.fetcherCacheDir ?? (workDir === undefined ? undefined : join(workDir, 'fetch'))
  return createFetcher({
    stallMilliseconds: flags.fetcherStallTimeout,
    cache: directory === undefined ? undefined : { directory, size: flags.fetcherCacheSize },
    modules: flags.fetcherModules.split(',').filter((module) => module !== ''),
    hadoopHome: flags.hadoopHome,
    proxies,
    metrics,
  })
}
