import { catalogue } from '#base/errors.js'

export const ImageErrors = catalogue('IMAGE', {
  DIGEST_INVALID: {
    say: (e: { digest: string }) =>
      `${JSON.stringify(e.digest)} is no digest: sha256: and 64, or sha512: and 128, lower case hex digits`,
  },
})
