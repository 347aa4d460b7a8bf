import { MountPropagationMode } from '#wire/mesos.js'
import { type Mount, Propagation } from '#wire/native.js'
import { ContainerizerErrors } from '../errors.js'
import type { Files } from '../files.js'
import type { IsolatorModule } from '../isolator.js'
import { type HostPathVolume, isBelow, mountTarget, wantedVolumes } from '../volumes.js'

/**
 * Files and directories of the host (row 6-041). What is missing is created below `--host_path_volume_force_creation` only, and then never outside of
 * that by any link (S25).
 */
export const volumeHostPath: IsolatorModule = {
  name: 'volume/host_path',
  linux: true,
  needs: ['filesystem/linux'],
  create: ({ files, flags }) => ({
    async prepare(container) {
      const creatable = (flags.hostPathVolumeForceCreation ?? '').split(':').filter((path) => path !== '')
      const volumes = wantedVolumes(container.config, container.parent?.container.config.sandbox).filter(
        (volume): volume is HostPathVolume => volume.kind === 'host path',
      )
      const mounts = volumes.map(async (volume) => ({
        ...(await mountTarget(volume, container, files)),
        ...(await source(volume, creatable, files)),
        ...(container.ids && { idMapped: true }),
        propagation: await propagation(volume, files),
      }))
      return { mounts: await Promise.all(mounts) }
    },
  }),
}

type Source = Pick<Mount, 'source' | 'sourceWithin' | 'makeSource'>

async function source({ source }: HostPathVolume, creatable: readonly string[], files: Files): Promise<Source> {
  if ((await files.kind(source)) !== 'absent') return { source }
  const prefix = creatable.find((prefix) => isBelow(prefix, source))
  if (prefix === undefined) throw ContainerizerErrors.VOLUME_SOURCE_MISSING({ path: source })
  return { source, sourceWithin: prefix, makeSource: true }
}

/** What the host mounts later below a source is seen in the container; what the container mounts there, by the host only if that was asked for. */
async function propagation({ source, propagation }: HostPathVolume, files: Files): Promise<Propagation> {
  if (propagation !== MountPropagationMode.BIDIRECTIONAL) return Propagation.HOST_TO_CONTAINER
  if (await files.isOnSharedMount(source)) return Propagation.BIDIRECTIONAL
  throw ContainerizerErrors.VOLUME_NOT_SHARED({ path: source })
}
