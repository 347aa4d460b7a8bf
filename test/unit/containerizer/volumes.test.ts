import { describe, expect, test } from 'vitest'
import { filesystemPosix } from '#containerizer/isolators/filesystem-posix.js'
import { volumeHostPath } from '#containerizer/isolators/volume-host-path.js'
import { volumeSandboxPath } from '#containerizer/isolators/volume-sandbox-path.js'
import { volumeSecret } from '#containerizer/isolators/volume-secret.js'
import {
  MountPropagationMode,
  type Secret,
  SecretType,
  type Volume,
  VolumeMode,
  VolumeSourceSandboxPathType,
  VolumeSourceType,
} from '#wire/mesos.js'
import { Propagation } from '#wire/native.js'
import { config, container, fragmentOf, MemoryFiles, prepared, rootAt } from './fixture.js'

const withVolumes = (volumes: Volume[], over = {}) => prepared({ config: config({ container: container({ volumes }) }), ...over })

const hostPath = (path: string, containerPath: string, mode: VolumeMode = VolumeMode.RW): Volume => ({
  mode,
  containerPath,
  source: { type: VolumeSourceType.HOST_PATH, hostPath: { path } },
})

const sandboxPath = (path: string, containerPath: string): Volume => ({
  mode: VolumeMode.RW,
  containerPath,
  source: { type: VolumeSourceType.SANDBOX_PATH, sandboxPath: { path, type: VolumeSourceSandboxPathType.SELF } },
})

describe('volume/host_path (row 6-041)', () => {
  const mounts = async (volume: Volume, files: MemoryFiles, over = {}, argv: string[] = []) =>
    (await fragmentOf(volumeHostPath, withVolumes([volume], over), { files, argv })).mounts

  test('a relative target lies in the sandbox and never leaves it', async () => {
    expect(await mounts(hostPath('/data', 'd', VolumeMode.RO), new MemoryFiles('/data'))).toEqual([
      {
        source: '/data',
        target: '/work/sandbox/d',
        targetWithin: '/work/sandbox',
        readOnly: true,
        propagation: Propagation.HOST_TO_CONTAINER,
      },
    ])
  })
  test('with an image it lies where the sandbox is seen', async () => {
    const inside = { root: rootAt('/images/a'), sandboxInside: '/mnt/mesos/sandbox' }
    const [mount] = (await mounts(hostPath('/data', 'd'), new MemoryFiles('/data'), inside)) ?? []
    expect(mount).toMatchObject({ target: '/mnt/mesos/sandbox/d', targetWithin: '/mnt/mesos/sandbox' })
  })
  test('the short form of an absolute path is the same', async () => {
    const files = new MemoryFiles('/data')
    expect(await mounts({ mode: VolumeMode.RW, containerPath: 'd', hostPath: '/data' }, files)).toEqual(
      await mounts(hostPath('/data', 'd'), files),
    )
  })
  test('what is missing on the host is refused, or created below the flag', async () => {
    await expect(mounts(hostPath('/not/there', 'd'), new MemoryFiles())).rejects.toThrow(
      "Path '/not/there' of a host path volume",
    )
    const files = new MemoryFiles()
    const flag = ['--host_path_volume_force_creation=/other:/not']
    expect(await mounts(hostPath('/not/there', 'd'), files, {}, flag)).toMatchObject([
      { source: '/not/there', sourceWithin: '/not', makeSource: true },
    ])
    await expect(mounts(hostPath('/nothing', 'd'), new MemoryFiles(), {}, flag)).rejects.toThrow(/does not exist/)
  })
  test('an absolute target must exist where the host files are shared (S22), and is made in an image', async () => {
    const files = new MemoryFiles('/data')
    await expect(mounts(hostPath('/data', '/not/there'), files)).rejects.toThrow("Mount point '/not/there' is absolute")
    expect(await mounts(hostPath('/data', '/not/there'), files, { root: rootAt('/images/a') })).toHaveLength(1)
  })
  test('propagation back to the host needs a shared mount', async () => {
    const both = (path: string) => {
      const volume = hostPath(path, 'd')
      volume.source!.hostPath!.mountPropagation = { mode: MountPropagationMode.BIDIRECTIONAL }
      return volume
    }
    await expect(mounts(both('/data'), new MemoryFiles('/data'))).rejects.toThrow(
      /BIDIRECTIONAL needs \/data to be on a shared mount/,
    )
    expect(await mounts(both('/shared/data'), new MemoryFiles('/shared/data'))).toMatchObject([
      { propagation: Propagation.BIDIRECTIONAL },
    ])
  })
})

