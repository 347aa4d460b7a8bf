import type { WantedImage } from '../image.js'
import type { ImageProvider } from '../provider.js'
import { wishKey } from './content.js'
import { StoreErrors } from './errors.js'
import type { ImageShelf, Kept } from './image-shelf.js'

/** Fewer characters of a digest are a name rather. */
const FRONT = /^(?:sha(?:256|512):)?([0-9a-f]{6,128})$/

/** The same wish has the same key, in whatever words its provider understands it. */
export const wishOf = (image: WantedImage, provider: ImageProvider | undefined): string =>
  wishKey(image, provider?.canonical?.(image) ?? image.name)

/** By its name, by one that its provider takes for the same, or by the front of its digest. */
export function findImage(name: string, images: ImageShelf, providers: readonly ImageProvider[]): Kept {
  const [found, ...others] = candidates(name, images, providers)
  if (!found) throw StoreErrors.NOT_FOUND({ name })
  if (others.some(({ record }) => record.digest !== found.record.digest)) {
    throw StoreErrors.AMBIGUOUS({ name, names: [found, ...others].map(({ record }) => record.name) })
  }
  return found
}

function candidates(name: string, images: ImageShelf, providers: readonly ImageProvider[]): Kept[] {
  const named = images.all().find(({ record }) => record.name === name) ?? byWish(name, images, providers)
  if (named) return [named]
  const [, front] = FRONT.exec(name) ?? []
  return front === undefined ? [] : images.all().filter(({ record }) => record.digest.split(':')[1]?.startsWith(front))
}

function byWish(name: string, images: ImageShelf, providers: readonly ImageProvider[]): Kept | undefined {
  const wishes = (['docker', 'appc'] as const).flatMap((kind) => {
    const image = { kind, name, cached: true }
    try {
      return wishOf(
        image,
        providers.find((provider) => provider.takes(image)),
      )
    } catch {
      return [] // no possible name of that kind
    }
  })
  return wishes.map((wish) => images.find(wish)).find((kept) => kept !== undefined)
}
