import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ResolvedImage, WantedImage } from '../image.js'
import type { ImageProvider, ProviderOptions } from '../provider.js'
import type { Tools } from './archive-file.js'
import { familiar } from './choice.js'
import { Downloads } from './download.js'
import { SourceErrors } from './errors.js'
import { imageInDirectory, imageInFile } from './image-in-file.js'
import { Staging } from './staging.js'

/** Images that lie in files: by path, by URI, or by name in the directory that `--docker_registry` names (rows 6-077, 6-085). */
export function localImages(options: ProviderOptions): ImageProvider {
  const { flags, archives, staging: parent } = options
  const downloads = new Downloads(options)
  const directory = directoryOf(flags.dockerRegistry)
  return {
    name: 'docker',
    takes: ({ kind, name }) => kind === 'docker' && (isPathOrUri(name) || (directory !== undefined && !hasHost(name))),
    canonical: ({ name }) => (isPathOrUri(name) ? name : familiar(name)),
    close: () => downloads.close(),
    async resolve(wanted, abort, tell) {
      const staging = new Staging(parent)
      const download = (url: string, path: string) => downloads.get(url, path, abort, tell)
      const tools = { archives, staging, abort, download }
      try {
        const image = isPathOrUri(wanted.name) ? await byUri(wanted, tools) : await byName(directory!, wanted.name, tools)
        return { ...image, close: () => staging.remove() }
      } catch (error) {
        await staging.remove()
        throw error
      }
    },
  }
}

const isPathOrUri = (name: string): boolean => name.startsWith('/') || /^[a-z][a-z0-9+.-]*:\/\//i.test(name)

/** The first part of a name is a host where it could not be a repository's (as in Docker). */
function hasHost(name: string): boolean {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  return /[.:]/.test(first) || first === 'localhost'
}

/** Of `--docker_registry`, if it is one. */
function directoryOf(registry: string): string | undefined {
  const path = registry.replace(/^file:\/\//i, '')
  return path.startsWith('/') ? path : undefined
}

async function byUri({ name }: WantedImage, tools: Tools): Promise<ResolvedImage> {
  const [, scheme = 'file', uri = '', choice] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^#]*)(?:#(.*))?$/is.exec(name) ?? []
  if (/^https?$/i.test(scheme)) {
    const path = await tools.staging.path()
    await tools.download(`${scheme}://${uri}`, path)
    return imageInFile(path, name, choice, tools)
  }
  if (scheme.toLowerCase() !== 'file') throw SourceErrors.SCHEME_UNSUPPORTED({ name, scheme })
  const path = uri.replace(/^localhost\//, '/')
  if (!path.startsWith('/')) throw SourceErrors.PATH_RELATIVE({ name })
  return (await isDirectory(path)) ? imageInDirectory(path, name, choice) : imageInFile(path, name, choice, tools)
}

/** `<name>:<tag>.tar`, `<name>.tar`, and the layouts `<name>:<tag>` and `<name>`; the names that Docker leaves out may be there or not. */
async function byName(directory: string, name: string, tools: Tools): Promise<ResolvedImage> {
  const image = familiar(name)
  const repository = image.slice(0, image.lastIndexOf(':'))
  if (!/^[\w.:@/-]+$/.test(name) || name.split('/').some((part) => ['', '.', '..'].includes(part))) {
    throw SourceErrors.NAME_INVALID({ name })
  }
  const stems = [...new Set([name, image, repository, `library/${image}`, `library/${repository}`])].map((stem) =>
    join(directory, stem),
  )
  for (const stem of stems) {
    if (await isFile(`${stem}.tar`)) return inFileOfName(`${stem}.tar`, image, tools)
    if (await isFile(join(stem, 'index.json'))) return imageInDirectory(stem, image, image)
  }
  throw SourceErrors.NOT_FOUND({ name, tried: stems.map((stem) => `${stem}.tar`).join(', ') })
}

/** The name of the file says it, whatever the image in it is called, if there is but one. */
async function inFileOfName(path: string, image: string, tools: Tools): Promise<ResolvedImage> {
  return imageInFile(path, image, undefined, tools).catch((error) => {
    if ((error as { code?: string }).code !== 'IMAGE_SOURCE_CHOICE_NEEDED') throw error
    return imageInFile(path, image, image, tools)
  })
}

const isDirectory = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isDirectory() ?? false
const isFile = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isFile() ?? false
