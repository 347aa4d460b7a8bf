import { type Digest, parseDigest } from './digest.js'
import { JsonFields } from './json-fields.js'
import type { ImageHealthcheck, ImageRuntimeConfig } from './runtime-config.js'

/** The configuration of an image, of Docker or OCI, as it stands in its blob. */
export interface ImageConfig {
  readonly runtime: ImageRuntimeConfig
  /** Of each layer without compression, lowest first. */
  readonly diffIds: readonly Digest[]
}

export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const document = JsonFields.parse('the configuration of the image', bytes)
  const diffIds = document.object('rootfs')?.texts('diff_ids') ?? []
  return { runtime: runtimeConfig(document), diffIds: diffIds.map(parseDigest) }
}

/** Also of the first images of Docker, whose layers have one each. */
export function runtimeConfig(document: JsonFields): ImageRuntimeConfig {
  const config = document.object('config')
  return {
    entrypoint: config?.texts('Entrypoint'),
    command: config?.texts('Cmd'),
    environment: config?.texts('Env'),
    workingDirectory: config?.text('WorkingDir') || undefined,
    user: config?.text('User') || undefined,
    volumes: config?.names('Volumes'),
    exposedPorts: config?.names('ExposedPorts'),
    stopSignal: config?.text('StopSignal') || undefined,
    healthcheck: healthcheckOf(config?.object('Healthcheck')),
    labels: config?.textMap('Labels'),
    shell: config?.texts('Shell'),
    architecture: document.text('architecture'),
    os: document.text('os'),
    createdAt: document.text('created'),
  }
}

function healthcheckOf(check: JsonFields | undefined): ImageHealthcheck | undefined {
  const test = check?.texts('Test')
  if (!check || !test || test.length === 0) return undefined
  return {
    test,
    interval: check.number('Interval'),
    timeout: check.number('Timeout'),
    startPeriod: check.number('StartPeriod'),
    retries: check.number('Retries'),
  }
}
