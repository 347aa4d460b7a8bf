import { type Digest, shortDigest } from '../digest.js'
import type { LayerSource, WantedImage } from '../image.js'
import { sha256 } from './paths.js'

/**
 * What a directory is made of: the archive, and how it is read. Equal ones give equal directories, but for directories that the archive only
 * implies, which look like those of the layers below.
 */
export function contentId(diffId: Digest, { whiteouts, strip }: Pick<LayerSource, 'whiteouts' | 'strip'>): string {
  if (whiteouts && strip === undefined) return diffId
  return `sha256:${sha256(JSON.stringify([diffId, whiteouts, strip]))}`
}

/** Of a layer and all below it, as the image specification has it. */
export const chainId = (below: string | undefined, content: string): string =>
  below === undefined ? content : `sha256:${sha256(`${below} ${content}`)}`

/** A directory is named for its content alone when it does not depend on what is below, else for all of it. */
export const plainKey = (content: string): string => content.replace(':', '-')
export const chainKey = (chain: string): string => `chain-${chain.replace(':', '-')}`

/** Under which the same wish, in the same words, is found again. */
export const wishKey = (image: WantedImage, name: string): string =>
  sha256(JSON.stringify([image.kind, name, image.id, Object.entries(image.labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))]))

/** For people. */
export function layerName(source: LayerSource, position: number): string {
  const digest = source.digest ?? source.diffId
  return digest === undefined ? `layer ${position + 1}` : shortDigest(digest)
}

/** Of two that are the same only the upper one: it hides all of the lower one, and an overlay refuses a directory twice. */
export function withoutRepetitions(layers: readonly LayerSource[]): LayerSource[] {
  const above = new Set<string>()
  return layers
    .toReversed()
    .filter((layer) => {
      const digest = layer.diffId ?? layer.digest
      if (digest === undefined) return true
      const id = `${layer.diffId === undefined} ${contentId(digest, layer)}`
      return !above.has(id) && above.add(id)
    })
    .reverse()
}
