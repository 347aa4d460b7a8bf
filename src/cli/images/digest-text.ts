/** Enough of a digest to be the only one that begins so. */
export const shortDigest = (digest: string): string => digest.slice(0, digest.indexOf(':') + 13)
