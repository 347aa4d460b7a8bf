import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Archives } from '#host/archives.js'
import { openRealArchives } from '#host/real-archives.js'
import type { Unpacked, UnpackRequest } from '#wire/native.js'
import { writeLayout } from '../../support/oci-layout.js'
import { oddLayers } from '../../support/odd-layers.js'
import { tarOf } from '../../support/tar.js'
import { treeListing } from '../../support/tree-listing.js'

const run = (program: string, ...args: string[]): string => execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
const installed = (program: string): boolean => existsSync(`/usr/bin/${program}`)

let place: string
let archives: Archives
let layers: string[]
let count = 0

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'meseta-layers-'))
  archives = openRealArchives()
  layers = oddLayers(join(place, 'odd'))
})
afterAll(async () => {
  await archives.close()
  // Node's own removal knows paths only, which are too long for what is deep here.
  run('rm', '-rf', place)
})

const next = (what: string): string => join(place, `${what}-${count++}`)

async function unpack(path: string, more: Partial<UnpackRequest> = {}): Promise<{ directory: string; unpacked: Unpacked }> {
  const directory = next('ours')
  return { directory, unpacked: await archives.unpack({ directory, source: { path }, ...more }).result }
}

const namesOf = ({ impliedDirectories = [] }: Unpacked): string[] =>
  impliedDirectories.map((name) => Buffer.from(name).toString())

/** What GNU tar makes of it. */
function byTar(path: string): string {
  const directory = next('tar')
  mkdirSync(directory)
  run('tar', '--xattrs', '--xattrs-include=*', '--numeric-owner', '--same-owner', '-p', '-xf', path, '-C', directory)
  return directory
}

describe('an archive becomes the tree that GNU tar makes of it', () => {
  for (const [name, flags] of [
    ['gnu', ['--format=gnu']],
    ['gnu, sparse', ['--format=gnu', '--sparse']],
    ['posix', ['--format=posix', '--xattrs', '--xattrs-include=*']],
    ...['0.0', '0.1', '1.0'].map(
      (version) => [`posix, sparse ${version}`, ['--format=posix', '--sparse', `--sparse-version=${version}`]] as const,
    ),
  ] as const) {
    test(name, async () => {
      const path = next('archive')
      run('tar', ...flags, '--numeric-owner', '-C', layers[0]!, '-cf', path, '.')
      const { directory, unpacked } = await unpack(path)
      expect(treeListing(directory)).toEqual(treeListing(byTar(path)))
      expect(unpacked.leftOut ?? []).toEqual([])
      if (name.includes('sparse')) expect(statSync(join(directory, 'sparse')).blocks * 512).toBeLessThan(1 << 20)
    })
  }

  for (const [suffix, flag] of [
    ['gzip', '-z'],
    ['bzip2', '-j'],
    ['xz', '-J'],
    ['zstd', '--zstd'],
  ] as const) {
    test.skipIf(!installed(suffix))(`compressed with ${suffix}`, async () => {
      const path = next('archive')
      run('tar', flag, '--format=posix', '--xattrs', '--xattrs-include=*', '--numeric-owner', '-C', layers[0]!, '-cf', path, '.')
      const { directory, unpacked } = await unpack(path)
      expect(treeListing(directory)).toEqual(treeListing(layers[0]!))
      expect(unpacked.digest).toBe(`sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`)
    })
  }

  test.skipIf(!installed('bsdtar'))('of bsdtar, with its own spelling of attributes', async () => {
    const path = next('archive')
    run('bsdtar', '--format=pax', '--numeric-owner', '-C', layers[0]!, '-cf', path, '.')
    const { directory } = await unpack(path)
    expect(treeListing(directory)).toEqual(treeListing(layers[0]!))
  })
})

