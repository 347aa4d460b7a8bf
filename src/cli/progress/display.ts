import type { TransferGroup } from '#wire/meseta.js'
import type { CliContext } from '../context.js'
import { Bars } from './bars.js'
import { Lines } from './lines.js'

/** Shows what comes, to whoever waits for it. */
export interface ProgressDisplay {
  /** What is known of it now; `title` tells several apart. */
  show(title: string, group: TransferGroup): void
  /** Takes away what does not stay. Nothing is shown until the next `show`. Idempotent. */
  clear(): void
}

/** Bars that move where there is a terminal, lines that stay where there is none. */
export function progressDisplay({ stderr, env }: Pick<CliContext, 'stderr' | 'env'>): ProgressDisplay {
  return stderr.isTTY && env.TERM !== 'dumb' ? new Bars(stderr) : new Lines(stderr)
}