describe('volume/sandbox_path (row 6-040)', () => {
  test('the directory is made by the launcher, and the mount stays inside the sandbox', async () => {
    const files = new MemoryFiles('/work/sandbox', '/tmp')
    const { mounts } = await fragmentOf(volumeSandboxPath, withVolumes([sandboxPath('a/b', '/tmp')]), { files })
    expect(mounts).toEqual([
      { source: '/work/sandbox/a/b', sourceWithin: '/work/sandbox', makeSource: true, target: '/tmp', readOnly: false },
    ])
    expect([...files.owners]).toEqual([])
  })
  test('the short form of a relative path is the same', async () => {
    const short = { mode: VolumeMode.RW, containerPath: 'x', hostPath: 'a' }
    const { mounts } = await fragmentOf(volumeSandboxPath, withVolumes([short]))
    expect(mounts?.[0]).toMatchObject({ source: '/work/sandbox/a', target: '/work/sandbox/x' })
  })
})

test.each([
  [hostPath('/data', '../x'), /must not contain '\.\.'/],
  [hostPath('/data', ''), /is empty/],
  [hostPath('/data/../x', 'd'), /must not contain/],
  [hostPath('data', 'd'), /is not absolute/],
  [sandboxPath('/etc', 'd'), /not relative/],
  [sandboxPath('../other', 'd'), /must not contain/],
  [{ mode: VolumeMode.RW, containerPath: 'd' }, /without a source/],
  [{ mode: VolumeMode.RW, containerPath: 'd', source: { type: VolumeSourceType.CSI_VOLUME } }, /is not supported/],
])('volume %j is refused', async (volume, why) => {
  await expect(fragmentOf(volumeHostPath, withVolumes([volume]), { files: new MemoryFiles('/data') })).rejects.toThrow(why)
})

describe('volume/secret (row 6-043)', () => {
  const secret = (secret: Secret): Volume => ({
    mode: VolumeMode.RO,
    containerPath: '/run/key',
    source: { type: VolumeSourceType.SECRET, secret },
  })
  const mounts = async (volume: Volume) =>
    (await fragmentOf(volumeSecret, withVolumes([volume], { root: rootAt('/images/a') }))).mounts

  test('a value becomes a file for the task alone', async () => {
    const content = Buffer.from('k')
    expect(await mounts(secret({ type: SecretType.VALUE, value: { data: content } }))).toEqual([
      { target: '/run/key', readOnly: true, secret: { content, mode: 0o400 } },
    ])
  })
  test('a reference is refused by its name', async () => {
    await expect(mounts(secret({ type: SecretType.REFERENCE, reference: { name: 'vault/key' } }))).rejects.toThrow(
      'the secret of the volume at /run/key is a reference to "vault/key", which this agent cannot resolve: it has no secret resolver',
    )
  })
})

describe('filesystem/posix (row 6-015)', () => {
  test('a host path is a symbolic link in the sandbox', async () => {
    const files = new MemoryFiles('/data')
    await fragmentOf(filesystemPosix, withVolumes([hostPath('/data', 'd')]), { files })
    expect([...files.links]).toEqual([['/work/sandbox/d', '/data']])
  })
  test.each([[hostPath('/data', '/abs')], [hostPath('/data', 'd', VolumeMode.RO)], [sandboxPath('a', 'b')]])(
    '%j needs filesystem/linux',
    async (volume) => {
      await expect(fragmentOf(filesystemPosix, withVolumes([volume]), { files: new MemoryFiles('/data') })).rejects.toThrow(
        /needs an agent that runs as root with --isolation=filesystem\/linux/,
      )
    },
  )
  test('an image needs filesystem/linux', async () => {
    await expect(fragmentOf(filesystemPosix, prepared({ root: rootAt('/r') }))).rejects.toThrow(/an image needs/)
  })
})
