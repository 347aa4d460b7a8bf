import { JsonFields } from '../json-fields.js'
import type { ImageRuntimeConfig } from '../runtime-config.js'
import { SourceErrors } from './errors.js'

/** What an Appc image says of itself (row 6-032). */
export interface AppcManifest {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly config: ImageRuntimeConfig
  /** Lowest first. */
  readonly dependencies: readonly AppcDependency[]
}

export interface AppcDependency {
  readonly name: string
  readonly id?: string | undefined
  readonly labels: Readonly<Record<string, string>>
}

export function parseAppcManifest(bytes: Uint8Array, where: string): AppcManifest {
  const fields = JsonFields.parse(bytes, `the manifest of ${where}`)
  if (fields.text('acKind') !== 'ImageManifest') throw fields.invalid('acKind', 'is not "ImageManifest"')
  const name = fields.text('name')
  if (!name) throw fields.invalid('name', 'is missing')
  const labels = namesAndValues(fields.list('labels'))
  return { name, labels, config: runtimeOf(fields, labels), dependencies: (fields.list('dependencies') ?? []).map(dependencyOf) }
}

function runtimeOf(fields: JsonFields, labels: Readonly<Record<string, string>>): ImageRuntimeConfig {
  const app = fields.fields('app')
  const user = userOf(app?.text('user'), app?.text('group'))
  return {
    entrypoint: app?.texts('exec'),
    environment: Object.entries(namesAndValues(app?.list('environment'))).map(([name, value]) => `${name}=${value}`),
    workingDirectory: app?.text('workingDirectory') || undefined,
    user,
    os: labels.os,
    architecture: labels.arch,
    labels: namesAndValues(fields.list('annotations')),
  }
}

/** A path instead of a name means whoever owns it: that can change with every layer, so such an image names nobody. */
function userOf(user: string | undefined, group: string | undefined): string | undefined {
  if (!user || user.startsWith('/')) return undefined
  return group && !group.startsWith('/') ? `${user}:${group}` : user
}

function dependencyOf(fields: JsonFields): AppcDependency {
  const name = fields.text('imageName')
  if (!name) throw fields.invalid('imageName', 'is missing')
  return { name, id: fields.text('imageID'), labels: namesAndValues(fields.list('labels')) }
}

function namesAndValues(list: readonly JsonFields[] = []): Record<string, string> {
  return Object.fromEntries(list.map((each) => [each.text('name') ?? '', each.text('value') ?? '']))
}

/** What was asked for must be what came. Labels that nobody asked for may be anything. */
export function refuseOther(
  where: string,
  manifest: AppcManifest,
  { name, labels = {} }: { readonly name: string; readonly labels?: Readonly<Record<string, string>> | undefined },
): void {
  const differs = (what: string, found: string, wanted: string): Error => SourceErrors.APPC_OTHER({ where, what, found, wanted })
  if (manifest.name !== name) throw differs('the name', manifest.name, name)
  for (const [label, wanted] of Object.entries(labels)) {
    const found = manifest.labels[label]
    if (found !== undefined && found !== wanted) throw differs(`the ${label}`, found, wanted)
  }
}
