import { catalogue } from '#base/errors.js'

export const ImageErrors = catalogue('IMAGE', {
  DIGEST_INVALID: {
    say: (e: { digest: string }) =>
      `${JSON.stringify(e.digest)} is no digest: sha256: and 64, or sha512: and 128, lower case hex digits`,
  },

  // What images are called and made of.
  REFERENCE_INVALID: {
    say: (e: { name: string; why: string }) => `${JSON.stringify(e.name)} is no name of an image: ${e.why}`,
  },
  METADATA_TOO_LARGE: { say: (e: { what: string; most: number }) => `${e.what} is larger than ${e.most} bytes` },
  JSON_INVALID: { say: (e: { what: string; why: string }) => `${e.what} ${e.why}` },
  MANIFEST_AMBIGUOUS: { say: (e: { why: string }) => `the manifest can be read in two ways: ${e.why}` },
  NO_IMAGE: { say: (e: { what: string }) => `it is no image that can be run, but an artifact (${e.what})` },
  LAYER_TYPE_UNKNOWN: {
    say: (e: { digest: string; type: string }) =>
      `layer ${e.digest} is ${JSON.stringify(e.type)}; only tar archives, plain or by gzip or zstd, can be unpacked`,
  },
  LAYER_FOREIGN: {
    say: (e: { digest: string; hosts: string }) =>
      `layer ${e.digest} does not lie in the registry but at ${e.hosts}, and nothing is fetched from where an image says; push it to a registry with its layers`,
  },
  PLATFORM_MISSING: {
    say: (e: { wanted: string; there: string }) => `there is none for ${e.wanted}; there are: ${e.there}`,
  },
  INDEX_TOO_DEEP: { say: (e: { most: number }) => `its index names indexes more than ${e.most} deep` },
  FOREIGN_SYSTEM: { say: (e: { os: string }) => `it is for ${JSON.stringify(e.os)}, and this agent runs Linux only` },
  DIGEST_MISMATCH: {
    say: (e: { what: string; wanted: string; got: string }) =>
      `${e.what} is not what it should be: its digest is ${e.got}, not ${e.wanted}`,
  },
  SIZE_MISMATCH: {
    say: (e: { what: string; wanted: number; got: number }) =>
      `${e.what} has ${e.got} bytes, not ${e.wanted} as its manifest says`,
  },

  // Users, containers and the store.
  NO_STORE: {
    say: (e: { name: string }) =>
      `image ${JSON.stringify(e.name)} cannot be provisioned: this agent does not bring images; it does when it runs as root with --image_providers`,
  },
  EMPTY: { say: (e: { name: string }) => `image ${e.name} has no layers` },
  NOT_HELD: {
    say: (e: { name: string; container: string }) => `container ${e.container} holds no image ${JSON.stringify(e.name)}`,
  },
  USER_INVALID: {
    say: (e: { user: string }) => `USER ${JSON.stringify(e.user)} of the image is not user, user:group, or their numbers`,
  },
  USER_UNKNOWN: {
    say: (e: { user: string; file: string }) =>
      `USER of the image names ${JSON.stringify(e.user)}, who is not in its ${e.file}; name a user in the command of the task`,
  },
  TOO_MANY_LINKS: { say: (e: { path: string }) => `${e.path} of the image leads through too many symbolic links` },
  FILE_TOO_LARGE: { say: (e: { path: string; most: number }) => `${e.path} of the image is larger than ${e.most} bytes` },
  TOO_MANY_VOLUMES: {
    say: (e: { count: number; most: number }) => `the image asks for ${e.count} volumes; ${e.most} are possible`,
  },
  INCOMPLETE: { say: (_: object) => 'an image needs docker or appc, as its type says' },
  NAME_EMPTY: { say: (_: object) => 'the name of an image is empty or holds a NUL character' },
  SECRET_UNRESOLVED: {
    say: (e: { image: string; name: string }) =>
      `the credentials of image ${e.image} are a reference to the secret ${JSON.stringify(e.name)}, which this agent cannot resolve: it has no secret resolver`,
  },
})
