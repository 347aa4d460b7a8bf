import {
  type Image,
  type MountPropagationMode,
  type Secret,
  SecretType,
  type Volume,
  VolumeMode,
  VolumeSourceSandboxPathType,
  VolumeSourceType,
} from '#wire/mesos.js'
import type { Mount } from '#wire/native.js'
import type { ContainerConfig } from './containerizer.js'
import { ContainerizerErrors } from './errors.js'
import type { Files } from './files.js'
import type { PreparedContainer } from './isolator.js'

/** A volume as it was asked for, whichever of Mesos' two spellings was used (rows 6-040, 6-041, 6-043, 6-101). */
export type WantedVolume = HostPathVolume | SandboxPathVolume | SecretVolume | ImageVolume

interface CommonVolume {
  /** Absolute in the container, or relative to the sandbox. */
  readonly target: string
  readonly targetIsAbsolute: boolean
  readonly readOnly: boolean
}

export interface HostPathVolume extends CommonVolume {
  readonly kind: 'host path'
  /** Absolute on the host. */
  readonly source: string
  readonly propagation?: MountPropagationMode | undefined
}

export interface SandboxPathVolume extends CommonVolume {
  readonly kind: 'sandbox path'
  /** Absolute on the host. */
  readonly source: string
  /** The sandbox, which the source must not leave. */
  readonly within: string
}

export interface SecretVolume extends CommonVolume {
  readonly kind: 'secret'
  readonly content: Uint8Array
}

export interface ImageVolume extends CommonVolume {
  readonly kind: 'image'
  readonly image: Image
}

type Source =
  | Omit<ImageVolume, keyof CommonVolume>
  | Omit<HostPathVolume, keyof CommonVolume>
  | Omit<SandboxPathVolume, keyof CommonVolume>
  | Omit<SecretVolume, keyof CommonVolume>

/** `parentSandbox` is that of the container around a nested one. */
export function wantedVolumes(config: ContainerConfig, parentSandbox?: string): WantedVolume[] {
  return (config.container?.volumes ?? []).map((volume) => {
    const target = checkedPath(volume.containerPath)
    return {
      ...sourceOf(volume, config.sandbox, parentSandbox),
      target,
      targetIsAbsolute: target.startsWith('/'),
      readOnly: volume.mode === VolumeMode.RO,
    }
  })
}

function sourceOf(
  { source, hostPath, image, containerPath }: Volume,
  sandbox: string,
  parentSandbox: string | undefined,
): Source {
  if (image) return { kind: 'image', image }
  if (!source) return shortForm(hostPath, containerPath, sandbox)
  switch (source.type) {
    case VolumeSourceType.HOST_PATH:
      return {
        kind: 'host path',
        source: absolutePath(source.hostPath?.path ?? ''),
        propagation: source.hostPath?.mountPropagation?.mode,
      }
    case VolumeSourceType.SANDBOX_PATH:
      if (source.sandboxPath?.type === VolumeSourceSandboxPathType.PARENT) {
        if (parentSandbox !== undefined) return inSandbox(source.sandboxPath.path, parentSandbox)
        throw ContainerizerErrors.VOLUME_PATH_INVALID({
          path: source.sandboxPath.path,
          why: 'of type PARENT needs a parent container',
        })
      }
      return inSandbox(source.sandboxPath?.path ?? '', sandbox)
    case VolumeSourceType.SECRET:
      return { kind: 'secret', content: secretContent(source.secret, containerPath) }
    default:
      throw ContainerizerErrors.UNSUPPORTED({ what: `the source of the volume at ${containerPath}` })
  }
}

/** `Volume.host_path`: of the host when absolute, of the sandbox when relative. */
function shortForm(hostPath: string | undefined, containerPath: string, sandbox: string): Source {
  if (!hostPath) throw ContainerizerErrors.UNSUPPORTED({ what: `a volume without a source (at ${containerPath})` })
  if (hostPath.startsWith('/')) return { kind: 'host path', source: checkedPath(hostPath) }
  return inSandbox(hostPath, sandbox)
}

const inSandbox = (path: string, sandbox: string): Source => ({
  kind: 'sandbox path',
  source: `${sandbox}/${relativePath(path)}`,
  within: sandbox,
})

/** A secret by value is used as it stands; one by reference needs a resolver, and the agent has none (row 6-105). */
function secretContent(secret: Secret | undefined, containerPath: string): Uint8Array {
  if (secret?.type === SecretType.VALUE && secret.value) return secret.value.data
  throw ContainerizerErrors.SECRET_VOLUME_UNRESOLVED({ path: containerPath, name: secret?.reference?.name ?? '' })
}

/**
 * Where the mount of a volume goes (row 6-102). A relative target lies in the sandbox and never leaves it; an absolute one is created inside an image's
 * root, but must exist where the container shares the host's files: nothing is ever made there (S22).
 */
export async function mountTarget(
  { target, targetIsAbsolute, readOnly }: WantedVolume,
  container: PreparedContainer,
  files: Files,
): Promise<Mount> {
  if (!targetIsAbsolute) {
    return { readOnly, target: `${container.sandboxInside}/${target}`, targetWithin: container.sandboxInside }
  }
  if (container.root === undefined && (await files.kind(target)) === 'absent') {
    throw ContainerizerErrors.VOLUME_TARGET_MISSING({ path: target })
  }
  return { readOnly, target }
}

export const isBelow = (directory: string, path: string): boolean =>
  path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`)

function absolutePath(path: string): string {
  if (!path.startsWith('/')) throw ContainerizerErrors.VOLUME_PATH_INVALID({ path, why: 'is not absolute' })
  return checkedPath(path)
}

function relativePath(path: string): string {
  if (path.startsWith('/')) throw ContainerizerErrors.VOLUME_PATH_INVALID({ path, why: 'is not relative to the sandbox' })
  return checkedPath(path)
}

function checkedPath(path: string): string {
  if (path === '' || path.includes('\0'))
    throw ContainerizerErrors.VOLUME_PATH_INVALID({ path, why: 'is empty or holds a NUL character' })
  if (path.split('/').includes('..')) throw ContainerizerErrors.VOLUME_PATH_INVALID({ path, why: "must not contain '..'" })
  return path
}
