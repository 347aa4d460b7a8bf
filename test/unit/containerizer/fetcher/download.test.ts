import { describe, expect, test } from 'vitest'
import { archiveFormat, decompressedName } from '#containerizer/fetcher/archive.js'
import { downloadOf, refuseClashes } from '#containerizer/fetcher/download.js'
import { shownUri } from '#containerizer/fetcher/shown-uri.js'
import { ArchiveFormat } from '#wire/native.js'

const SHA256 = 'a'.repeat(64)

describe('a URI as a download (rows 5-034 to 5-038)', () => {
  test.each([
    [{ value: 'file:///etc/hostname' }, { from: { path: '/etc/hostname' }, to: 'hostname', executable: false, cache: false }],
    [{ value: 'file://localhost/etc/hostname' }, { from: { path: '/etc/hostname' }, to: 'hostname' }],
    [{ value: '/etc/a#b?c' }, { from: { path: '/etc/a#b?c' }, to: 'a#b?c' }],
    [{ value: '/etc/hostname', outputFile: './a//b' }, { to: 'a/b' }],
    [
      { value: 'https://h/x/run.sh?a=/b#c', executable: true, cache: true },
      { to: 'run.sh', executable: true, cache: true },
    ],
    [{ value: 'HDFS://n/x/y' }, { from: { scheme: 'hdfs', uri: 'HDFS://n/x/y' }, to: 'y' }],
    [
      { value: '/x/a.tar.gz', extract: false },
      { to: 'a.tar.gz', archive: undefined },
    ],
    [
      { value: '/x/a.tar.gz', executable: true },
      { to: 'a.tar.gz', archive: undefined },
    ],
    [{ value: '/x/a.tar.gz' }, { to: 'a.tar.gz', archive: ArchiveFormat.TAR }],
    [
      { value: '/x/a', outputFile: 'b.zip' },
      { to: 'b.zip', archive: ArchiveFormat.ZIP },
    ],
    [
      { value: `http://h/a#sha256=${SHA256.toUpperCase()}` },
      { from: { scheme: 'http', uri: 'http://h/a' }, checksum: { algorithm: 'sha256', hex: SHA256 } },
    ],
    [{ value: `/x#sha512=${'0'.repeat(128)}` }, { from: { path: '/x' }, to: 'x', checksum: { algorithm: 'sha512' } }],
  ])('%o', (uri, download) => expect(downloadOf(uri)).toMatchObject(download))

  test.each([
    [{ value: 'relative' }, /must be absolute/],
    [{ value: 'http://h/' }, /set output_file/],
    [{ value: 'http://h?x' }, /set output_file/],
    [{ value: '/x', outputFile: '../y' }, /does not lie in the sandbox/],
    [{ value: '/x', outputFile: 'a/../../y' }, /does not lie in the sandbox/],
    [{ value: '/x', outputFile: '/y' }, /does not lie in the sandbox/],
    [{ value: '/x', outputFile: '' }, /does not lie in the sandbox/],
    [{ value: '/x', outputFile: 'a\0b' }, /does not lie in the sandbox/],
    [{ value: '/x/..' }, /does not lie in the sandbox/],
    [{ value: '/x#sha256=abc' }, /no sha256 checksum/],
    [{ value: `/x#sha256=${'g'.repeat(64)}` }, /no sha256 checksum/],
  ])('%o is refused', (uri, why) => expect(() => downloadOf(uri)).toThrow(why))
})

test.each([
  ['a.tar', ArchiveFormat.TAR],
  ['a.tar.gz', ArchiveFormat.TAR],
  ['a.tgz', ArchiveFormat.TAR],
  ['a.tar.bz2', ArchiveFormat.TAR],
  ['a.tbz2', ArchiveFormat.TAR],
  ['a.tar.xz', ArchiveFormat.TAR],
  ['a.txz', ArchiveFormat.TAR],
  ['a.tar.zst', ArchiveFormat.TAR],
  ['a.tzst', ArchiveFormat.TAR],
  ['A.ZIP', ArchiveFormat.ZIP],
  ['a.gz', ArchiveFormat.COMPRESSED_FILE],
  ['a.zst', ArchiveFormat.COMPRESSED_FILE],
  ['a.bz2', undefined],
  ['a.jar', undefined],
  ['tar', undefined],
])('%s is unpacked as %s (row 5-036)', (name, format) => expect(archiveFormat(name)).toBe(format))

test('a compressed file loses its ending and its directory', () => {
  expect(decompressedName('deep/er/log.txt.gz')).toBe('log.txt')
})

describe('two URIs of a command', () => {
  const refuse = (...uris: Parameters<typeof downloadOf>[0][]) => refuseClashes(uris.map(downloadOf))

  test.each([
    [{ value: '/x/a' }, { value: 'http://h/a' }],
    [{ value: '/x/a' }, { value: '/b', outputFile: './a' }],
    [{ value: '/x/a' }, { value: '/b', outputFile: 'a/b' }],
    [{ value: '/b', outputFile: 'a/b' }, { value: '/x/a' }],
    [{ value: '/x/a' }, { value: '/y/a.gz' }],
  ])('%o and %o may not become the same file', (one, other) => {
    expect(() => refuse(one, other)).toThrow(/^Failed to fetch .*becomes already; set another output_file$/)
  })

  test('that differ are fine', () => {
    refuse({ value: '/x/a' }, { value: '/x/ab' }, { value: '/x/c', outputFile: 'd/a' }, { value: '/y/b.tar.gz' })
  })

  test.each([{ value: '/x/stderr' }, { value: '/x/stdout.gz' }, { value: '/x', outputFile: './stdout' }])(
    "%o is not the task's output",
    (uri) => expect(() => refuse(uri)).toThrow(/the task itself writes to std/),
  )
})

test.each([
  ['https://user:secret@h:1/x?sig=secret#f', 'https://h:1/x?…'],
  ['ftp://a@b:secret@h/x#secret', 'ftp://h/x'],
  ['/a?b#c@d', '/a?b#c@d'],
])('%s is shown as %s', (uri, shown) => expect(shownUri(uri)).toBe(shown))
