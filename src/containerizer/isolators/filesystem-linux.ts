import { startDirectory } from '../images/runtime-config.js'
import type { IsolatorModule } from '../isolator.js'
import { chooseRootBackend, rootOf } from '../root-backend.js'

/**
 * A mount namespace, and the image's directory as root if there is one (rows 6-016, 6-081): changes to it vanish with the container, the sandbox is
 * bound to `--sandbox_directory`, and the cgroup namespace hides the host's cgroups (row 6-063).
 */
export const filesystemLinux: IsolatorModule = {
  name: 'filesystem/linux',
  linux: true,
  create({ host, flags }) {
    const { backend } = chooseRootBackend(flags.imageProvisionerBackend, host.facts)
    return {
      prepare({ config, ids, root, sandboxInside }) {
        if (root === undefined) return { namespaces: { mount: true } }
        return {
          namespaces: { mount: true, cgroup: true },
          root: { ...rootOf(root, backend), ...(ids && { idMapped: true }), madeDirectory: startDirectory(root.config) },
          mounts: [{ source: config.sandbox, target: sandboxInside }],
        }
      },
    }
  },
}
