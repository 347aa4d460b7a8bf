import { isAbsolute } from 'node:path'
import type { ImageProvider, ProviderOptions } from './provider.js'
import { createRegistryProvider } from './registry/create.js'
import { appcImages } from './sources/appc-images.js'
import { SourceErrors } from './sources/errors.js'
import { loadImageModule } from './sources/image-module.js'
import { localImages } from './sources/local-images.js'

type Make = (options: ProviderOptions) => readonly ImageProvider[]

/** By the words of `--image_providers`. Files of this host come before registries, which would take all names. */
const BUILT_IN: Readonly<Record<string, Make>> = {
  docker: (options) => [localImages(options), createRegistryProvider(options.flags, options.proxies ?? {})],
  appc: (options) => [appcImages(options)],
}

/** In the order in which they are asked. Rejects with what is wrong with the flag. */
export async function makeProviders(words: readonly string[], options: ProviderOptions): Promise<readonly ImageProvider[]> {
  const made = await Promise.all(words.map((word) => makeFor(word.trim(), options)))
  return made.flat()
}

async function makeFor(word: string, options: ProviderOptions): Promise<readonly ImageProvider[]> {
  if (isAbsolute(word)) return [await loadImageModule(word, options)]
  const make = BUILT_IN[word]
  if (!make) throw SourceErrors.PROVIDER_UNKNOWN({ word, known: Object.keys(BUILT_IN).join(', ') })
  return make(options)
}
