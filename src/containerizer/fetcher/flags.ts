import { flag } from '#base/flags.js'

/** Of the fetcher, by Mesos' names (§5.4); `fetcher_modules` is ours. */
export const fetcherFlags = {
  fetcherCacheDir: flag.path('fetcher_cache_dir', {
    help: 'Where files are kept that were fetched for the cache. Unset: `fetch` in --work_dir. Emptied when the agent starts; of one agent only.',
  }),
  fetcherCacheSize: flag.bytes('fetcher_cache_size', {
    default: '2GB',
    help: 'How much the cache of the fetcher may hold.',
  }),
  fetcherStallTimeout: flag.duration('fetcher_stall_timeout', {
    default: '1mins',
    help: 'Give up fetching a URI when nothing came for so long.',
  }),
  fetcherModules: flag.string('fetcher_modules', {
    default: '',
    help: 'Modules of JavaScript, by their paths and separated by commas, that fetch URIs of other schemes (docs/guide/fetcher.md).',
  }),
  hadoopHome: flag.path('hadoop_home', {
    help: 'Where Hadoop is, whose client fetches hdfs://, s3:// and their like. Unset: `hadoop` in the usual directories of programs.',
  }),
}
