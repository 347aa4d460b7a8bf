import type { Clock } from '#base/clock.js'
import type { Log } from '#base/log.js'
import type { Metrics } from '#base/metrics.js'
import { createImageStore } from '#containerizer/images/create.js'
import type { ImageStore } from '#containerizer/images/image-store.js'
import { chooseLauncher } from '#containerizer/launcher.js'
import type { Archives } from '#host/archives.js'
import type { Host } from '#host/host.js'
import type { Proxies } from '#http/proxy.js'
import type { AgentFlags } from './flags.js'

export interface ImagesOptions {
  readonly flags: AgentFlags
  readonly host: Host
  readonly archives: Archives | undefined
  readonly proxies: Proxies | undefined
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** Only the linux launcher gives containers roots of their own, so that without it no image is of use. */
export async function openImages({ archives, ...options }: ImagesOptions): Promise<ImageStore | undefined> {
  const { flags, host } = options
  if (!archives || chooseLauncher(flags.launcher, host.facts).launcher !== 'linux') return undefined
  return createImageStore({ ...options, workDir: flags.workDir, archives })
}
