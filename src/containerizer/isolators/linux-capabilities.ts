import type { IsolatorModule } from '../isolator.js'
import { capabilityPolicy, taskCapabilities } from '../security/task-capabilities.js'

/** What of root's power a container has (row 6-035). */
export const linuxCapabilities: IsolatorModule = {
  name: 'linux/capabilities',
  linux: true,
  create({ host, flags }) {
    const policy = capabilityPolicy(flags, host.facts)
    return {
      prepare(container) {
        const capabilities = taskCapabilities(container, policy)
        return capabilities ? { process: { capabilities } } : {}
      },
    }
  },
}
