import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Image, ImageType } from '#wire/mesos.js'
import { busyboxImage } from '../rootfs/place.js'
import { ImagePlace } from './place.js'

const EXAMPLE = fileURLToPath(new URL('../../../docs/guide/directory-images.mjs', import.meta.url))
const DISCOVERY = '/tmp/meseta-sources-appc'
const DIRECTORIES = '/tmp/meseta-sources-directories'

let place: ImagePlace
beforeAll(async () => {
  execFileSync('rm', ['-rf', DISCOVERY, DIRECTORIES])
  process.env.MESETA_IMAGE_DIRECTORIES = DIRECTORIES
  place = await ImagePlace.open(`--image_providers=${EXAMPLE},docker,appc`, `--appc_simple_discovery_uri_prefix=${DISCOVERY}/`)
})
afterAll(async () => {
  await place.close()
  execFileSync('rm', ['-rf', DISCOVERY, DIRECTORIES])
})

const ITS_OWN = { shell: false }

interface Aci {
  readonly app?: object
  readonly dependencies?: readonly object[]
  readonly files?: Readonly<Record<string, string>>
  readonly busybox?: boolean
  readonly compress?: 'gzip' | 'xz' | 'none'
}

/** As `actool build` would make it. Returns its id. */
async function aci(name: string, { app, dependencies, files = {}, busybox = false, compress = 'gzip' }: Aci): Promise<string> {
  const tree = place.path('aci', name)
  await mkdir(join(tree, 'rootfs'), { recursive: true })
  if (busybox) await busyboxImage(join(tree, 'rootfs'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(tree, 'rootfs', path)), { recursive: true })
    await writeFile(join(tree, 'rootfs', path), text)
  }
  const labels = Object.entries({ version: '1.0.0', os: 'linux', arch: 'amd64' }).map(([label, value]) => ({
    name: label,
    value,
  }))
  const manifest = { acKind: 'ImageManifest', acVersion: '0.8.11', name, labels, app, dependencies }
  await writeFile(join(tree, 'manifest'), JSON.stringify(manifest))
  const path = join(DISCOVERY, `${name}-1.0.0-linux-amd64.aci`)
  await mkdir(dirname(path), { recursive: true })
  execFileSync('tar', ['-cf', path, '-C', tree, 'manifest', 'rootfs'])
  const id = `sha512-${createHash('sha512')
    .update(await readFile(path))
    .digest('hex')}`
  if (compress !== 'none') execFileSync(compress, ['-S', '.z', path])
  if (compress !== 'none') execFileSync('mv', [`${path}.z`, path])
  return id
}

const appc = (name: string, id?: string): Image => ({
  type: ImageType.APPC,
  appc: { name, id, labels: { labels: [{ key: 'version', value: '1.0.0' }] } },
})

describe('Appc (rows 6-032, 6-084)', () => {
  const app = {
    exec: ['/bin/sh', '-c', 'cat etc/base etc/own; echo $WORD; pwd; id -u'],
    user: '4711',
    group: '4712',
    workingDirectory: '/',
    environment: [{ name: 'WORD', value: 'said' }],
  }

  test.each(['gzip', 'xz', 'none'] as const)('with all that it stands on, by %s', async (compress) => {
    const base = `example.com/base-${compress}`
    const name = `example.com/own-${compress}`
    await aci(base, { busybox: true, files: { 'etc/base': 'base\n', 'etc/own': 'hidden\n' }, compress })
    const id = await aci(name, {
      app,
      dependencies: [{ imageName: base, labels: [{ name: 'version', value: '1.0.0' }] }],
      files: { 'etc/own': 'own\n' },
      compress,
    })
    const { stdout, stderr } = await place.run(appc(name, id), ITS_OWN, { user: 'root', userIsDefault: true })
    expect(stderr).toBe('')
    expect(stdout).toBe('base\nown\nsaid\n/\n4711\n')
  })

  test('another one than its id says is refused', async () => {
    await aci('example.com/id', { app, busybox: true })
    await expect(place.run(appc('example.com/id', `sha512-${'0'.repeat(128)}`), ITS_OWN)).rejects.toThrow(/sha512:0000/)
  })

  test('one that stands on itself is refused', async () => {
    await aci('example.com/circle', {
      app,
      dependencies: [{ imageName: 'example.com/circle', labels: [{ name: 'version', value: '1.0.0' }] }],
    })
    await expect(place.run(appc('example.com/circle'), ITS_OWN)).rejects.toThrow(/depends on itself/)
  })

  test('one that is not there is told with its place', async () => {
    await expect(place.run(appc('example.com/none'), ITS_OWN)).rejects.toThrow(/none-1\.0\.0-linux-amd64\.aci/)
  })
})

describe('a module of the user', () => {
  test('serves a directory as it stands, as CVMFS would', async () => {
    const directory = join(DIRECTORIES, 'library/tool:1')
    await busyboxImage(directory)
    const config = {
      entrypoint: ['/bin/sh', '-c', 'echo $WORD; cat image-file; echo x > image-file; cat image-file'],
      environment: ['WORD=directory', 'PATH=/bin'],
      workingDirectory: '/',
    }
    await writeFile(`${directory}.json`, JSON.stringify(config))
    const { stdout, stderr } = await place.run('dir/library/tool:1', ITS_OWN)
    expect(stderr).toBe('')
    expect(stdout).toBe('directory\nfrom the image\nx\n')
    expect(await readFile(join(directory, 'image-file'), 'utf8')).toBe('from the image\n')
    const [image] = await place.workplace.containerizer.images!.list()
    expect(image).toMatchObject({ name: 'dir/library/tool:1' })
  })
})
