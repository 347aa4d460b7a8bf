import { join } from 'node:path'
import { changesOf, volumesOf } from '#host/scratch.js'
import { diskExceeded } from '../disk/limitation.js'
import { type Measured, UsageWatch } from '../disk/usage-watch.js'
import type { IsolatorModule, Limitation } from '../isolator.js'

/** What is known of a container that asked for disk. */
interface Account {
  /** Zero: it asked for none, and is not measured. */
  limit: number
  used: number | undefined
  readonly measured: Measured
  readonly report: (limitation: Limitation) => void
}

/**
 * Measures what a container that asked for disk keeps in its sandbox and in the upper layer of its root (row 6-046), every
 * `--container_disk_watch_interval`; with `--enforce_container_disk_quota` more than it asked for ends it. Volumes are no part of either.
 */
export const diskDu: IsolatorModule = {
  name: 'disk/du',
  excludes: ['disk/xfs'],
  create({ host, flags }) {
    const watch = new UsageWatch(flags.containerDiskWatchInterval)
    const accounts = new Map<string, Account>()
    const judge = ({ limit, used = 0, report }: Account): void => {
      if (flags.enforceContainerDiskQuota && limit > 0 && used > limit) report(diskExceeded(used, limit))
    }
    return {
      watch({ config, root }, process, report) {
        const { id, sandbox, resources } = config
        const upper = root === undefined ? [] : [join(changesOf(host.facts, id), 'upper'), volumesOf(host.facts, id)]
        const measured: Measured = {
          async measure() {
            const enough = flags.enforceContainerDiskQuota ? BigInt(account.limit + 1) : undefined
            const { bytes } = await host.measureDisk({ directories: [sandbox, ...upper], enoughBytes: enough })
            return Number(bytes)
          },
          statistics: () => process.statistics(),
          see(bytes) {
            account.used = bytes
            judge(account)
          },
        }
        const account: Account = { limit: resources.disk ?? 0, used: undefined, measured, report }
        accounts.set(id, account)
        if (account.limit > 0) watch.add(id, measured)
      },
      update({ config: { id } }, resources) {
        const account = accounts.get(id)
        if (!account) return undefined
        const before = account.limit
        account.limit = resources.disk ?? 0
        if (before === 0 && account.limit > 0) watch.add(id, account.measured)
        judge(account)
        return undefined
      },
      usage({ config: { id } }) {
        const { limit = 0, used } = accounts.get(id) ?? {}
        return { ...(limit > 0 && { diskLimitBytes: BigInt(limit) }), ...(used !== undefined && { diskUsedBytes: BigInt(used) }) }
      },
      async cleanup(id) {
        watch.remove(id)
        accounts.delete(id)
      },
    }
  },
}
