import { ContainerizerErrors } from '../errors.js'
import { IdRanges } from '../id-ranges.js'
import type { IsolatorModule } from '../isolator.js'

/**
 * Root in the container is nobody on the host: each container has a range of ids of its own (`--userns_range`). Ours; Mesos has none (row 6-108).
 * See docs/design/user-namespaces.md.
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
      prepare: ({ ids }) => ({
        namespaces: { user: true, mount: true, uidMappings: [...(ids?.uid ?? [])], gidMappings: [...(ids?.gid ?? [])] },
      }),
      async recover({ config, ids }) {
        if (ids) ranges.keep(config.id, ids)
      },
      async cleanup(id) {
        ranges.release(id)
      },
    }
  },
}
