import { MOST_METADATA_BYTES } from './bounds.js'
import { type Digest, parseDigest } from './digest.js'
import { ImageErrors } from './errors.js'
import { JsonFields } from './json-fields.js'
import type { ImageHealthcheck, ImageRuntimeConfig } from './runtime-config.js'

export interface ParsedImageConfig {
  readonly config: ImageRuntimeConfig
  /** Of each layer, lowest first. */
  readonly diffIds: readonly Digest[]
}

/** The config of a Docker or OCI image, which has `layers` layers. */
export function parseImageConfig(bytes: Uint8Array, layers: number): ParsedImageConfig {
  if (bytes.length > MOST_METADATA_BYTES) throw ImageErrors.METADATA_TOO_LARGE({ what: 'the config', most: MOST_METADATA_BYTES })
  const fields = JsonFields.parse(bytes, 'the config')
  const rootfs = fields.fields('rootfs')
  const type = rootfs?.text('type')
  if (rootfs && type !== 'layers') throw rootfs.invalid('type', `is ${JSON.stringify(type)}, not "layers"`)
  const diffIds = (rootfs?.texts('diff_ids') ?? []).map(parseDigest)
  if (diffIds.length !== layers) {
    throw fields.invalid('rootfs', `has ${diffIds.length} diff_ids, but the manifest has ${layers} layers`)
  }
  const config = runtimeConfigOf(fields)
  if (config.os !== undefined && config.os !== '' && config.os !== 'linux') throw ImageErrors.FOREIGN_SYSTEM({ os: config.os })
  return { config, diffIds }
}

/** Also of what schema 1 says of a layer, which has the same fields. */
export function runtimeConfigOf(fields: JsonFields): ImageRuntimeConfig {
  const config = fields.fields('config') ?? new JsonFields({}, 'config')
  return {
    entrypoint: config.texts('Entrypoint'),
    command: config.texts('Cmd'),
    environment: config.texts('Env'),
    workingDirectory: config.text('WorkingDir') || undefined,
    user: config.text('User') || undefined,
    volumes: config.names('Volumes'),
    exposedPorts: config.names('ExposedPorts'),
    stopSignal: config.text('StopSignal') || undefined,
    healthcheck: healthcheckOf(config.fields('Healthcheck')),
    labels: config.textMap('Labels'),
    shell: config.texts('Shell'),
    architecture: fields.text('architecture'),
    os: fields.text('os'),
    createdAt: fields.text('created'),
  }
}

/** Zero stands for what is not said. */
function healthcheckOf(fields: JsonFields | undefined): ImageHealthcheck | undefined {
  const test = fields?.texts('Test')
  if (!fields || !test || test.length === 0) return undefined
  return {
    test,
    interval: fields.count('Interval') || undefined,
    timeout: fields.count('Timeout') || undefined,
    startPeriod: fields.count('StartPeriod') || undefined,
    retries: fields.count('Retries') || undefined,
  }
}
