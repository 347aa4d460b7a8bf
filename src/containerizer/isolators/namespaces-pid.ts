import { ContainerizerErrors } from '../errors.js'
import type { IsolatorModule } from '../isolator.js'

/** A pid namespace of its own unless the container asks for the agent's, or, nested, for its parent's (row 6-038). The mount namespace is for its own /proc. */
export const namespacesPid: IsolatorModule = {
  name: 'namespaces/pid',
  linux: true,
  needs: ['filesystem/linux'],
  create: ({ flags }) => ({
    async prepare({ config, parent }) {
      const own = !config.container?.linuxInfo?.sharePidNamespace
      // Below the parent's, if there is one: it ends with it, even while no agent is there.
      if (parent)
        return { namespaces: { ...(own && { pid: true }), mount: true, joined: await parent.process.namespaces(['pid']) } }
      if (own) return { namespaces: { pid: true, mount: true } }
      if (flags.disallowSharingAgentPidNamespace) {
        throw ContainerizerErrors.SHARING_DISALLOWED({ what: 'pid namespace', flag: 'disallow_sharing_agent_pid_namespace' })
      }
      return {}
    },
  }),
}
