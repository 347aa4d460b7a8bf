import type { ImageSummary } from '#wire/meseta.js'

/** For `--json`: as on the wire, with numbers that every program reads. */
export const jsonOfImage = (image: ImageSummary): object => ({
  name: image.name,
  digest: image.digest,
  bytes: Number(image.bytes),
  layers: image.layers,
  brought_at_ms: Number(image.broughtAtMs),
  used_at_ms: Number(image.usedAtMs),
  containers: image.containers ?? [],
})
