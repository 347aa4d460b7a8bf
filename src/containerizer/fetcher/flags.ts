import { flag } from '#base/flags.js'

/** Of the fetcher, by Mesos' names (§5.4). */
export const fetcherFlags = {
  fetcherCacheDir: flag.path('fetcher_cache_dir', {
    help: 'Where files are kept that were fetched for the cache. Unset: `fetch` in --work_dir. Emptied when the agent starts.',
  }),
  fetcherCacheSize: flag.bytes('fetcher_cache_size', {
    default: '2GB',
    help: 'How much the cache of the fetcher may hold.',
  }),
}
