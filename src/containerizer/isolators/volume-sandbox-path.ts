import type { Identity } from '#wire/native.js'
import type { Files } from '../files.js'
import type { IsolatorModule } from '../isolator.js'
import { mountTarget, wantedVolumes } from '../volumes.js'

/** Directories of the container's own sandbox at other paths (row 6-040), created if they are missing. The mount never leaves the sandbox. */
export const volumeSandboxPath: IsolatorModule = {
  name: 'volume/sandbox_path',
  linux: true,
  needs: ['filesystem/linux'],
  create: ({ files }) => ({
    async prepare(container) {
      const { sandbox } = container.config
      const volumes = wantedVolumes(container.config).filter((volume) => volume.kind === 'sandbox path')
      for (const { source } of volumes) await makeOwned(sandbox, source, container.owner, files)
      const mounts = await Promise.all(volumes.map((volume) => mountTarget(volume, container, files)))
      return { mounts: mounts.map((mount) => ({ ...mount, sourceWithin: sandbox })) }
    },
  }),
}

/** Nothing of the task has run yet, so no link can stand in the way. */
async function makeOwned(sandbox: string, path: string, owner: Identity | undefined, files: Files): Promise<void> {
  let made = sandbox
  for (const part of path.slice(sandbox.length + 1).split('/')) {
    made = `${made}/${part}`
    if ((await files.kind(made)) === 'absent') await files.makeDirectory(made, owner)
  }
}
