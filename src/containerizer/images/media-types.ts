/** What manifests and their parts are called on the wire: Docker's names and those of OCI. */
export const MediaType = {
  schema1: 'application/vnd.docker.distribution.manifest.v1+json',
  schema1Signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
} as const

const MANIFESTS: ReadonlySet<string> = new Set(Object.values(MediaType))
export const isManifestType = (type: string | undefined): boolean => type !== undefined && MANIFESTS.has(type)
export const isIndexType = (type: string | undefined): boolean => type === MediaType.dockerList || type === MediaType.ociIndex
export const isSchema1Type = (type: string | undefined): boolean => type === MediaType.schema1 || type === MediaType.schema1Signed

/** Best first: a registry that converts takes the first that it can give. */
export const ACCEPTED_MANIFESTS = [
  MediaType.ociIndex,
  MediaType.dockerList,
  MediaType.ociManifest,
  MediaType.dockerManifest,
  `${MediaType.schema1Signed};q=0.5`,
  `${MediaType.schema1};q=0.4`,
].join(', ')

/** The last is what old Dockers wrote. */
const CONFIGS: ReadonlySet<string> = new Set([
  'application/vnd.docker.container.image.v1+json',
  'application/vnd.oci.image.config.v1+json',
  'application/octet-stream',
])
export const isImageConfigType = (type: string): boolean => CONFIGS.has(type)

const LAYER =
  /^application\/vnd\.(docker\.image\.rootfs\.(foreign\.)?diff\.tar(\.gzip|\.zstd)?|oci\.image\.layer\.(nondistributable\.)?v1\.tar(\+gzip|\+zstd)?)$/
export const isLayerType = (type: string): boolean => LAYER.test(type)
/** Layers that registries may not have themselves, but only name where they lie. */
export const isForeignLayerType = (type: string): boolean => isLayerType(type) && /\.(foreign|nondistributable)\./.test(type)
