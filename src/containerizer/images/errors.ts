import { catalogue } from '#base/errors.js'

export const ImageErrors = catalogue('IMAGE', {
  DIGEST_INVALID: {
    say: (e: { digest: string }) =>
      `${JSON.stringify(e.digest)} is no digest: sha256: and 64, or sha512: and 128, lower case hex digits`,
  },
  NO_STORE: {
    say: (e: { name: string }) =>
      `image ${JSON.stringify(e.name)} cannot be provisioned: this agent has no image store, and takes local directories only (an image name that begins with /)`,
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
  INCOMPLETE: { say: (_: object) => 'an image needs docker or appc, as its type says' },
  NAME_EMPTY: { say: (_: object) => 'the name of an image is empty or holds a NUL character' },
  SECRET_UNRESOLVED: {
    say: (e: { image: string; name: string }) =>
      `the credentials of image ${e.image} are a reference to the secret ${JSON.stringify(e.name)}, which this agent cannot resolve: it has no secret resolver`,
  },
})
