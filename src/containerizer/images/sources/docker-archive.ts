import { type Digest, sha256Of } from '../digest.js'
import type { LayerSource, ResolvedImage } from '../image.js'
import { parseImageConfig, runtimeConfigOf } from '../image-config.js'
import { JsonFields } from '../json-fields.js'
import { choose } from './choice.js'
import { SourceErrors } from './errors.js'
import { type ImageFiles, locate, read, readIfThere } from './image-files.js'

/** More than any builder makes. */
const MOST_LAYERS = 10_000

/** What `docker save` writes, now and before 1.10. Undefined: the files are something else. */
export async function dockerArchive(
  files: ImageFiles,
  name: string,
  choice: string | undefined,
): Promise<ResolvedImage | undefined> {
  const manifest = await readIfThere(files, 'manifest.json')
  if (manifest) return ofManifest(files, name, choice, manifest)
  const repositories = await readIfThere(files, 'repositories')
  return repositories && ofRepositories(files, name, choice, JsonFields.parse(repositories, `repositories in ${files.where}`))
}

interface Saved {
  readonly config: string
  readonly tags: readonly string[]
  readonly layers: readonly string[]
}

async function ofManifest(files: ImageFiles, name: string, choice: string | undefined, manifest: Buffer): Promise<ResolvedImage> {
  const image = choose(files.where, choice, savedIn(files, manifest), (it) => it.tags)
  const rawConfig = await read(files, image.config)
  const { config, diffIds } = parseImageConfig(rawConfig, image.layers.length)
  const layers = await Promise.all(image.layers.map((layer, index) => layerIn(files, layer, diffIds[index])))
  return { name, digest: sha256Of(rawConfig), config, layers, manifest, rawConfig }
}

function savedIn(files: ImageFiles, manifest: Buffer): Saved[] {
  const what = `manifest.json in ${files.where}`
  const list = JsonFields.parse(Buffer.concat([Buffer.from('{"images":'), manifest, Buffer.from('}')]), what).list('images') ?? []
  return list.map((fields) => {
    const config = fields.text('Config')
    const layers = fields.texts('Layers')
    if (config === undefined) throw fields.invalid('Config', 'is missing')
    if (layers === undefined) throw fields.invalid('Layers', 'is missing')
    return { config, layers, tags: fields.texts('RepoTags') ?? [] }
  })
}

async function layerIn(files: ImageFiles, name: string, diffId: Digest | undefined): Promise<LayerSource> {
  const file = await locate(files, name)
  return { diffId, size: file.size, file, whiteouts: true }
}

/** Each layer has a configuration of its own, and names the one below it; nobody has written down what their bytes must be. */
async function ofRepositories(
  files: ImageFiles,
  name: string,
  choice: string | undefined,
  names: JsonFields,
): Promise<ResolvedImage> {
  const tagged = Object.keys(names.object).flatMap((repository) =>
    Object.entries(names.textMap(repository) ?? {}).map(([tag, layer]) => ({ tag: `${repository}:${tag}`, layer })),
  )
  const ids: string[] = []
  const documents: Buffer[] = []
  let next: string | undefined = choose(files.where, choice, tagged, ({ tag }) => [tag]).layer
  while (next !== undefined) {
    if (ids.includes(next) || ids.length > MOST_LAYERS) throw SourceErrors.CHAIN_ENDLESS({ where: files.where, id: next })
    ids.unshift(next)
    documents.unshift(await read(files, `${next}/json`))
    next = fieldsOf(files, next, documents[0]!).text('parent') || undefined
  }
  const rawConfig = documents.at(-1)!
  const config = runtimeConfigOf(fieldsOf(files, ids.at(-1)!, rawConfig))
  const layers = await Promise.all(ids.map((id) => layerIn(files, `${id}/layer.tar`, undefined)))
  return { name, digest: sha256Of(Buffer.concat(documents)), config, layers, rawConfig }
}

const fieldsOf = (files: ImageFiles, id: string, document: Buffer): JsonFields =>
  JsonFields.parse(document, `${id}/json in ${files.where}`)
