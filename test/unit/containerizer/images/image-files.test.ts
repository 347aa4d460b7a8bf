import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { dockerArchive } from '#containerizer/images/sources/docker-archive.js'
import { archiveFiles, directoryFiles, type ImageFiles, read } from '#containerizer/images/sources/image-files.js'
import { ociLayout } from '#containerizer/images/sources/oci-layout.js'

let place: string
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'meseta-image-files-'))
})
afterEach(() => rm(place, { recursive: true }))

const put = async (path: string, text: string | object): Promise<void> => {
  await mkdir(join(place, path, '..'), { recursive: true })
  await writeFile(join(place, path), typeof text === 'string' ? text : JSON.stringify(text))
}

describe('files of an archive', () => {
  const entry = (name: string, more: object = {}) => ({ name, offset: 512n, size: 3n, ...more })
  const files = archiveFiles('/a.tar', {
    entries: [
      entry('./x/layer.tar'),
      entry('y/layer.tar', { link: '../x/layer.tar' }),
      entry('hard', { link: 'x/layer.tar' }),
      entry('circle', { link: 'circle' }),
      entry('twice'),
      entry('twice', { offset: 1024n }),
      entry('away', { link: '../../etc/shadow' }),
    ],
  })

  test('are found however their names are written, and through links', async () => {
    const place = { path: '/a.tar', offset: 512, size: 3 }
    for (const name of ['x/layer.tar', './x//layer.tar', 'y/layer.tar', 'hard']) expect(await files.find(name)).toEqual(place)
  })

  test('the last of a name counts, and what leads nowhere is not there', async () => {
    expect(await files.find('twice')).toMatchObject({ offset: 1024 })
    for (const name of ['circle', 'away', 'none']) expect(await files.find(name)).toBeUndefined()
  })

  test.each(['../x', '/etc/shadow', 'x/../../y', 'a\0b'])('%j is refused', async (name) => {
    await expect(files.find(name)).rejects.toThrow(/names a file outside of it/)
  })
})

describe('files of a directory', () => {
  test('lie in it, whatever links say', async () => {
    await put('in/file', 'inside')
    await put('secret', 'outside')
    await symlink('../secret', join(place, 'in/link'))
    await symlink('file', join(place, 'in/good'))
    const files = directoryFiles(join(place, 'in'))
    expect((await read(files, 'good')).toString()).toBe('inside')
    await expect(files.find('link')).rejects.toThrow(/outside/)
    await expect(read(files, 'none')).rejects.toThrow(/has no none/)
    await put('in/sub/file', '')
    expect(await files.find('sub')).toBeUndefined()
  })

  test('that are much too large are not read', async () => {
    await put('manifest.json', 'x'.repeat(4 * 1024 * 1024 + 1))
    await expect(dockerArchive(directoryFiles(place), 'n', undefined)).rejects.toThrow(/larger than 4194304 bytes/)
  })
})

describe('what is written wrongly is said so', () => {
  const saved = (files: ImageFiles) => dockerArchive(files, 'n', undefined)
  test.each([
    ['[', /is no JSON/],
    ['{}', /images of manifest.json .* is not a list/],
    ['[]', /has no image/],
    ['[{"Layers":[]}]', /Config of .* is missing/],
    ['[{"Config":"c.json"}]', /Layers of .* is missing/],
    ['[{"Config":"../../etc/shadow","Layers":[]}]', /names a file outside of it/],
    ['[{"Config":"c.json","Layers":["a"]}]', /has no c\.json/],
    [
      '[{"Config":"c","Layers":[],"RepoTags":["a:1"]},{"Config":"c","Layers":[],"RepoTags":["b:1"]}]',
      /one of these to its name: a:1, b:1/,
    ],
  ])('manifest.json %s', async (text, why) => {
    await put('manifest.json', text)
    await expect(saved(directoryFiles(place))).rejects.toThrow(why)
  })

  test('more layers than the configuration knows', async () => {
    await put('manifest.json', [{ Config: 'c.json', Layers: ['l.tar'] }])
    await put('c.json', { rootfs: { type: 'layers', diff_ids: [] } })
    await expect(saved(directoryFiles(place))).rejects.toThrow(/0 diff_ids, but the manifest has 1 layers/)
  })

  test('a layer below itself', async () => {
    await put('repositories', { a: { latest: 'one' } })
    await put('one/json', { parent: 'two' })
    await put('two/json', { parent: 'one' })
    await expect(saved(directoryFiles(place))).rejects.toThrow(/layer one lies below itself/)
  })

  test('a manifest that is not what its digest says', async () => {
    await put('oci-layout', {})
    const digest = `sha256:${'0'.repeat(64)}`
    await put('index.json', {
      schemaVersion: 2,
      manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 2 }],
    })
    await put(`blobs/sha256/${'0'.repeat(64)}`, {})
    await expect(ociLayout(directoryFiles(place), 'n', undefined)).rejects.toThrow(
      /is not what its digest says: it is sha256:44136/,
    )
  })
})
