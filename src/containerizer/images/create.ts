import { join } from 'node:path'
import type { Clock } from '#base/clock.js'
import type { FlagValues } from '#base/flags.js'
import type { Log } from '#base/log.js'
import type { Metrics } from '#base/metrics.js'
import type { Archives } from '#host/archives.js'
import type { Host } from '#host/host.js'
import type { Proxies } from '#http/proxy.js'
import type { imageFlags } from './flags.js'
import type { ImageStore } from './image-store.js'
import { makeProviders } from './providers.js'
import { imageGcConfig } from './store/gc-config.js'
import { openLayerStore } from './store/layer-store.js'

export interface ImageStoreOptions {
  readonly flags: FlagValues<typeof imageFlags>
  readonly workDir: string
  readonly archives: Archives
  readonly proxies?: Proxies | undefined
  readonly host: Pick<Host, 'facts' | 'removeTree'>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** The images of this host, by the flags. Undefined when nothing is to bring any. */
export async function createImageStore(options: ImageStoreOptions): Promise<ImageStore | undefined> {
  const { flags, workDir, archives, proxies, host, clock, log, metrics } = options
  const words = flags.imageProviders.split(',').filter((word) => word !== '')
  if (words.length === 0) return undefined
  const directory = flags.dockerStoreDir ?? join(workDir, 'store')
  return openLayerStore({
    directory,
    providers: (staging) => makeProviders(words, { flags, archives, proxies, staging }),
    archives,
    removeTree: (path) => host.removeTree(path),
    bootId: host.facts.bootId,
    noteOf: (container) => join(host.facts.runtimeDirectory, container, 'images'),
    clock,
    log,
    metrics,
    gc: imageGcConfig(flags.imageGcConfig),
  })
}
