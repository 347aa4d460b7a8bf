import { describe, expect, test } from 'vitest'
import { cgroupsDevices } from '#containerizer/isolators/cgroups-devices.js'
import { linuxDevices } from '#containerizer/isolators/linux-devices.js'
import { flags, fragmentOf, MemoryFiles, prepared, rootAt } from './fixture.js'

const fuse = (access: object, path = '/dev/fuse') =>
  `--allowed_devices=${JSON.stringify({ allowed_devices: [{ device: { path }, access }] })}`

function withFuse(): MemoryFiles {
  const files = new MemoryFiles('/etc')
  files.devices.set('/dev/fuse', { kind: 'c', major: 10, minor: 229 })
  return files
}

const withRoot = prepared({ root: rootAt('/image') })

describe('cgroups/devices (row 6-026)', () => {
  const rules = async (argv: string[], of = prepared()) =>
    (await fragmentOf(cgroupsDevices, of, { argv, files: withFuse() })).cgroups?.settings?.devices?.rules

  test('adds the devices of --allowed_devices, with the access they say', async () => {
    const standard = await rules(['--isolation=cgroups/devices'])
    const more = await rules(['--isolation=cgroups/devices', fuse({ read: true, write: true })])
    expect(more?.slice(standard?.length)).toEqual([{ allow: true, kind: 'c', major: 10, minor: 229, access: 'rw' }])
  })

  test('nobody asked for it: only containers with an image are restricted', async () => {
    expect(await rules([])).toBeUndefined()
    expect(await rules([], withRoot)).toHaveLength(14)
  })

  test('a device that is not there, or none, refuses the container', async () => {
    const of = (path: string) => rules(['--isolation=cgroups/devices', fuse({ read: true }, path)])
    await expect(of('/dev/gone')).rejects.toThrow('device /dev/gone of --allowed_devices does not exist on this agent')
    await expect(of('/etc')).rejects.toThrow('/etc of --allowed_devices is not a device')
  })
})

test('linux/devices makes nodes in containers with a root of their own only (row 6-034)', async () => {
  const asking = { argv: [fuse({ read: true })], files: withFuse() }
  expect((await fragmentOf(linuxDevices, withRoot, asking)).devices).toEqual([
    { path: '/dev/fuse', kind: 'c', major: 10, minor: 229, mode: 0o444 },
  ])
  expect(await fragmentOf(linuxDevices, prepared(), asking)).toEqual({})
})

test.each(['{"allowed_devices": [{"access": {}}]}', '{"allowed_devices": [{"device": {"path": "dev/x"}, "access": {}}]}', '[]'])(
  '--allowed_devices=%s is refused when the agent starts',
  (value) => {
    expect(() => flags(`--allowed_devices=${value}`)).toThrow(
      /^--allowed_devices: .*(is no list of devices|without an absolute path)/,
    )
  },
)
