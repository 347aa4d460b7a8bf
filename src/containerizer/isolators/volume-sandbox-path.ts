import type { IsolatorModule } from '../isolator.js'
import { mountTarget, type SandboxPathVolume, wantedVolumes } from '../volumes.js'

/**
 * Directories of the container's own sandbox, or of its parent's, at other paths (row 6-040). The mount never leaves the sandbox, and what is missing is made by the
 * launcher as it mounts it, in the name of the sandbox's owner (row 6-103): whoever else may write there, no path is looked up twice (S24).
 */
export const volumeSandboxPath: IsolatorModule = {
  name: 'volume/sandbox_path',
  linux: true,
  needs: ['filesystem/linux'],
  create: ({ files }) => ({
    async prepare(container) {
      const volumes = wantedVolumes(container.config, container.parent?.container.config.sandbox).filter(
        (volume): volume is SandboxPathVolume => volume.kind === 'sandbox path',
      )
      const mounts = volumes.map(async (volume) => ({
        ...(await mountTarget(volume, container, files)),
        source: volume.source,
        sourceWithin: volume.within,
        makeSource: true,
      }))
      return { mounts: await Promise.all(mounts) }
    },
  }),
}
