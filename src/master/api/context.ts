import type { Metrics } from '#base/metrics.js'
import type { Verbosity } from '#base/verbosity.js'
import type { Files } from '#http/files.js'
import type { Cluster } from '../core/cluster.js'
import type { MasterRunner } from '../runner.js'

/** What the endpoints of a master have to work with. They change nothing but through the runner. */
export interface ApiContext {
  readonly runner: MasterRunner
  readonly cluster: Cluster
  readonly metrics: Metrics
  readonly files: Files
  readonly verbosity: Verbosity
  /** Name and text of every flag that has a value. */
  readonly flags: readonly (readonly [name: string, text: string])[]
  /** When the process began, in milliseconds. */
  readonly startedAt: number
}
