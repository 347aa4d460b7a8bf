import type { ImageStore } from '#containerizer/images/image-store.js'
import type { CallPruneImages } from '#wire/agent.js'
import { type Image, ImageType } from '#wire/mesos.js'

/** Mesos' PRUNE_IMAGES (rows 3-062, 6-083). Who brings no images has none to remove, which is what was asked for. */
export async function pruneImages(store: ImageStore | undefined, call: CallPruneImages = {}): Promise<void> {
  await store?.prune((call.excludedImages ?? []).map(nameOf).filter((name) => name !== undefined))
}

const nameOf = (image: Image): string | undefined => (image.type === ImageType.APPC ? image.appc?.name : image.docker?.name)
