import { type ContainerInfo, type Image, ImageType } from '#wire/mesos.js'
import { ContainerizerErrors } from './errors.js'
import type { Files } from './files.js'

/**
 * The directory that an image stands for: an absolute path as Docker image name, which no registry reference can look like
 * (docs/design/local-rootfs.md). Registries come behind the same field.
 */
export async function rootDirectory(container: ContainerInfo | undefined, files: Files): Promise<string | undefined> {
  const image = container?.mesos?.image
  if (!image) return undefined
  const name = image.type === ImageType.DOCKER ? image.docker?.name : undefined
  if (!name?.startsWith('/')) throw ContainerizerErrors.IMAGE_UNSUPPORTED({ image: nameOf(image) })
  if ((await files.kind(name)) !== 'directory') throw ContainerizerErrors.ROOTFS_MISSING({ path: name })
  return name
}

const nameOf = (image: Image): string => JSON.stringify(image.docker?.name ?? image.appc?.name ?? '')
