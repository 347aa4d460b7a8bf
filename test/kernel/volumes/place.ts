import type { CommandInfo, ContainerInfo, Volume } from '#wire/mesos.js'
import {
  ContainerInfoType,
  ImageType,
  MountPropagationMode,
  SecretType,
  VolumeMode,
  VolumeSourceSandboxPathType,
  VolumeSourceType,
} from '#wire/mesos.js'
import type { Workplace } from '../containerizer/workplace.js'

export const hostVolume = (path: string, containerPath: string, over: Partial<Volume> = {}): Volume => ({
  mode: VolumeMode.RW,
  containerPath,
  source: { type: VolumeSourceType.HOST_PATH, hostPath: { path } },
  ...over,
})

export const sharedVolume = (path: string, containerPath: string): Volume =>
  hostVolume(path, containerPath, {
    source: {
      type: VolumeSourceType.HOST_PATH,
      hostPath: { path, mountPropagation: { mode: MountPropagationMode.BIDIRECTIONAL } },
    },
  })

export const sandboxVolume = (path: string, containerPath: string): Volume => ({
  mode: VolumeMode.RW,
  containerPath,
  source: { type: VolumeSourceType.SANDBOX_PATH, sandboxPath: { path, type: VolumeSourceSandboxPathType.SELF } },
})

export const secretVolume = (content: string, containerPath: string): Volume => ({
  mode: VolumeMode.RO,
  containerPath,
  source: { type: VolumeSourceType.SECRET, secret: { type: SecretType.VALUE, value: { data: Buffer.from(content) } } },
})

/** A container with these volumes, in an image if one is named. */
export const withVolumes = (volumes: Volume[], image?: string): { container: ContainerInfo } => ({
  container: {
    type: ContainerInfoType.MESOS,
    volumes,
    ...(image !== undefined && { mesos: { image: { type: ImageType.DOCKER, docker: { name: image } } } }),
  },
})

export const run = (place: Workplace, command: string | CommandInfo, volumes: Volume[], image?: string, over = {}) =>
  place.run(command, { ...withVolumes(volumes, image), ...over })
