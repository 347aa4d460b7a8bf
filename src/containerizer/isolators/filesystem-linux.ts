import type { IsolatorModule } from '../isolator.js'

/**
 * A mount namespace, and the image's directory as root if there is one (row 6-016): changes to it vanish with the container, the sandbox is
 * bound to `--sandbox_directory`, and the cgroup namespace hides the host's cgroups (row 6-063).
 */
export const filesystemLinux: IsolatorModule = {
  name: 'filesystem/linux',
  linux: true,
  create: () => ({
    prepare({ config, ids, rootDirectory, sandboxInside }) {
      if (rootDirectory === undefined) return { namespaces: { mount: true } }
      return {
        namespaces: { mount: true, cgroup: true },
        root: { directory: rootDirectory, overlay: true, ...(ids && { idMapped: true }) },
        mounts: [{ source: config.sandbox, target: sandboxInside }],
      }
    },
  }),
}
