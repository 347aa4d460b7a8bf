import type { Container } from '#host/host.js'
import { LinuxInfoIpcMode as IpcMode } from '#wire/mesos.js'
import { ContainerizerErrors } from '../errors.js'
import type { IsolatorModule } from '../isolator.js'
import type { PlanFragment } from '../launch-plan.js'

const MEGABYTE = 1024n * 1024n

/**
 * Ipc namespace and /dev/shm (row 6-039). PRIVATE: both its own. SHARE_PARENT: both the agent's, or, nested, the parent's. Without a word: a namespace of its own, but
 * the host's /dev/shm unless there is an image, as containers had it before the mode could be chosen.
 */
export const namespacesIpc: IsolatorModule = {
  name: 'namespaces/ipc',
  linux: true,
  needs: ['filesystem/linux'],
  create: ({ flags }) => ({
    async prepare({ config, parent, root }) {
      const { ipcMode, shmSize } = config.container?.linuxInfo ?? {}
      if (shmSize !== undefined && ipcMode !== IpcMode.PRIVATE) throw ContainerizerErrors.SHM_SIZE_SHARED({})
      if (ipcMode === IpcMode.SHARE_PARENT && parent) return sharedWith(parent.process)
      if (ipcMode === IpcMode.SHARE_PARENT) {
        if (!flags.disallowSharingAgentIpcNamespace) return {}
        throw ContainerizerErrors.SHARING_DISALLOWED({ what: 'ipc namespace', flag: 'disallow_sharing_agent_ipc_namespace' })
      }
      const own = ipcMode === IpcMode.PRIVATE || root !== undefined
      const size = shmSize === undefined ? BigInt(flags.defaultContainerShmSize ?? 0) : BigInt(shmSize) * MEGABYTE
      return { namespaces: { ipc: true, mount: true }, ...(own && { shmSize: size }) }
    },
  }),
}

async function sharedWith(parent: Container): Promise<PlanFragment> {
  const [ipc, mounts] = await parent.namespaces(['ipc', 'mnt'])
  if (!ipc || !mounts) return {}
  return {
    namespaces: { mount: true, joined: [ipc] },
    mounts: [{ source: '/dev/shm', target: '/dev/shm', sourceNamespace: mounts }],
  }
}
