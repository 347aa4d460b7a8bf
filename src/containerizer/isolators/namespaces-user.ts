import { ContainerizerErrors } from '../errors.js'
import { IdRanges } from '../id-ranges.js'
import type { IsolatorModule } from '../isolator.js'

/**
 * Root in the container is nobody on the host: each container has a range of ids of its own (`--userns_range`). Ours; Mesos has none (row 6-108).
 * A nested one lives in its parent's. See docs/design/user-namespaces.md.
 */
export const namespacesUser: IsolatorModule = {
  name: 'namespaces/user',
  linux: true,
  needs: ['filesystem/linux'],
  create({ flags }) {
    const ranges = new IdRanges(flags.usernsRange)
    return {
      identify({ id }) {
        const mappings = ranges.take(id)
        if (!mappings) throw ContainerizerErrors.USERNS_RANGE_EXHAUSTED({ range: flags.usernsRange })
        return mappings
      },
      async prepare({ ids, parent }) {
        const mappings = { uidMappings: [...(ids?.uid ?? [])], gidMappings: [...(ids?.gid ?? [])] }
        if (!parent) return { namespaces: { user: true, mount: true, ...mappings } }
        return ids ? { namespaces: { mount: true, joined: await parent.process.namespaces(['user']), ...mappings } } : {}
      },
      async recover({ config, ids, parent }) {
        if (ids && !parent) ranges.keep(config.id, ids)
      },
      async cleanup(id) {
        ranges.release(id)
      },
    }
  },
}
