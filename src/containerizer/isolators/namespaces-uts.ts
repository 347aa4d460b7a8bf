import type { IsolatorModule } from '../isolator.js'

/** ContainerInfo.hostname in a uts namespace of the container's own. */
export const namespacesUts: IsolatorModule = {
  name: 'namespaces/uts',
  linux: true,
  create: () => ({
    prepare({ config }) {
      const name = config.container?.hostname
      return name ? { namespaces: { uts: true }, hostname: name } : {}
    },
  }),
}
