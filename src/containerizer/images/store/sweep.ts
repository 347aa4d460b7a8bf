import type { Kept } from './image-shelf.js'
import type { LayerRecord } from './records.js'

export interface Shelves {
  readonly images: readonly Kept[]
  readonly layers: readonly LayerRecord[]
  /** Layers that something which is under way, or a container, needs. */
  readonly needed: (key: string) => boolean
  /** Images that are not removed. */
  readonly stays: (image: Kept) => boolean
}

export interface Sweep {
  readonly images: readonly Kept[]
  readonly layers: readonly LayerRecord[]
  readonly bytes: number
}

/**
 * What goes so that `wanted` bytes become free: first layers that belong to nothing, then images, those first that were used longest ago, with what
 * only they need. Images of which no byte would become free go only when all go.
 */
export function chooseSweep(shelves: Shelves, wanted = Number.POSITIVE_INFINITY): Sweep {
  const users = new Map<string, number>()
  for (const { record } of shelves.images) for (const key of record.layers) users.set(key, (users.get(key) ?? 0) + 1)
  const free = (key: string): boolean => !users.has(key) && !shelves.needed(key)

  const images: Kept[] = []
  const layers = shelves.layers.filter(({ key }) => free(key))
  let bytes = total(layers)
  const byKey = new Map(shelves.layers.map((layer) => [layer.key, layer]))
  for (const image of shelves.images.toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (bytes >= wanted) break
    if (shelves.stays(image)) continue
    images.push(image)
    for (const key of image.record.layers) {
      const left = (users.get(key) ?? 0) - 1
      if (left > 0) users.set(key, left)
      else users.delete(key)
    }
    const freed = image.record.layers.filter(free).flatMap((key) => byKey.get(key) ?? [])
    layers.push(...freed)
    bytes += total(freed)
  }
  return { images, layers, bytes }
}

const total = (layers: readonly LayerRecord[]): number => layers.reduce((sum, { bytes }) => sum + bytes, 0)
