/** Images of our own making, as OCI layouts that every tool takes. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ImageConfig {
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Env?: readonly string[]
  readonly WorkingDir?: string
  readonly User?: string
  readonly StopSignal?: string
  readonly Volumes?: Readonly<Record<string, object>>
}

type Descriptor = { mediaType: string; digest: string; size: number }

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64' }

/** Writes an image of these directories, lowest layer first; names in them may be whiteouts. */
export function writeLayout(layout: string, tag: string, layers: readonly string[], config: ImageConfig = {}): void {
  mkdirSync(layout, { recursive: true })
  const archives = layers.map((directory, index) => archive(directory, join(layout, `layer-${index}.tar`)))
  writeArchives(layout, tag, archives, config)
  execFileSync('rm', archives)
}

/** The same of tar archives without compression. */
export function writeArchives(layout: string, tag: string, archives: readonly string[], config: ImageConfig = {}): void {
  const blobs = join(layout, 'blobs/sha256')
  mkdirSync(blobs, { recursive: true })
  const put = (mediaType: string, content: Buffer): Descriptor => {
    const hex = sha256(content)
    writeFileSync(join(blobs, hex), content)
    return { mediaType, digest: `sha256:${hex}`, size: content.length }
  }
  const json = (mediaType: string, value: object) => put(mediaType, Buffer.from(JSON.stringify(value)))
  const packed = archives.map((path) => put('application/vnd.oci.image.layer.v1.tar+gzip', gzipped(path)))
  const diffIds = archives.map((path) => `sha256:${sha256(readFileSync(path))}`)
  const architecture = ARCHITECTURES[process.arch] ?? process.arch
  const about = {
    created: '2026-01-02T03:04:05Z',
    architecture,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: diffIds },
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: json('application/vnd.oci.image.config.v1+json', about),
    layers: packed,
  }
  const described = json(manifest.mediaType, manifest)
  const named = { ...described, annotations: { 'org.opencontainers.image.ref.name': tag } }
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }))
}

function archive(directory: string, file: string): string {
  const flags = ['--format=pax', '--xattrs', '--xattrs-include=*', '--numeric-owner', '--sort=name', '--sparse']
  execFileSync('tar', [...flags, '-C', directory, '-cf', file, '.'])
  return file
}

function gzipped(file: string): Buffer {
  const input = openSync(file, 'r')
  try {
    return execFileSync('gzip', ['-n'], { stdio: [input, 'pipe', 'inherit'], maxBuffer: 1 << 30 })
  } finally {
    closeSync(input)
  }
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
