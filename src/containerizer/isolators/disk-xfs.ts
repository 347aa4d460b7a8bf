import { changesOf, volumesOf } from '#host/scratch.js'
import { ProjectAction, type ProjectAnswer } from '#wire/native.js'
import { diskExceeded } from '../disk/limitation.js'
import { projectRange } from '../disk/project-range.js'
import { UsageWatch } from '../disk/usage-watch.js'
import type { IsolatorModule } from '../isolator.js'

interface Account {
  readonly project: number
  /** Also says which file system keeps the account: that of `--work_dir`, where changes to roots are too. */
  readonly sandbox: string
  /** Zero: it asked for none. */
  limit: number
  used: number | undefined
}

/**
 * Makes each container a project of the file system, which keeps its account and its limit (row 6-047): nothing is walked. With
 * `--enforce_container_disk_quota` writing beyond the limit fails (no space left), or with `--xfs_kill_containers` ends the container. A project is
 * free again when the sandbox is gone, so a later agent needs no list of them.
 */
export const diskXfs: IsolatorModule = {
  name: 'disk/xfs',
  linux: true,
  excludes: ['disk/du'],
  create({ host, files, flags }) {
    const range = projectRange(flags.xfsProjectRange)
    const watch = new UsageWatch(flags.containerDiskWatchInterval)
    const accounts = new Map<string, Account>()
    /** Two that look for a free project at once would find the same. */
    let turn: Promise<unknown> = Promise.resolve()
    const take = (directory: string): Promise<ProjectAnswer> => {
      const taken = () => [...accounts.values()].map(({ project }) => project)
      const taking = turn.then(() => host.project({ action: ProjectAction.TAKE, directory, ...range, taken: taken() }))
      turn = taking.catch(() => undefined)
      return taking
    }
    const setLimits = async ({ project, sandbox }: Account, bytes: number): Promise<void> => {
      const headroom = bytes > 0 && flags.xfsKillContainers ? flags.xfsQuotaHeadroom : 0
      const limits = { softBytes: BigInt(bytes), hardBytes: BigInt(bytes + headroom) }
      await host.project({ action: ProjectAction.LIMIT, directory: sandbox, project, ...limits })
    }
    const enforce = (account: Account): Promise<void> => setLimits(account, flags.enforceContainerDiskQuota ? account.limit : 0)
    const used = async ({ project, sandbox }: Account): Promise<number> =>
      Number((await host.project({ action: ProjectAction.USAGE, directory: sandbox, project })).usedBytes ?? 0n)
    return {
      /** The directory of changes to the root is made before init would make it, so that all in it is the project's from the beginning. */
      async prepare({ config: { id, sandbox, resources }, root, imageVolumes }) {
        const { project = 0 } = await take(sandbox)
        const account: Account = { project, sandbox, limit: resources.disk ?? 0, used: undefined }
        accounts.set(id, account)
        await enforce(account)
        if (root === undefined && !imageVolumes?.size) return {}
        for (const directory of [changesOf(host.facts, id), volumesOf(host.facts, id)]) {
          await files.makeDirectory(directory)
          await host.project({ action: ProjectAction.GIVE, directory, project })
        }
        return {}
      },
      /** One that has no project was started without this isolator, and stays as it is. */
      async recover({ config: { id, sandbox, resources } }) {
        const { project = 0 } = await host.project({ action: ProjectAction.FIND, directory: sandbox })
        if (project < range.first || project > range.last) return
        accounts.set(id, { project, sandbox, limit: resources.disk ?? 0, used: undefined })
      },
      watch({ config: { id } }, process, report) {
        const account = accounts.get(id)
        if (!account) return
        watch.add(id, {
          measure: () => used(account),
          statistics: () => process.statistics(),
          see(bytes) {
            account.used = bytes
            const ends = flags.enforceContainerDiskQuota && flags.xfsKillContainers && account.limit > 0
            if (ends && bytes > account.limit) report(diskExceeded(bytes, account.limit))
          },
        })
      },
      async update({ config: { id } }, resources) {
        const account = accounts.get(id)
        if (!account || account.limit === (resources.disk ?? 0)) return undefined
        account.limit = resources.disk ?? 0
        await enforce(account)
        return undefined
      },
      usage({ config: { id } }) {
        const { limit = 0, used: bytes } = accounts.get(id) ?? {}
        return {
          ...(limit > 0 && { diskLimitBytes: BigInt(limit) }),
          ...(bytes !== undefined && { diskUsedBytes: BigInt(bytes) }),
        }
      },
      /** The sandbox stays, and stays the project's, until it is collected; its limit is of no use any more. */
      async cleanup(id) {
        watch.remove(id)
        const account = accounts.get(id)
        accounts.delete(id)
        if (account) await setLimits(account, 0).catch(() => undefined) // it is gone already
      },
    }
  },
}
