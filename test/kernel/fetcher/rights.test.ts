import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FetchPlace, NOBODY } from './place.js'

describe("files come with the rights of the task's user (rows 5-037, 5-038, S77)", () => {
  let place: FetchPlace
  beforeEach(() => {
    place = new FetchPlace()
    chmodSync(place.directory, 0o711)
  })
  afterEach(() => place.close())

  test('a file that they may read is theirs, also in directories that are missing', async () => {
    const path = place.file('source', 'content')
    await place.fetch([
      { value: path, outputFile: 'deep/er/copy' },
      { value: `file://${path}`, executable: true },
    ])
    expect(place.tree()).toEqual(['d 755 65534 deep', 'd 755 65534 deep/er', 'f 644 65534 deep/er/copy', 'f 755 65534 source'])
    expect(place.read('deep/er/copy')).toBe('content')
    expect(place.read('stderr')).toMatch(/^Fetched .*source \(7 bytes\)\n/)
    expect(statSync(join(place.sandbox, 'stderr')).uid).toBe(NOBODY.uid)
  })

  test('what they may not read they do not get', async () => {
    const secret = place.file('secret', 'secret', 0o600)
    const hidden = place.file('hidden/readable', 'secret')
    chmodSync(join(place.directory, 'hidden'), 0o700)
    const link = join(place.directory, 'link')
    symlinkSync(secret, link)
    const group = place.file('group', 'secret', 0o640)
    for (const path of [secret, hidden, link, group, '/etc/shadow', '/root/x', '/proc/1/environ']) {
      await expect(place.fetch({ value: path }), path).rejects.toThrow(
        new RegExp(`^Failed to fetch ${path}: could not open ${path}: permission denied$`),
      )
    }
    expect(place.names()).toEqual([])
  })

  test('groups count, and none of the agent', async () => {
    const path = place.file('group', 'for some', 0o640)
    chownSync(path, 0, 4711)
    await expect(place.fetch({ value: path })).rejects.toThrow('permission denied')
    await place.fetch({ value: path }, { owner: { ...NOBODY, groups: [4711] } })
    expect(place.read('group')).toBe('for some')
  })

  test.each([
    ['/proc/self/maps', /is about the agent/],
    ['/proc/self/fd/0', /too many levels of symbolic links/],
    ['/proc/self/root/etc/hostname', /too many levels of symbolic links/],
    ['/proc/thread-self/cwd/package.json', /too many levels of symbolic links/],
    ['/dev/zero', /not a regular file/],
    ['/etc', /not a regular file/],
    ['/not/there', /no such file/],
  ])('%s is nothing to be fetched', async (path, why) => {
    await expect(place.fetch({ value: path, outputFile: 'x' })).rejects.toThrow(why)
    expect(place.names()).toEqual([])
  })

  test('no link in the sandbox leads out of it', async () => {
    const canary = place.file('canary/file', 'unchanged', 0o666)
    chmodSync(join(place.directory, 'canary'), 0o777)
    const path = place.file('source', 'content')
    symlinkSync(join(place.directory, 'canary'), join(place.sandbox, 'out'))
    await expect(place.fetch({ value: path, outputFile: 'out/new' })).rejects.toThrow(/a symbolic link is on the way/)
    expect(existsSync(join(place.directory, 'canary/new'))).toBe(false)
    // The place of a file itself is taken, whatever was there.
    symlinkSync(canary, join(place.sandbox, 'copy'))
    await place.fetch({ value: path, outputFile: 'copy' })
    expect(readFileSync(canary, 'utf8')).toBe('unchanged')
    expect(place.tree()).toContain('f 644 65534 copy')
    // Nor does the log lead anywhere (S10).
    const { sandbox } = place
    const other = place.newSandbox()
    symlinkSync(canary, join(other, 'stderr'))
    await place.fetch({ value: path }, { sandbox: other })
    expect(readFileSync(canary, 'utf8')).toBe('unchanged')
    expect(sandbox).not.toBe(other)
  })

  test('a place that they may not write to stays as it is', async () => {
    mkdirSync(join(place.sandbox, 'roots'))
    const path = place.file('source', 'content')
    await expect(place.fetch({ value: path, outputFile: 'roots/x' })).rejects.toThrow('permission denied')
    expect(place.names()).toEqual(['roots'])
  })

  test("without a user they are the agent's", async () => {
    const path = place.file('secret', 'secret', 0o600)
    await place.fetch({ value: path }, { owner: undefined })
    expect(place.tree()).toEqual(['f 644 0 secret'])
  })

  test('the agent stays who it is', async () => {
    const status = () =>
      readFileSync('/proc/self/status', 'utf8')
        .split('\n')
        .filter((line) => /^(Uid|Gid|Groups|Cap)/.test(line))
    const before = status()
    await place.fetch({ value: place.file('source', 'x') })
    expect(status()).toEqual(before)
    writeFileSync(join(place.directory, 'root-again'), '')
    expect(statSync(join(place.directory, 'root-again')).uid).toBe(0)
  })
})
