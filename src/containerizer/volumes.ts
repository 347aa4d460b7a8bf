import { type MountPropagationMode, type Volume, VolumeMode, VolumeSourceSandboxPathType, VolumeSourceType } from '#wire/mesos.js'
import type { Mount } from '#wire/native.js'
import type { ContainerConfig } from './containerizer.js'
import { ContainerizerErrors } from './errors.js'
import type { Files } from './files.js'
import type { PreparedContainer } from './isolator.js'

/** A volume as it was asked for, whichever of Mesos' two spellings was used (rows 6-040, 6-041, 6-101). */
export interface WantedVolume {
  readonly kind: 'host path' | 'sandbox path'
  /** Absolute on the host. */
  readonly source: string
  /** Absolute in the container, or relative to the sandbox. */
  readonly target: string
  readonly targetIsAbsolute: boolean
  readonly readOnly: boolean
  readonly propagation?: MountPropagationMode | undefined
}

export function wantedVolumes(config: ContainerConfig): WantedVolume[] {
  return (config.container?.volumes ?? []).map((volume) => {
    const target = checkedPath(volume.containerPath)
    return {
      ...sourceOf(volume, config.sandbox),
      target,
      targetIsAbsolute: target.startsWith('/'),
      readOnly: volume.mode === VolumeMode.RO,
    }
  })
}

type Source = Pick<WantedVolume, 'kind' | 'source' | 'propagation'>

function sourceOf({ source, hostPath, image, containerPath }: Volume, sandbox: string): Source {
  if (image) throw ContainerizerErrors.UNSUPPORTED({ what: `the image volume at ${containerPath}` })
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
        throw ContainerizerErrors.VOLUME_PATH_INVALID({
          path: source.sandboxPath.path,
          why: 'of type PARENT needs a parent container',
        })
      }
      return { kind: 'sandbox path', source: `${sandbox}/${relativePath(source.sandboxPath?.path ?? '')}` }
    default:
      throw ContainerizerErrors.UNSUPPORTED({ what: `the source of the volume at ${containerPath}` })
  }
}

/** `Volume.host_path`: of the host when absolute, of the sandbox when relative. */
function shortForm(hostPath: string | undefined, containerPath: string, sandbox: string): Source {
  if (!hostPath) throw ContainerizerErrors.UNSUPPORTED({ what: `a volume without a source (at ${containerPath})` })
  if (hostPath.startsWith('/')) return { kind: 'host path', source: checkedPath(hostPath) }
  return { kind: 'sandbox path', source: `${sandbox}/${relativePath(hostPath)}` }
}

/**
 * The mount of a volume. A relative target lies in the sandbox and never leaves it; an absolute one is created inside an image's root, but must
 * exist where the container shares the host's files: nothing is ever made there (S22).
 */
export async function mountTarget(volume: WantedVolume, container: PreparedContainer, files: Files): Promise<Mount> {
  const { source, readOnly, target } = volume
  const ofHost = volume.kind === 'host path'
  const mount = { source, readOnly, followHost: ofHost, ...(ofHost && container.ids && { idMapped: true }) }
  if (!volume.targetIsAbsolute) {
    return { ...mount, target: `${container.sandboxInside}/${target}`, targetWithin: container.sandboxInside }
  }
  if (container.rootDirectory === undefined && (await files.kind(target)) === 'absent') {
    throw ContainerizerErrors.VOLUME_TARGET_MISSING({ path: target })
  }
  return { ...mount, target }
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
