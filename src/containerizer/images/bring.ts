import { ImageErrors } from './errors.js'
import type { StoredImage, WantedImage } from './image.js'
import type { GetOptions, ImageStore } from './image-store.js'

export type BringImage = (image: WantedImage) => Promise<StoredImage>

/** For a container that is being made. Stops with the reason of the abort as soon as that comes. */
export function bringWith(images: ImageStore | undefined, options: GetOptions): BringImage {
  return async (image) => {
    if (!images) throw ImageErrors.NO_STORE({ name: image.name })
    try {
      return await images.get(image, options)
    } catch (error) {
      options.abort.throwIfAborted()
      throw error
    }
  }
}

/** For a container that an earlier agent made: never by a new look at what the name stands for. */
export function heldBy(images: ImageStore | undefined, container: string): BringImage {
  return async (image) => {
    const held = await images?.held(container, image)
    if (!held) throw ImageErrors.NOT_HELD({ name: image.name, container })
    return held
  }
}
