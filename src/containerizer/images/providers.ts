import type { ImageProvider, ProviderOptions } from './provider.js'

type Make = (options: ProviderOptions) => Promise<readonly ImageProvider[]>

/** By the words of `--image_providers`. */
const BUILT_IN: Readonly<Record<string, Make>> = {
  docker: async () => [],
  appc: async () => [],
}

/** In the order in which they are asked. */
export async function makeProviders(words: readonly string[], options: ProviderOptions): Promise<readonly ImageProvider[]> {
  const made = await Promise.all(words.map((word) => BUILT_IN[word]?.(options) ?? []))
  return made.flat()
}
