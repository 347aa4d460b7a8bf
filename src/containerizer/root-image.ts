import type { ContainerInfo, Image } from '#wire/mesos.js'
import { ContainerizerErrors } from './errors.js'
import type { Files } from './files.js'
import type { BringImage } from './images/bring.js'
import { ImageErrors } from './images/errors.js'
import type { StoredImage } from './images/image.js'
import { wantedImage } from './images/wanted.js'
import type { ContainerRoot } from './isolator.js'

/**
 * What a container has as its root: a directory of this host if the image's name is one (docs/design/local-rootfs.md), else an image that is brought here.
 * With `ignoreRuntime` the image is its files and nothing else.
 */
export async function containerRoot(
  container: ContainerInfo | undefined,
  files: Files,
  bring: BringImage,
  ignoreRuntime: boolean,
): Promise<ContainerRoot | undefined> {
  const image = container?.mesos?.image
  if (!image) return undefined
  const root = await rootFrom(image, files, bring)
  return ignoreRuntime ? { ...root, config: {} } : root
}

/** Volumes may be images too. */
export async function imagesOfVolumes(
  container: ContainerInfo | undefined,
  files: Files,
  bring: BringImage,
): Promise<ReadonlyMap<Image, ContainerRoot>> {
  const images = (container?.volumes ?? []).map(({ image }) => image).filter((image) => image !== undefined)
  return new Map(await Promise.all(images.map(async (image) => [image, await rootFrom(image, files, bring)] as const)))
}

async function rootFrom(image: Image, files: Files, bring: BringImage): Promise<ContainerRoot> {
  const wanted = wantedImage(image)
  if (wanted.kind === 'docker' && wanted.name.startsWith('/')) {
    const kind = await files.kind(wanted.name)
    // After # comes which one of many images in it is meant.
    const file = wanted.name.split('#')[0]!
    const isGone = kind === 'absent' && (await files.kind(file)) === 'absent'
    // What was looked at once is in the store.
    if (isGone) return rootOfStored(await bring(wanted).catch((error) => missing(file, error)))
    if (kind === 'directory' && !(await isLayout(wanted.name, files))) return { directory: wanted.name, lower: [], config: {} }
  }
  return rootOfStored(await bring(wanted))
}

function missing(path: string, why: unknown): never {
  throw ContainerizerErrors.ROOTFS_MISSING({ path }, why)
}

function rootOfStored({ name, layers: [directory, ...lower], config }: StoredImage): ContainerRoot {
  if (directory === undefined) throw ImageErrors.EMPTY({ name })
  return { directory, lower, config }
}

/** A directory that holds an image, in the layout of OCI, is not one. */
const isLayout = async (directory: string, files: Files): Promise<boolean> =>
  (await files.kind(`${directory}/oci-layout`)) === 'other'
