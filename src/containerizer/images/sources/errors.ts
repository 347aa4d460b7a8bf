import { catalogue } from '#base/errors.js'

export const SourceErrors = catalogue('IMAGE_SOURCE', {
  NOT_FOUND: { say: (e: { name: string; tried: string }) => `image ${e.name} is not on this agent; tried ${e.tried}` },
  FILE_MISSING: { say: (e: { where: string; file: string }) => `${e.where} has no ${e.file}` },
  FILE_TOO_LARGE: {
    say: (e: { where: string; file: string; most: number }) => `${e.file} in ${e.where} is larger than ${e.most} bytes`,
  },
  FILE_NAME_INVALID: {
    say: (e: { where: string; file: string }) => `${e.where} names a file outside of it: ${JSON.stringify(e.file)}`,
  },
  NO_ARCHIVE: { say: (e: { path: string; why: string }) => `${e.path} is no archive that can be read: ${e.why}` },
  CHOICE_NEEDED: {
    say: (e: { where: string; names: string }) =>
      `${e.where} holds several images; add # and one of these to its name: ${e.names}`,
  },
  CHOICE_MISSING: {
    say: (e: { where: string; wanted: string; names: string }) =>
      `${e.where} has no image ${JSON.stringify(e.wanted)}; it has ${e.names || 'none'}`,
  },
  LAYERS_DIFFER: {
    say: (e: { where: string; layers: number; diffIds: number }) =>
      `${e.where} has ${e.layers} layers, and its configuration knows ${e.diffIds}`,
  },
  CHAIN_ENDLESS: { say: (e: { where: string; id: string }) => `${e.where}: layer ${e.id} lies below itself` },
  CONTENT_DIFFERS: {
    say: (e: { where: string; file: string; digest: string }) =>
      `${e.file} in ${e.where} is not what its digest says: it is ${e.digest}`,
  },
  SCHEME_UNSUPPORTED: {
    say: (e: { name: string; scheme: string }) =>
      `image ${e.name}: this agent brings images from paths, file, http and https, not ${e.scheme}`,
  },
  PATH_RELATIVE: { say: (e: { name: string }) => `image ${e.name}: its path must be absolute` },
  NAME_INVALID: { say: (e: { name: string }) => `${JSON.stringify(e.name)} cannot be the name of an image in a directory` },
  DOWNLOAD_FAILED: { say: (e: { url: string; why: string }) => `could not download ${e.url}: ${e.why}` },
  PROVIDER_UNKNOWN: {
    say: (e: { word: string; known: string }) =>
      `--image_providers: ${JSON.stringify(e.word)} is not known; known are ${e.known}, and absolute paths of modules`,
  },
  MODULE_UNUSABLE: { say: (e: { path: string; why: string }) => `--image_providers: module ${e.path} cannot be used: ${e.why}` },
  MODULE_ANSWER: {
    say: (e: { provider: string; image: string; why: string }) =>
      `provider ${e.provider} answered for image ${e.image} what cannot be used: ${e.why}`,
  },
  APPC_NOT_FOUND: { say: (e: { name: string; tried: string }) => `Appc image ${e.name} was not found at ${e.tried}` },
  APPC_MANIFEST: {
    say: (e: { where: string; why: string }) => `the manifest of Appc image ${e.where} is not as it must be: ${e.why}`,
  },
  APPC_OTHER: {
    say: (e: { where: string; what: string; found: string; wanted: string }) =>
      `Appc image ${e.where} has ${e.what} ${JSON.stringify(e.found)}, not ${JSON.stringify(e.wanted)}`,
  },
  APPC_CHAIN: { say: (e: { name: string }) => `Appc image ${e.name} depends on itself, or on too many others` },
})
