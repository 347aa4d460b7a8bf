import { MountPropagationMode } from '#wire/mesos.js'
import { ContainerizerErrors } from '../errors.js'
import type { Files } from '../files.js'
import type { IsolatorModule } from '../isolator.js'
import { isBelow, mountTarget, type WantedVolume, wantedVolumes } from '../volumes.js'

/** Files and directories of the host (row 6-041). What is missing is created below `--host_path_volume_force_creation` only. */
export const volumeHostPath: IsolatorModule = {
  name: 'volume/host_path',
  linux: true,
  needs: ['filesystem/linux'],
  create: ({ files, flags }) => ({
    async prepare(container) {
      const creatable = (flags.hostPathVolumeForceCreation ?? '').split(':').filter((path) => path !== '')
      const volumes = wantedVolumes(container.config).filter((volume) => volume.kind === 'host path')
      await Promise.all(volumes.map((volume) => ensureSource(volume, creatable, files)))
      return { mounts: await Promise.all(volumes.map((volume) => mountTarget(volume, container, files))) }
    },
  }),
}

async function ensureSource({ source, propagation }: WantedVolume, creatable: readonly string[], files: Files): Promise<void> {
  if (propagation === MountPropagationMode.BIDIRECTIONAL) {
    throw ContainerizerErrors.UNSUPPORTED({ what: 'mount propagation BIDIRECTIONAL' })
  }
  if ((await files.kind(source)) !== 'absent') return
  if (!creatable.some((prefix) => isBelow(prefix, source))) throw ContainerizerErrors.VOLUME_SOURCE_MISSING({ path: source })
  await files.makeDirectory(source)
}
