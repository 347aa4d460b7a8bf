import { ContainerizerErrors } from '../errors.js'
import type { IsolatorModule } from '../isolator.js'
import { wantedVolumes } from '../volumes.js'

/** No mounts: the host's files, and host path volumes as symbolic links in the sandbox (row 6-015). */
export const filesystemPosix: IsolatorModule = {
  name: 'filesystem/posix',
  create: ({ files }) => ({
    async prepare({ config, root }) {
      if (root !== undefined) {
        throw ContainerizerErrors.ISOLATOR_NEEDED({ what: 'an image', isolator: 'filesystem/linux' })
      }
      for (const volume of wantedVolumes(config)) {
        if (volume.kind !== 'host path' || volume.targetIsAbsolute || volume.readOnly) {
          throw ContainerizerErrors.ISOLATOR_NEEDED({ what: `the volume at ${volume.target}`, isolator: 'filesystem/linux' })
        }
        if ((await files.kind(volume.source)) === 'absent')
          throw ContainerizerErrors.VOLUME_SOURCE_MISSING({ path: volume.source })
        await files.symlink(volume.source, `${config.sandbox}/${volume.target}`)
      }
      return {}
    },
  }),
}
