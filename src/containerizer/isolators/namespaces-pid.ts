import { ContainerizerErrors } from '../errors.js'
import type { IsolatorModule } from '../isolator.js'

/** A pid namespace of its own unless the container asks for the agent's (row 6-038). The mount namespace is for its own /proc. */
export const namespacesPid: IsolatorModule = {
  name: 'namespaces/pid',
  linux: true,
  needs: ['filesystem/linux'],
  create: ({ flags }) => ({
    prepare({ config }) {
      if (!config.container?.linuxInfo?.sharePidNamespace) return { namespaces: { pid: true, mount: true } }
      if (flags.disallowSharingAgentPidNamespace) {
        throw ContainerizerErrors.SHARING_DISALLOWED({ what: 'pid namespace', flag: 'disallow_sharing_agent_pid_namespace' })
      }
      return {}
    },
  }),
}
