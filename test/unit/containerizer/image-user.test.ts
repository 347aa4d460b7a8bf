import { realpathSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { userOf } from '#containerizer/identity.js'
import { imageUser } from '#containerizer/images/image-user.js'
import { readInLayers } from '#containerizer/images/layered-file.js'
import { ScriptedHost } from './scripted-host.js'

let place: string
let layers: string[]
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'meseta-image-user-'))
  layers = ['upper', 'lower'].map((name) => join(place, name))
  for (const layer of layers) await mkdir(join(layer, 'etc'), { recursive: true })
})
afterEach(() => rm(place, { recursive: true }))

const notOpaque = (): boolean => false
const put = (layer: 0 | 1, path: string, text: string) => writeFile(join(layers[layer]!, path), text)

async function accounts(): Promise<void> {
  await put(1, 'etc/passwd', 'root:x:0:0:root:/root:/bin/bash\nweb:x:33:34::/var/www:/bin/dash\n\nodd:x:zz:1::/:\n')
  await put(1, 'etc/group', 'www:x:34:\nlogs:x:50:ann,web\nmore:x:51:web\nbroken\n')
}

describe('USER of an image (row 9-067)', () => {
  test.each([
    ['web', { uid: 33, gid: 34, groups: [34, 50, 51] }],
    ['33', { uid: 33, gid: 34, groups: [34, 50, 51] }],
    ['web:logs', { uid: 33, gid: 50, groups: [50] }],
    ['web:7', { uid: 33, gid: 7, groups: [7] }],
    ['1001', { uid: 1001, gid: 0, groups: [0] }],
    ['1001:1002', { uid: 1001, gid: 1002, groups: [1002] }],
    ['root', { uid: 0, gid: 0, groups: [0] }],
  ])('%s', async (user, identity) => {
    await accounts()
    expect((await imageUser(user, layers, notOpaque)).identity).toEqual(identity)
  })

  test('brings a home and a shell', async () => {
    await accounts()
    expect(await imageUser('web', layers, notOpaque)).toMatchObject({ name: 'web', home: '/var/www', shell: '/bin/dash' })
    expect(await imageUser('1001', layers, notOpaque)).toMatchObject({ name: '1001', home: '/', shell: '/bin/sh' })
  })

  test.each([
    ['ann', /names "ann", who is not in its \/etc\/passwd/],
    ['odd', /names "odd"/],
    ['web:none', /names "none", who is not in its \/etc\/group/],
    ['4294967295', /names "4294967295"/],
    ['-1', /names "-1"/],
    ['007', /names "007"/],
    ['web:', /is not user, user:group/],
    [':34', /is not user, user:group/],
    ['a:b:c', /is not user, user:group/],
  ])('%s is refused', async (user, why) => {
    await accounts()
    await expect(imageUser(user, layers, notOpaque)).rejects.toThrow(why)
  })

  test('numbers need no files', async () => {
    expect((await imageUser('5:6', layers, notOpaque)).identity).toEqual({ uid: 5, gid: 6, groups: [6] })
  })
})

describe('a file of an image', () => {
  const read = async (path: string) => (await readInLayers(layers, path, 100, notOpaque))?.toString()

  test('is that of the topmost layer', async () => {
    await put(1, 'etc/a', 'lower')
    expect(await read('etc/a')).toBe('lower')
    await put(0, 'etc/a', 'upper')
    expect(await read('etc/a')).toBe('upper')
    expect(await read('etc/b')).toBeUndefined()
  })

  test('is hidden by a file in the place of its directory', async () => {
    await mkdir(join(layers[1]!, 'etc/d'))
    await put(1, 'etc/d/a', 'x')
    await put(0, 'etc/d', 'a file')
    expect(await read('etc/d/a')).toBeUndefined()
  })

  test('is hidden by an opaque directory above it', async () => {
    await put(1, 'etc/a', 'lower')
    const asked: string[] = []
    const isOpaque = (directory: string): boolean => asked.push(realpathSync(directory)) > 0
    expect(await readInLayers(layers, 'etc/a', 100, isOpaque)).toBeUndefined()
    expect(asked).toEqual([join(layers[0]!, 'etc')])
  })

  test('is reached through links, which never lead out of the image', async () => {
    await mkdir(join(layers[1]!, 'usr/etc'), { recursive: true })
    await put(1, 'usr/etc/passwd', 'inside')
    await symlink('/usr/etc/passwd', join(layers[0]!, 'etc/absolute'))
    await symlink('../../../../../usr/etc/passwd', join(layers[0]!, 'etc/relative'))
    await symlink('/etc/absolute', join(layers[1]!, 'etc/twice'))
    for (const name of ['absolute', 'relative', 'twice']) expect(await read(`etc/${name}`)).toBe('inside')
    await put(1, 'etc/outside', '')
    await symlink(join(place, 'secret'), join(layers[0]!, 'etc/secret'))
    await writeFile(join(place, 'secret'), 'of the host')
    expect(await read('etc/secret')).toBeUndefined()
  })

  test('behind a circle of links, or too large, is refused', async () => {
    await symlink('b', join(layers[0]!, 'etc/a'))
    await symlink('a', join(layers[0]!, 'etc/b'))
    await expect(read('etc/a')).rejects.toThrow(/too many symbolic links/)
    await put(0, 'etc/large', 'x'.repeat(101))
    await expect(read('etc/large')).rejects.toThrow(/larger than 100 bytes/)
  })

  test('that is a directory is none', async () => expect(await read('etc')).toBeUndefined())
})

describe('who decides', () => {
  const host = new ScriptedHost()
  host.users.set('root', { name: 'root', identity: { uid: 0, gid: 0 }, home: '/root', shell: '/bin/sh' })
  host.users.set('ann', { name: 'ann', identity: { uid: 1000, gid: 1000 }, home: '/home/ann', shell: '/bin/sh' })
  const uid = async (asked: { user?: string; userIsDefault?: boolean }, switchUser = true, user: string | undefined = '7:7') => {
    const root = { directory: layers[0]!, lower: [layers[1]!], config: { user } }
    return (await userOf(asked, root, host, { switchUser }))?.identity.uid
  }

  test('the image, where the framework is root and nobody named another', async () => {
    expect(await uid({ user: 'root', userIsDefault: true })).toBe(7)
    expect(await uid({ userIsDefault: true })).toBe(7)
  })

  test('the command, whoever it names', async () => {
    expect(await uid({ user: 'root', userIsDefault: false })).toBe(0)
    expect(await uid({ user: 'ann', userIsDefault: false })).toBe(1000)
  })

  test('a framework that is not root: an image gives no power over what others have on this host', async () => {
    expect(await uid({ user: 'ann', userIsDefault: true })).toBe(1000)
  })

  test('nobody without --switch_user, and not an image that names none', async () => {
    expect(await uid({ user: 'root', userIsDefault: true }, false)).toBeUndefined()
    expect(
      await userOf({ user: 'root', userIsDefault: true }, { directory: '/', lower: [], config: {} }, host, { switchUser: true }),
    ).toMatchObject({ name: 'root' })
  })
})