describe('layers', () => {
  test.skipIf(!installed('umoci'))('stacked by an overlay are the tree that umoci makes of the image', async () => {
    const layout = next('layout')
    writeLayout(layout, 'odd', layers)
    const bundle = next('umoci')
    run('umoci', 'unpack', '--image', `${layout}:odd`, bundle)
    const manifest = JSON.parse(blob(layout, JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')).manifests[0].digest))
    const directories: string[] = []
    for (const { digest } of manifest.layers) {
      const { directory, unpacked } = await unpack(blobPath(layout, digest), { digest, whiteouts: true })
      await archives.adopt(directory, unpacked.impliedDirectories ?? [], directories)
      directories.push(directory)
    }
    expect(withoutInodes(stacked(directories))).toEqual(withoutInodes(treeListing(join(bundle, 'rootfs'))))
  })

  test('directories that a layer only implies look like those below, unless these are hidden', async () => {
    const archive = (name: string, entries: Parameters<typeof tarOf>[0]): string => {
      const path = next(name)
      writeFileSync(path, tarOf(entries))
      return path
    }
    const directory = (name: string, mode: number, uid: number) => ({ name, type: '5', mode, uid, mtime: 1_000_000_000 + uid })
    const lowest = await unpack(
      archive('lowest', [
        directory('a/', 0o1777, 5),
        directory('a/b/', 0o700, 6),
        directory('c/', 0o750, 7),
        directory('c/d/', 0o711, 8),
      ]),
    )
    const middle = await unpack(archive('middle', [directory('a/', 0o751, 9), { name: 'c/.wh.d' }]), { whiteouts: true })
    const top = await unpack(archive('top', [{ name: 'a/b/x' }, { name: 'c/d/x' }]), { whiteouts: true })
    expect(namesOf(top.unpacked)).toEqual(['a', 'a/b', 'c', 'c/d'])
    for (let again = 0; again < 2; again++) {
      await archives.adopt(middle.directory, middle.unpacked.impliedDirectories ?? [], [lowest.directory])
      await archives.adopt(top.directory, top.unpacked.impliedDirectories ?? [], [lowest.directory, middle.directory])
    }
    const about = (path: string): string => {
      const { mode, uid, mtimeMs } = statSync(join(top.directory, path))
      return `${(mode & 0o7777).toString(8)} ${uid} ${mtimeMs / 1000 - 1_000_000_000}`
    }
    expect([about('a'), about('a/b'), about('c')]).toEqual(['751 9 9', '700 6 6', '750 7 7'])
    expect(statSync(join(top.directory, 'c/d')).uid).toBe(0)
  })
})

describe('marks', () => {
  const archive = (entries: Parameters<typeof tarOf>[0]): string => {
    const path = next('marks')
    writeFileSync(path, tarOf(entries))
    return path
  }

  test('implied directories whose names are no text look like those below, however deep', async () => {
    const deep = Array.from({ length: 70 }, (_, depth) => `d${depth}`)
    const path = Buffer.concat([Buffer.from([0x64, 0xff]), Buffer.from(`/${deep.join('/')}`)])
    const below = archive([{ name: 'x', type: '5', mode: 0o711, uid: 9, pax: { path } }])
    const above = archive([{ name: 'x', pax: { path: Buffer.concat([path, Buffer.from('/file')]) } }])
    const [lower, upper] = [await unpack(below), await unpack(above, { whiteouts: true })]
    expect(upper.unpacked.impliedDirectories).toContainEqual(path)
    await archives.adopt(upper.directory, upper.unpacked.impliedDirectories ?? [], [lower.directory])
    const { mode, uid } = statSync(Buffer.concat([Buffer.from(`${upper.directory}/`), path]))
    expect([mode & 0o7777, uid]).toEqual([0o711, 9])
  })

  test('one of a whole layer is told, and hides what is below from implied directories', async () => {
    const lowest = await unpack(archive([{ name: 'a', type: '5', mode: 0o700 }]))
    const middle = await unpack(archive([{ name: '.wh..wh..opq' }]), { whiteouts: true })
    const top = await unpack(archive([{ name: 'a/x' }]), { whiteouts: true })
    expect([lowest, middle, top].map(({ unpacked }) => unpacked.hidesBelow)).toEqual([false, true, false])
    await archives.adopt(top.directory, top.unpacked.impliedDirectories ?? [], [lowest.directory, middle.directory])
    expect(statSync(join(top.directory, 'a')).mode & 0o777).toBe(0o755)
  })
})

describe('large archives', () => {
  test('a hundred thousand entries', async () => {
    const path = next('many')
    const entries = Array.from({ length: 100_000 }, (_, i) => ({ name: `d${i % 100}/${i}`, content: `${i}` }))
    writeFileSync(path, tarOf(entries))
    const { directory, unpacked } = await unpack(path)
    expect(unpacked.entries).toBe(100_000n)
    expect(readFileSync(join(directory, 'd99/99999'), 'utf8')).toBe('99999')
    run('rm', '-rf', directory)
  })

  test('directories ten thousand deep are refused or made, and go again', async () => {
    const entries = [{ name: 'l0', type: '5' }]
    const step = 'd/'.repeat(40)
    for (let i = 0; i < 250; i++) entries.push({ name: `l${i}/${step}`.slice(0, 99), type: '5' })
    const path = next('deep')
    const deep = { name: 'x', content: 'x', pax: { path: `${'d/'.repeat(2040)}x` } }
    writeFileSync(path, tarOf([...entries, deep]))
    expect((await unpack(path)).unpacked.entries).toBe(252n)
    writeFileSync(path, tarOf([...entries, { ...deep, pax: { path: `${'d/'.repeat(10_000)}x` } }]))
    const directory = next('ours')
    await expect(archives.unpack({ directory, source: { path } }).result).rejects.toThrow('longer than 4096 bytes')
    expect(existsSync(directory)).toBe(false)
  })

  test('a file of five GiB that is one hole takes no room', async () => {
    const source = next('source')
    mkdirSync(source)
    run('truncate', '-s', '5G', join(source, 'hole'))
    const end = openSync(join(source, 'hole'), 'r+')
    writeSync(end, 'end', 5 * 2 ** 30 - 3)
    closeSync(end)
    const path = next('archive')
    run('tar', '--format=posix', '--sparse', '-C', source, '-cf', path, '.')
    const { directory } = await unpack(path)
    const { size, blocks } = statSync(join(directory, 'hole'))
    expect(size).toBe(5 * 2 ** 30)
    expect(blocks * 512).toBeLessThan(1 << 20)
    expect(run('tail', '-c', '3', join(directory, 'hole'))).toBe('end')
  })

  test.skipIf(!installed('zstd'))('bombs are stopped at what is allowed, with little memory', async () => {
    const before = process.memoryUsage.rss()
    for (const compress of ['gzip', 'zstd']) {
      const path = next(compress)
      run('/bin/sh', '-c', `head -c 536870912 /dev/zero | ${compress} -c > ${path}`)
      const directory = next('ours')
      const unpacking = archives.unpack({ directory, source: { path }, mostBytes: 64n << 20n })
      await expect(unpacking.result).rejects.toThrow('that are allowed')
      expect(existsSync(directory)).toBe(false)
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 << 20)
  })
})

const blobPath = (layout: string, digest: string): string => join(layout, 'blobs', digest.replace(':', '/'))
const blob = (layout: string, digest: string): string => readFileSync(blobPath(layout, digest), 'utf8')

/** The tree that a container sees. */
function stacked(directories: readonly string[]): string[] {
  const merged = next('merged')
  mkdirSync(merged)
  run('mount', '-t', 'overlay', 'overlay', '-o', `lowerdir=${directories.toReversed().join(':')}`, merged)
  try {
    return treeListing(merged)
  } finally {
    run('umount', merged)
  }
}

/** Which names share a file is told of one layer only by both, in the same words. */
const withoutInodes = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/ same as '[^']*'/, ''))
