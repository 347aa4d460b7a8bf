import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Archives } from '#host/archives.js'
import { Compression } from '#wire/native.js'
import { tarOf } from '../../support/tar.js'

const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** What every door to archives keeps to. */
export function archivesContract(name: string, open: () => Archives): void {
  describe(`archives: ${name}`, () => {
    let place: string
    let archives: Archives
    const tar = tarOf([
      { name: 'etc/', type: '5', mode: 0o750 },
      { name: 'etc/motd', content: 'hello\n' },
      { name: 'usr/lib/empty', content: '' },
      { name: 'lib', type: '2', link: 'usr/lib' },
    ])

    beforeEach(async () => {
      place = await mkdtemp(join(tmpdir(), 'meseta-archives-'))
      archives = open()
    })
    afterEach(async () => {
      await archives.close()
      await rm(place, { recursive: true, force: true })
    })

    for (const [compression, bytes] of [
      [Compression.NONE, tar],
      [Compression.GZIP, gzipSync(tar)],
      // Two members after each other are one stream.
      [Compression.GZIP, Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))])],
    ] as const) {
      test(`bytes that are fed become a directory: compression ${compression}, ${bytes.length} bytes`, async () => {
        const directory = join(place, 'layer')
        const unpacking = archives.unpack({ directory, digest: sha256(bytes), diffId: sha256(tar), size: BigInt(bytes.length) })
        for (let at = 0; at < bytes.length; at += 100) await unpacking.write(bytes.subarray(at, at + 100))
        unpacking.end()
        expect(await unpacking.result).toMatchObject({
          digest: sha256(bytes),
          diffId: sha256(tar),
          size: BigInt(bytes.length),
          unpackedBytes: BigInt(tar.length),
          entries: 4n,
          compression,
          impliedDirectories: [Buffer.from('usr'), Buffer.from('usr/lib')],
          hidesBelow: false,
        })
        expect(await readFile(join(directory, 'etc/motd'), 'utf8')).toBe('hello\n')
        expect((await readdir(join(directory, 'lib'))).sort()).toEqual(['empty'])
      })
    }

    test('a part of a file becomes a directory', async () => {
      const path = join(place, 'file')
      await writeFile(path, Buffer.concat([Buffer.from('before'), tar, Buffer.from('after')]))
      const directory = join(place, 'layer')
      const source = { path, offset: 6n, size: BigInt(tar.length) }
      expect(await archives.unpack({ directory, source }).result).toMatchObject({ digest: sha256(tar) })
      expect(await readFile(join(directory, 'etc/motd'), 'utf8')).toBe('hello\n')
    })

    test('another digest is an error of its own, and nothing is left', async () => {
      const directory = join(place, 'layer')
      for (const wrong of [{ digest: sha256(Buffer.from('x')) }, { diffId: sha256(Buffer.from('x')) }]) {
        const unpacking = archives.unpack({ directory, ...wrong })
        unpacking.write(tar)
        unpacking.end()
        await expect(unpacking.result).rejects.toMatchObject({ code: 'HOST_DIGEST_WRONG' })
        expect(existsSync(directory)).toBe(false)
      }
    })

    test('what is abandoned while it waits for bytes leaves nothing', async () => {
      const directory = join(place, 'layer')
      const unpacking = archives.unpack({ directory })
      unpacking.write(tar.subarray(0, 1024))
      unpacking.abandon()
      await expect(unpacking.result).rejects.toMatchObject({ code: 'HOST_ABANDONED' })
      expect(await readdir(place)).toEqual([])
      await unpacking.write(tar)
      unpacking.end()
      unpacking.abandon()
    })

    test('what is closed meanwhile leaves nothing, and nothing new begins', async () => {
      const unpacking = archives.unpack({ directory: join(place, 'layer') })
      unpacking.write(tar.subarray(0, 1024))
      await archives.close()
      await expect(unpacking.result).rejects.toMatchObject({ code: 'HOST_ABANDONED' })
      expect(await readdir(place)).toEqual([])
      await expect(archives.index(place)).rejects.toMatchObject({ code: 'HOST_CLOSED' })
    })

    test('a directory that exists is left alone', async () => {
      await writeFile(join(place, 'canary'), 'x')
      const unpacking = archives.unpack({ directory: place })
      await expect(unpacking.result).rejects.toThrow('file exists')
      expect(await readdir(place)).toEqual(['canary'])
    })

    test('whoever writes too fast is told when to go on', async () => {
      const large = tarOf([{ name: 'large', content: Buffer.alloc(24 << 20, 'x') }])
      const unpacking = archives.unpack({ directory: join(place, 'layer') })
      let waited = 0
      for (let at = 0; at < large.length; at += 1 << 20) {
        const more = unpacking.write(large.subarray(at, at + (1 << 20)))
        if (more) waited += 1
        await more
      }
      unpacking.end()
      expect(await unpacking.result).toMatchObject({ digest: sha256(large) })
      expect(waited).toBeGreaterThan(0)
    })

    test('an archive of archives tells where its parts are', async () => {
      const path = join(place, 'images.tar')
      const bytes = tarOf([
        { name: 'blobs/', type: '5' },
        { name: 'blobs/a', content: 'content of a' },
        { name: './manifest.json', content: '[]' },
        { name: 'b/layer.tar', type: '2', link: '../blobs/a' },
      ])
      await writeFile(path, bytes)
      const { entries = [] } = await archives.index(path)
      const whole = entries.map(({ name, offset, size, link }) => [
        name,
        bytes.subarray(Number(offset), Number(offset) + Number(size)).toString(),
        link,
      ])
      expect(whole).toEqual([
        ['blobs/a', 'content of a', undefined],
        ['manifest.json', '[]', undefined],
        ['b/layer.tar', '', '../blobs/a'],
      ])
      await writeFile(path, gzipSync(bytes))
      await expect(archives.index(path)).rejects.toThrow('it is compressed')
    })

    test('wanted files are told, and a prefix is stripped', async () => {
      const aci = tarOf([
        { name: 'manifest', content: '{"acKind":"ImageManifest"}' },
        { name: 'rootfs/', type: '5' },
        { name: 'rootfs/bin/sh', content: 'sh' },
        { name: 'rootfs/bin/ash', type: '1', link: 'rootfs/bin/sh' },
      ])
      const unpacking = archives.unpack({ directory: join(place, 'layer'), strip: 'rootfs', wanted: ['manifest'] })
      unpacking.write(aci)
      unpacking.end()
      const { wanted = [] } = await unpacking.result
      expect(wanted.map(({ name, content }) => [name, Buffer.from(content).toString()])).toEqual([
        ['manifest', '{"acKind":"ImageManifest"}'],
      ])
      expect(await readdir(join(place, 'layer'))).toEqual(['bin'])
      expect(await readFile(join(place, 'layer/bin/ash'), 'utf8')).toBe('sh')
      await archives.flush(join(place, 'layer'))
    })

    test('more than is allowed is refused', async () => {
      for (const bound of [{ mostBytes: 100n }, { mostEntries: 3n }]) {
        const unpacking = archives.unpack({ directory: join(place, 'layer'), ...bound })
        unpacking.write(tar)
        unpacking.end()
        await expect(unpacking.result).rejects.toThrow('that are allowed')
        expect(await readdir(place)).toEqual([])
      }
    })
  })
}
