import type { IsolatorModule } from '../isolator.js'
import { mountTarget, type SecretVolume, wantedVolumes } from '../volumes.js'

/** Only for the task's user. */
const MODE = 0o400

/** Files with a secret in them (row 6-043): in memory only, seen by the container alone, gone with it. */
export const volumeSecret: IsolatorModule = {
  name: 'volume/secret',
  linux: true,
  needs: ['filesystem/linux'],
  create: ({ files }) => ({
    async prepare(container) {
      const volumes = wantedVolumes(container.config, container.parent?.container.config.sandbox).filter(
        (volume): volume is SecretVolume => volume.kind === 'secret',
      )
      const mounts = volumes.map(async (volume) => ({
        ...(await mountTarget(volume, container, files)),
        secret: { content: volume.content, mode: MODE },
      }))
      return { mounts: await Promise.all(mounts) }
    },
  }),
}
