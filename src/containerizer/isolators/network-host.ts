import { ContainerizerErrors } from '../errors.js'
import type { IsolatorModule } from '../isolator.js'

/** The host's network, which is all that there is so far: a container that names another one is refused. */
export const networkHost: IsolatorModule = {
  name: 'network/host',
  create: () => ({
    prepare({ config }) {
      const named = config.container?.networkInfos?.find((network) => network.name !== undefined)
      if (named?.name !== undefined) throw ContainerizerErrors.NETWORK_UNKNOWN({ name: named.name })
      return {}
    },
  }),
}
