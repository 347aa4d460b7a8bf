import { dirname, join } from 'node:path'
import { volumesOf } from '#host/scratch.js'
import type { Mount } from '#wire/native.js'
import { ImageErrors } from '../images/errors.js'
import type { IsolatorModule, PreparedContainer } from '../isolator.js'
import { chooseRootBackend, rootOf } from '../root-backend.js'
import { mountTarget, wantedVolumes } from '../volumes.js'

/** More than any image has reason to ask for. */
const MOST_VOLUMES = 128

/**
 * Images as volumes, and volumes that an image asks for (row 9-071). Each of the first is like a root, with changes of its own that vanish with the container, or
 * read-only. Of the second each is a directory of the container's on the disk, no overlay: whatever the image has there is copied first, as in Docker.
 */
export const volumeImage: IsolatorModule = {
  name: 'volume/image',
  linux: true,
  needs: ['filesystem/linux'],
  create({ host, files, flags }) {
    const { backend } = chooseRootBackend(flags.imageProvisionerBackend, host.facts)
    return {
      async prepare(container) {
        const { config, ids, imageVolumes = new Map() } = container
        const volumes = wantedVolumes(config, container.parent?.container.config.sandbox)
        const images = volumes.filter((volume) => volume.kind === 'image')
        const own = volumesOf(host.facts, config.id)
        if (images.length > 0) await files.makeDirectory(own)
        const ofTask = images.map(async (volume, index): Promise<Mount> => {
          const root = imageVolumes.get(volume.image)
          if (!root) throw ImageErrors.NOT_HELD({ name: volume.target, container: config.id })
          const scratch = join(own, `image-${index}`)
          const image = { ...rootOf(root, backend), scratch, ...(ids && { idMapped: true }) }
          return { ...(await mountTarget(volume, container, files)), image }
        })
        const taken = new Set(volumes.map(({ target }) => target))
        return { mounts: [...(await Promise.all(ofTask)), ...ofImage(container, own, taken)] }
      },
    }
  },
}

/** Whose its files are the image says, as the host sees its ids: with a user namespace they are copied as those of its range. */
function ofImage({ root }: PreparedContainer, own: string, taken: ReadonlySet<string>): Mount[] {
  const wanted = [...new Set((root?.config.volumes ?? []).map((path) => join('/', path)))].filter(
    (path) => path !== '/' && !taken.has(path),
  )
  if (wanted.length > MOST_VOLUMES) throw ImageErrors.TOO_MANY_VOLUMES({ count: wanted.length, most: MOST_VOLUMES })
  return wanted.map((target, index) => ({
    source: join(own, `volume-${index}`),
    sourceWithin: dirname(own),
    makeSource: true,
    copyUp: true,
    target,
  }))
}
