// Writes src/wire/generated/ from proto/: the descriptor for run time and one module of types a protobuf package.
// `node scripts/generate.mjs --check` writes nothing and fails when what is committed is not current.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const protoDir = join(root, 'proto')
const outDir = join(root, 'src/wire/generated')

/** protobuf package → name of its module. Packages that are not listed are an error: a new one is a decision. */
const MODULES = {
  'mesos.v1': 'mesos',
  'mesos.v1.agent': 'agent',
  'mesos.v1.allocator': 'allocator',
  'mesos.v1.executor': 'executor',
  'mesos.v1.maintenance': 'maintenance',
  'mesos.v1.master': 'master',
  'mesos.v1.quota': 'quota',
  'mesos.v1.resource_provider': 'resource-provider',
  'mesos.v1.scheduler': 'scheduler',
  'meseta.internal.v1': 'internal',
  'meseta.v1': 'meseta',
  'meseta.native.v1': 'native',
  'google.protobuf': 'google',
}

const SCALARS = {
  double: 'number',
  float: 'number',
  int32: 'number',
  uint32: 'number',
  int64: 'bigint',
  uint64: 'bigint',
  bool: 'boolean',
  string: 'string',
  bytes: 'Uint8Array',
}

function protoFiles(dir) {
  return readdirSync(dir, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory() ? protoFiles(join(dir, entry.name)) : entry.name.endsWith('.proto') ? [join(dir, entry.name)] : [],
    )
    .sort()
}

function load() {
  const schema = new protobuf.Root()
  schema.resolvePath = (_origin, target) => (target.startsWith('/') ? target : join(protoDir, target))
  // `//` comments count, not only `/** */`.
  schema.loadSync(protoFiles(protoDir), { alternateCommentMode: true })
  schema.resolveAll()
  return schema
}

const isPackage = (o) => o instanceof protobuf.Namespace && !(o instanceof protobuf.Type)

function packageOf(object) {
  let at = object
  while (!isPackage(at)) at = at.parent
  return at
}

const moduleOf = (object) => {
  const name = packageOf(object).fullName.slice(1)
  const module = MODULES[name]
  if (!module) throw new Error(`protobuf package ${name} has no module in scripts/generate.mjs`)
  return module
}

/** `mesos.v1.Offer.Operation.Type` → `OfferOperationType`. */
function localName(object) {
  const names = []
  for (let at = object; !isPackage(at); at = at.parent) names.unshift(at.name)
  return names.join('')
}

/** Types and enums of a package, depth first, in the order of the file. */
function declared(namespace) {
  return (namespace.nestedArray ?? []).flatMap((o) => {
    if (o instanceof protobuf.Enum) return [o]
    if (o instanceof protobuf.Type) return [o, ...declared(o)]
    return []
  })
}

function packages(namespace) {
  const nested = (namespace.nestedArray ?? []).filter(isPackage)
  return [...(declared(namespace).length > 0 ? [namespace] : []), ...nested.flatMap(packages)]
}

function typescriptType(field, here, imports) {
  const of = () => {
    if (!field.resolvedType) return SCALARS[field.type] ?? fail(field)
    const module = moduleOf(field.resolvedType)
    if (module === here) return localName(field.resolvedType)
    imports.add(module)
    return `${module.replace(/-./, (m) => m[1].toUpperCase())}.${localName(field.resolvedType)}`
  }
  const one = of()
  if (field.map) return `Record<string, ${one}>`
  return field.repeated ? `${one}[]` : one
}

function fail(field) {
  throw new Error(`${field.fullName}: no TypeScript type for ${field.type}`)
}

/** What proto/ says about a message, field or enum, for the reader of the types. */
function docText(object, indent) {
  const lines = (object.comment ?? '').split('\n').filter((line) => line !== '')
  if (lines.length === 0) return ''
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`), `${indent} */\n`].join('\n')
}

function messageText(type, here, imports) {
  const name = localName(type)
  const lines = type.fieldsArray.map((field) => {
    const optional = !field.required
    return `${docText(field, '  ')}  ${field.name}${optional ? '?' : ''}: ${typescriptType(field, here, imports)}${optional ? ' | undefined' : ''}`
  })
  const body = lines.length > 0 ? `{\n${lines.join('\n')}\n}` : '{}'
  return `${docText(type, '')}export interface ${name} ${body}\nexport const ${name}: MessageType<${name}> = message('${type.fullName.slice(1)}')\n`
}

function enumText(enumeration) {
  const name = localName(enumeration)
  const values = Object.entries(enumeration.values).map(([key, value]) => `  ${key}: ${value},`)
  return `${docText(enumeration, '')}export const ${name} = {\n${values.join('\n')}\n} as const\nexport type ${name} = (typeof ${name})[keyof typeof ${name}]\n`
}

function moduleText(pkg) {
  const here = MODULES[pkg.fullName.slice(1)] ?? moduleOf(pkg)
  const imports = new Set()
  const objects = declared(pkg)
  const body = objects.map((o) => (o instanceof protobuf.Enum ? enumText(o) : messageText(o, here, imports))).join('\n')
  const needsMessage = objects.some((o) => o instanceof protobuf.Type)
  const head = [
    `// Generated from proto/ by scripts/generate.mjs: do not edit.`,
    ...(needsMessage ? [`import { type MessageType, message } from '../message.js'`] : []),
    ...[...imports].sort().map((m) => `import type * as ${m.replace(/-./, (x) => x[1].toUpperCase())} from './${m}.js'`),
  ]
  return `${head.join('\n')}\n\n${body}`
}

function outputs() {
  const schema = load()
  const files = new Map()
  // A string, parsed once at start, costs less to load than the same object as code.
  const json = JSON.stringify(schema.toJSON({ keepComments: false }))
  files.set(
    'descriptor.ts',
    `// Generated from proto/ by scripts/generate.mjs: do not edit.\nexport const descriptor: string =\n  ${JSON.stringify(json)}\n`,
  )
  for (const pkg of packages(schema)) files.set(`${moduleOf(pkg)}.ts`, moduleText(pkg))
  return files
}

function current(file, text) {
  try {
    return readFileSync(file, 'utf8') === text
  } catch {
    return false
  }
}

/** What is wrong with what is there: files that differ, and files that nothing generates any more. */
function stale(files) {
  const present = existsSync(outDir) ? readdirSync(outDir) : []
  return {
    changed: [...files.keys()].filter((name) => !current(join(outDir, name), files.get(name))),
    left: present.filter((name) => !files.has(name)),
  }
}

const files = outputs()
const { changed, left } = stale(files)
if (process.argv.includes('--check')) {
  for (const name of changed) console.error(`not current: ${relative(root, join(outDir, name))}`)
  for (const name of left) console.error(`not generated by anything: ${relative(root, join(outDir, name))}`)
  if (changed.length + left.length > 0) process.exit(1)
} else {
  mkdirSync(outDir, { recursive: true })
  for (const name of changed) writeFileSync(join(outDir, name), files.get(name))
  for (const name of left) rmSync(join(outDir, name))
}
