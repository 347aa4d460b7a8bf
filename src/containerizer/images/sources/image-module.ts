import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseDigest } from '../digest.js'
import type { ResolvedImage } from '../image.js'
import type { ImageProvider, ProviderOptions } from '../provider.js'
import { SourceErrors } from './errors.js'

type CreateProvider = (options: ProviderOptions) => ImageProvider | Promise<ImageProvider>

/** A provider out of a module of the user's own: an ES module that exports `createImageProvider` (docs/guide/image-modules.md). */
export async function loadImageModule(path: string, options: ProviderOptions): Promise<ImageProvider> {
  const create = await exported(path)
  const provider = await Promise.resolve(create(options)).catch((error: Error) => {
    throw SourceErrors.MODULE_UNUSABLE({ path, why: error.message }, error)
  })
  const { takes, resolve } = (provider ?? {}) as Partial<ImageProvider>
  if (typeof takes !== 'function' || typeof resolve !== 'function') {
    throw SourceErrors.MODULE_UNUSABLE({ path, why: 'what createImageProvider returned has no functions takes and resolve' })
  }
  return {
    name: provider.name ?? path,
    takes: (image) => provider.takes(image) === true,
    resolve: async (image, abort) => checked(await provider.resolve(image, abort), provider.name ?? path, image.name),
    close: async () => provider.close?.(),
  }
}

async function exported(path: string): Promise<CreateProvider> {
  const module = (await import(pathToFileURL(path).href).catch((error: Error) => {
    throw SourceErrors.MODULE_UNUSABLE({ path, why: error.message }, error)
  })) as { createImageProvider?: unknown }
  if (typeof module.createImageProvider !== 'function') {
    throw SourceErrors.MODULE_UNUSABLE({ path, why: 'it exports no function createImageProvider' })
  }
  return module.createImageProvider as CreateProvider
}

/** Whoever wrote it may not have had a compiler to tell him. */
function checked(answer: ResolvedImage, provider: string, image: string): ResolvedImage {
  const refuse = (why: string): never => {
    throw SourceErrors.MODULE_ANSWER({ provider, image, why })
  }
  if (typeof answer?.name !== 'string' || answer.name === '') refuse('it has no name')
  if (typeof answer.digest !== 'string') refuse('it has no digest')
  parseDigest(answer.digest)
  const layers = answer.layers ?? []
  const directories = answer.directories ?? []
  if (layers.length === 0 && directories.length === 0) refuse('it has neither layers nor directories')
  if (directories.some((directory) => typeof directory !== 'string' || !isAbsolute(directory)))
    refuse('a directory is no absolute path')
  if (layers.some(({ file, open }) => file === undefined && typeof open !== 'function'))
    refuse('a layer has neither file nor open')
  return { ...answer, config: answer.config ?? {}, layers }
}
