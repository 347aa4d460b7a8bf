import { readdir, rm, rmdir, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock, Millis } from '#base/clock.js'
import { fault } from '#base/fault.js'
import type { Log } from '#base/log.js'
import type { Metrics } from '#base/metrics.js'
import type { Sandbox } from '../sandboxes.js'

export interface CollectorOptions {
  workDirectory: string
  delay: Millis
  headroom: number
  interval: Millis
  /** Rejects when something of it stays. Follows no link and enters no mount, whoever still writes there (S31). */
  removeTree(path: string): Promise<void>
  clock: Clock
  log: Log
  metrics: Metrics
}

/**
 * Removes sandboxes of ended runs when they are old (row 5-030): after `delay`, and the sooner the fuller the disk is, so that `headroom` of it stays
 * free. Invariant: only what was handed over with `schedule` is removed, oldest first, and never what lies behind a mount or a link.
 */
export class Collector {
  private readonly options: CollectorOptions
  /** By path; in the order of their ends. */
  private readonly ended = new Map<string, { sandbox: Sandbox; since: Millis }>()
  private allowedAge: Millis
  private cancel = (): void => {}
  private closed = false
  private removed = 0
  private failed = 0

  constructor(options: CollectorOptions) {
    this.options = options
    this.allowedAge = options.delay
    const { metrics } = options
    metrics.gauge('gc/path_removals_pending', () => this.ended.size)
    metrics.gauge('gc/path_removals_succeeded', () => this.removed)
    metrics.gauge('gc/path_removals_failed', () => this.failed)
    metrics.gauge('slave/executor_directory_max_allowed_age_secs', () => this.allowedAge / 1000)
  }

  start(): void {
    const { clock, interval, log } = this.options
    const round = async (): Promise<void> => {
      await this.collect().catch((error) => log.warn({ why: error.message }, 'old sandboxes could not be looked for'))
      if (!this.closed) this.cancel = clock.at(clock.now() + interval, round)
    }
    void round()
  }

  close(): void {
    this.closed = true
    this.cancel()
  }

  schedule(sandbox: Sandbox, since: Millis = this.options.clock.now()): void {
    this.ended.set(sandbox.path, { sandbox, since })
  }

  /** The run is used again, or was never over. */
  unschedule(path: string): void {
    this.ended.delete(path)
  }

  private async collect(): Promise<void> {
    this.allowedAge = await this.age()
    const oldest = this.options.clock.now() - this.allowedAge
    for (const { sandbox, since } of [...this.ended.values()]) {
      if (this.closed) return
      if (since <= oldest) await this.remove(sandbox)
    }
  }

  private async age(): Promise<Millis> {
    const { delay, headroom, workDirectory } = this.options
    const { blocks, bavail } = await statfs(workDirectory)
    return delay * Math.max(0, 1 - headroom - (1 - bavail / blocks))
  }

  private async remove(sandbox: Sandbox): Promise<void> {
    this.ended.delete(sandbox.path)
    fault('gc.remove')
    try {
      await refuseMount(sandbox.path)
      await this.options.removeTree(sandbox.path)
      this.removed++
    } catch (error) {
      this.failed++
      this.options.log.warn({ path: sandbox.path, why: (error as Error).message }, 'an old sandbox could not be removed')
      return
    }
    await removeEmptyParents(sandbox)
  }
}

/** A file system that is still mounted there belongs to somebody (row 5-032). */
async function refuseMount(path: string): Promise<void> {
  const [own, parent] = await Promise.all([stat(path), stat(dirname(path))])
  if (own.dev !== parent.dev) throw new Error('something is mounted there')
}

/** `runs`, the executor's, `executors` and the framework's directory, as far as nothing else is in them. */
async function removeEmptyParents({ path }: Sandbox): Promise<void> {
  let directory = dirname(path)
  const left = await readdir(directory).catch(() => [])
  if (left.length === 1 && left[0] === 'latest') await rm(`${directory}/latest`, { force: true })
  for (let level = 0; level < 4; level++) {
    if (
      !(await rmdir(directory).then(
        () => true,
        () => false,
      ))
    )
      return
    directory = dirname(directory)
  }
}
