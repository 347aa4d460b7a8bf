/** Of manifests, of configs and of answers that carry a token (S61). */
export const MOST_METADATA_BYTES = 4 * 1024 * 1024
/** Of layers in an image, or of manifests in an index (S61). */
export const MOST_PARTS = 10_000
/** An index may name others; below this many there must be an image. */
export const MOST_INDEXES = 2
