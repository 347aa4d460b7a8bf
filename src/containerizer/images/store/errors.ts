import { catalogue } from '#base/errors.js'

/** Of images on this host. */
export const StoreErrors = catalogue('IMAGE', {
  NOT_FOUND: { say: (e: { name: string }) => `no image ${JSON.stringify(e.name)} is on this agent`, http: 404 },
  AMBIGUOUS: {
    say: (e: { name: string; names: readonly string[] }) =>
      `${JSON.stringify(e.name)} is the front of the digests of several images: ${e.names.join(', ')}`,
    http: 409,
  },
  NO_PROVIDER: {
    say: (e: { name: string; kind: string; providers: readonly string[] }) =>
      `nothing brings ${e.kind} image ${JSON.stringify(e.name)} to this agent: --image_providers is ${e.providers.join(',') || 'empty'}`,
  },
  LAYER_FAILED: {
    say: (e: { image: string; layer: string; why: string }) => `layer ${e.layer} of image ${e.image} could not be had: ${e.why}`,
  },
  LAYER_BROKE_OFF: {
    say: (e: { at: number; times: number; why: string }) => `it broke off ${e.times} times after ${e.at} bytes: ${e.why}`,
  },
  NO_SPACE: {
    say: (e: { needed: number; free: number; reserve: number; directory: string }) =>
      `at least ${e.needed} bytes are needed in ${e.directory}, where ${e.free} are free and ${e.reserve} must stay free; remove images (meseta image prune) or choose another --docker_store_dir`,
  },
  NO_LAYERS: { say: (e: { image: string }) => `image ${e.image} has no layers and no directories` },
  DIRECTORY_MISSING: {
    say: (e: { image: string; path: string }) => `directory ${e.path}, of which image ${e.image} is made, does not exist`,
  },
  NOT_REFRESHED: {
    say: (e: { image: string; why: string }) =>
      `${e.why}; an older ${e.image} is on this agent, and runs if the task does not ask for a fresh one (cached)`,
  },
  DIRECTORY_UNUSABLE: { say: (e: { path: string; why: string }) => `images cannot be kept in ${e.path}: ${e.why}` },
  GIVEN_UP: { say: (_: object) => 'nobody wants the image any more' },
  CLOSED: { say: (_: object) => 'the agent ends' },
})
