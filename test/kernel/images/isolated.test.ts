import { afterEach, describe, expect, test } from 'vitest'
import { ImageType, VolumeMode } from '#wire/mesos.js'
import { ImagePlace } from './place.js'

let place: ImagePlace
afterEach(() => place.close())

const CONFIG = { Env: ['PATH=/bin'], Volumes: { '/data': {} }, User: 'web' }
const FILES = { 'data/seed': 'seed\n', 'etc/passwd': 'root:x:0:0::/root:/bin/sh\nweb:x:4033:4034::/:/bin/sh\n' }
const asRoot = { user: 'root', userIsDefault: true }
const tools = (name: string, mode: VolumeMode) => ({
  mode,
  containerPath: '/tools',
  image: { type: ImageType.DOCKER, docker: { name } },
})

describe.each([
  ['a user namespace', ['--isolation=filesystem/linux,namespaces/pid,namespaces/user']],
  ['copies instead of overlays', ['--image_provisioner_backend=copy']],
])('with %s', (_, flags) => {
  test('user, volumes of the image and images as volumes are as they are without', async () => {
    place = await ImagePlace.open(...flags)
    const layout = await place.layout('own', CONFIG, FILES)
    const other = await place.layout('tools', {}, { 'etc/tool': 'tool\n' })
    const container = { ...place.image(layout).container, volumes: [tools(other, VolumeMode.RW)] }
    const script =
      'id -u; cat data/seed /data/seed /tools/etc/tool; stat -c %u /data /data/seed /tools/etc/tool / 2>&1; touch /data/x; ls /data'
    const { stdout, stderr, termination } = await place.run(layout, script, { container, ...asRoot })
    expect(termination.message).toBeUndefined()
    expect(stderr).toMatch(/seed': No such file.*\n.*x: Permission denied/)
    expect(stdout).toBe('4033\nseed\ntool\n0\n0\n0\n0\nseed\n')
    const root = await place.run(layout, 'echo y > /data/x; echo y > /tools/etc/tool; cat /data/x /tools/etc/tool', {
      container,
      user: 'root',
    })
    expect(root.stderr).toBe('')
    expect(root.stdout).toBe('y\ny\n')
  })
})

test('a root that is the image itself takes no writes, but its volumes do', async () => {
  place = await ImagePlace.open('--image_provisioner_backend=bind')
  const files = {
    'data/seed': 'seed\n',
    ...Object.fromEntries(['proc', 'sys', 'dev', 'mnt/mesos/sandbox'].map((name) => [`${name}/.keep`, ''])),
  }
  const layout = await place.layout('bound', CONFIG, files, 'latest', true)
  const { stdout, stderr, termination } = await place.run(layout, 'echo x > /data/x; ls /data; echo x > /x', { user: 'root' })
  expect(termination.message).toBeUndefined()
  expect(stdout).toBe('seed\nx\n')
  expect(stderr).toMatch(/Read-only file system/)
})
