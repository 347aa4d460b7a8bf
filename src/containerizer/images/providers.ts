import type { ImageProvider, ProviderOptions } from './provider.js'
import { appcImages } from './sources/appc-images.js'
import { SourceErrors } from './sources/errors.js'
import { loadImageModule } from './sources/image-module.js'
import { localImages } from './sources/local-images.js'

type Make = (options: ProviderOptions) => readonly ImageProvider[]

/** By the words of `--image_providers`. */
const BUILT_IN: Readonly<Record<string, Make>> = {
  docker: (options) => [localImages(options)],
  appc: (options) => [appcImages(options)],
}

/** In the order in which they are asked. */
export async function makeProviders(words: readonly string[], options: ProviderOptions): Promise<readonly ImageProvider[]> {
  const made = await Promise.all(words.map((word) => makeProvider(word, options)))
  return made.flat()
}

async function makeProvider(word: string, options: ProviderOptions): Promise<readonly ImageProvider[]> {
  if (word.startsWith('/')) return [await loadImageModule(word, options)]
  const make = Object.hasOwn(BUILT_IN, word) ? BUILT_IN[word] : undefined
  if (!make) throw SourceErrors.PROVIDER_UNKNOWN({ word, known: Object.keys(BUILT_IN).join(', ') })
  return make(options)
}
