import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Member, tarOf, zipOf } from './hostile-archives.js'
import { FetchPlace } from './place.js'

let place: FetchPlace
beforeEach(() => {
  place = new FetchPlace()
  chmodSync(place.directory, 0o711)
})
afterEach(() => place.close())

describe('archives by their names (row 5-036)', () => {
  /** Made by the tools that users have. */
  function packed(name: string, ...command: string[]): string {
    const source = join(place.directory, 'source')
    rmSync(source, { recursive: true, force: true })
    mkdirSync(join(source, 'dir/empty'), { recursive: true })
    writeFileSync(join(source, 'dir/run.sh'), '#!/bin/sh\n', { mode: 0o755 })
    writeFileSync(join(source, 'data'), 'x'.repeat(300_000))
    symlinkSync('../data', join(source, 'dir/link'))
    const target = join(place.directory, name)
    execFileSync('sh', ['-c', `cd ${source} && ${command.join(' ').replaceAll('OUT', target)}`], { stdio: 'pipe' })
    return target
  }
  const unpacked = [
    'd 755 65534 dir',
    'd 755 65534 dir/empty',
    'f 644 65534 data',
    'f 755 65534 dir/run.sh',
    'l 777 65534 dir/link../data',
  ]

  test.each([
    ['a.tar', 'tar cf OUT .'],
    ['a.tar.gz', 'tar czf OUT .'],
    ['a.tgz', 'tar czf OUT data dir'],
    ['a.tar.bz2', 'tar cjf OUT .'],
    ['a.tbz2', 'tar cjf OUT .'],
    ['a.tar.xz', 'tar cJf OUT .'],
    ['a.txz', 'tar cJf OUT .'],
    ['a.tar.zst', 'tar --zstd -cf OUT .'],
    ['a.tzst', 'tar --zstd -cf OUT .'],
    ['a.zip', 'zip -qry OUT .'],
  ])('%s', async (name, command) => {
    await place.fetch({ value: packed(name, command) })
    expect(place.tree()).toEqual([...unpacked, `f 644 65534 ${name}`].sort())
    expect(place.read('data')).toBe('x'.repeat(300_000))
    expect(place.read('stderr')).toMatch(/\nExtracted .*: \d+ entries, 300010 bytes\n/)
  })

  test('one compressed file loses its ending, as with Mesos in the sandbox itself', async () => {
    await place.fetch([
      { value: packed('data.gz', 'gzip -c data > OUT') },
      { value: packed('b.zst', 'zstd -qc data > OUT'), outputFile: 'deep/other.zst' },
    ])
    expect(place.names()).toEqual(['data', 'data.gz', 'deep', 'other'])
    expect(place.read('other')).toBe(place.read('data'))
  })

  test('extract false, and executable, leave it alone', async () => {
    const value = packed('a.tar', 'tar cf OUT .')
    await place.fetch([
      { value, extract: false },
      { value, executable: true, outputFile: 'run.tar' },
    ])
    expect(place.tree()).toEqual(['f 644 65534 a.tar', 'f 755 65534 run.tar'])
  })

  test('what is no archive, or a damaged one, is an error that leaves nothing', async () => {
    const whole = readFileSync(packed('whole.tar.gz', 'tar czf OUT .'))
    for (const [name, content] of [
      ['a.tar.gz', whole.subarray(0, whole.length - 40)],
      ['b.zip', readFileSync(packed('whole.zip', 'zip -qr OUT .')).subarray(20)],
      ['c.zip', Buffer.from('no zip at all')],
      ['d.tar', Buffer.alloc(5000, 'x')],
      ['e.gz', Buffer.from('no gzip at all')],
    ] as const) {
      await expect(place.fetch({ value: place.file(name, content) }), name).rejects.toThrow(/^Failed to fetch .*could not /)
      expect(place.names(), name).toEqual([])
    }
  })

  test('a file of a zip archive that is another than it was is found', async () => {
    const zip = zipOf([{ name: 'a', content: 'right' }])
    zip[zip.indexOf('right')] = 'w'.charCodeAt(0)
    await expect(place.fetch({ value: place.file('a.zip', zip) })).rejects.toThrow(/not what it was when it was packed/)
    expect(place.names()).toEqual([])
  })

  test('directories that are there already are joined, files are replaced', async () => {
    mkdirSync(join(place.sandbox, 'dir'), { mode: 0o777 })
    chmodSync(join(place.sandbox, 'dir'), 0o777)
    writeFileSync(join(place.sandbox, 'dir/mine'), 'mine')
    await place.fetch({ value: packed('a.tar', 'tar cf OUT dir') })
    expect(place.names()).toEqual(['a.tar', 'dir'])
    expect(place.read('dir/mine')).toBe('mine')
    expect(place.read('dir/run.sh')).toBe('#!/bin/sh\n')
  })

  test('a directory that nobody may write to can be filled', async () => {
    const members: Member[] = [
      { name: 'closed/', type: '5', mode: 0o555 },
      { name: 'closed/file', content: 'x', mode: 0o444 },
    ]
    await place.fetch({ value: place.file('a.tar', tarOf(members)) })
    expect(place.tree()).toEqual(['d 555 65534 closed', 'f 444 65534 closed/file', 'f 644 65534 a.tar'])
  })
})

describe('archives that want out (S77, MESOS-9610)', () => {
  const canaryOf = (): string => place.file('canary', 'unchanged', 0o666)

  const hostile = (canary: string): Record<string, Member[]> => ({
    dots: [{ name: '../canary', content: 'owned' }],
    'dots in the middle': [{ name: 'a/../../canary', content: 'owned' }],
    'a link, then a file through it': [
      { name: 'l', type: '2', link: join(canary, '..') },
      { name: 'l/canary', content: 'owned' },
    ],
    'a link to above, then a directory through it': [
      { name: 'l', type: '2', link: '..' },
      { name: 'l/made/', type: '5' },
    ],
  })

  test.each(['dots', 'dots in the middle', 'a link, then a file through it', 'a link to above, then a directory through it'])(
    '%s',
    async (what) => {
      const canary = canaryOf()
      chmodSync(place.directory, 0o777)
      for (const [name, pack] of [
        ['a.tar', tarOf],
        ['a.zip', zipOf],
      ] as const) {
        const value = place.file(name, pack(hostile(canary)[what]!))
        await expect(place.fetch({ value }), name).rejects.toThrow(/leads out of it|a symbolic link is on the way/)
        expect(place.names(), name).toEqual([])
      }
      expect(readFileSync(canary, 'utf8')).toBe('unchanged')
      expect(existsSync(join(place.directory, 'made'))).toBe(false)
    },
  )

  test('absolute names lie below the sandbox', async () => {
    const canary = canaryOf()
    await place.fetch({ value: place.file('a.tar', tarOf([{ name: canary, content: 'owned' }])) })
    expect(readFileSync(canary, 'utf8')).toBe('unchanged')
    expect(place.read(canary)).toBe('owned')
  })

  test('a file takes the place of a link, and does not go through it', async () => {
    const canary = canaryOf()
    const members: Member[] = [
      { name: 'x', type: '2', link: canary },
      { name: 'x', content: 'mine' },
    ]
    await place.fetch({ value: place.file('a.tar', tarOf(members)) })
    expect(readFileSync(canary, 'utf8')).toBe('unchanged')
    expect(place.tree()).toContain('f 644 65534 x')
  })

  test('links that were in the sandbox before lead nowhere either', async () => {
    const canary = canaryOf()
    chmodSync(place.directory, 0o777)
    symlinkSync(place.directory, join(place.sandbox, 'dir'))
    symlinkSync(canary, join(place.sandbox, 'file'))
    const members: Member[] = [{ name: 'file', content: 'mine' }]
    await place.fetch({ value: place.file('a.tar', tarOf(members)) })
    expect(place.tree()).toContain('f 644 65534 file')
    const through = place.file('b.tar', tarOf([{ name: 'dir/canary', content: 'owned' }]))
    await expect(place.fetch({ value: through })).rejects.toThrow(/something else of that name/)
    expect(readFileSync(canary, 'utf8')).toBe('unchanged')
  })

  test.each([
    ['outside', '../canary'],
    ['by an absolute name', '/etc/passwd'],
    ['through a link', 'l/passwd'],
  ])('a hard link to a file %s is none', async (_, link) => {
    canaryOf()
    const members: Member[] = [
      { name: 'l', type: '2', link: '/etc' },
      { name: 'x', type: '1', link },
    ]
    await expect(place.fetch({ value: place.file('a.tar', tarOf(members)) })).rejects.toThrow(/^Failed to fetch/)
    expect(place.names()).toEqual([])
  })

  test('a hard link within it is one', async () => {
    const members: Member[] = [
      { name: 'a', content: 'x' },
      { name: 'b', type: '1', link: './a' },
    ]
    await place.fetch({ value: place.file('a.tar', tarOf(members)) })
    expect(execFileSync('stat', ['-c', '%h', join(place.sandbox, 'b')], { encoding: 'utf8' })).toBe('2\n')
  })

  test('no set-id bits, no devices, no pipes; what was left out is said', async () => {
    const members: Member[] = [
      { name: 'suid', content: 'x', mode: 0o6755 },
      { name: 'dir/', type: '5', mode: 0o7777 },
      { name: 'null', type: '3', mode: 0o666 },
      { name: 'disk', type: '4', mode: 0o666 },
      { name: 'pipe', type: '6', mode: 0o666 },
    ]
    await place.fetch({ value: place.file('a.tar', tarOf(members)) })
    expect(place.tree()).toEqual(['d 777 65534 dir', 'f 644 65534 a.tar', 'f 755 65534 suid'])
    expect(place.read('stderr').match(/^Left out of .*$/gm)).toHaveLength(3)
  })

  test("the task's own output is not for archives", async () => {
    const canary = canaryOf()
    const members: Member[] = [
      { name: 'stderr', type: '2', link: canary },
      { name: './stdout', content: 'x' },
      { name: 'kept', content: 'x' },
    ]
    await place.fetch({ value: place.file('a.tar', tarOf(members)) })
    expect(place.names()).toEqual(['a.tar', 'kept'])
    expect(readFileSync(canary, 'utf8')).toBe('unchanged')
    expect(place.read('stderr')).toMatch(/Left out of .*: stdout: the task itself writes there/)
  })
})

describe('archives that are damaged', () => {
  /** The same numbers each time. */
  function* chances(seed: number): Generator<number, never> {
    for (let state = seed; ; state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) yield state >>> 8
  }

  test.each([
    ['a.tar', tarOf],
    ['a.zip', zipOf],
  ] as const)('%s: each is unpacked or refused, and nothing is elsewhere or half', async (name, pack) => {
    const whole = pack([
      { name: 'dir/', type: '5', mode: 0o755 },
      { name: 'dir/file', content: 'content' },
      { name: 'dir/link', type: '2', link: '../x' },
      { name: 'large', content: 'x'.repeat(3000) },
    ])
    const chance = chances(7)
    const fetcher = place.fetcher()
    for (let round = 0; round < 150; round++) {
      const damaged = Buffer.from(whole)
      for (let hits = 0; hits <= round % 4; hits++) damaged[chance.next().value % damaged.length] = chance.next().value & 0xff
      const cut = round % 5 === 0 ? damaged.subarray(0, chance.next().value % damaged.length) : damaged
      const sandbox = place.newSandbox()
      const outcome = await place.with(fetcher, { value: place.file(name, cut) }, { sandbox }).then(
        () => 'unpacked',
        (error: Error) => error.message,
      )
      expect(outcome, `round ${round}`).toMatch(/^unpacked$|^Failed to fetch .*: could not (extract the|read the|unpack|make)/)
      if (outcome !== 'unpacked') expect(place.names(sandbox), `round ${round}: ${outcome}`).toEqual([])
      expect(place.names(sandbox).filter((it) => it.startsWith('.meseta'))).toEqual([])
    }
  })

  test('two archives with the same directories are joined, at the same time as well', async () => {
    const members = (side: string): Member[] =>
      Array.from({ length: 50 }, (_, index) => ({ name: `a/${index % 5}/${side}${index}`, content: 'x' }))
    const uris = ['left', 'right', 'middle'].map((side) => ({ value: place.file(`${side}.tar`, tarOf(members(side))) }))
    await place.fetch(uris)
    expect(place.tree().filter((line) => line.startsWith('f'))).toHaveLength(153)
  })
})

describe('archives that are larger than they seem (S62)', () => {
  test('a bomb of gzip ends at the bound, and nothing of it is left', async () => {
    // Three gigabytes of zeros in some kilobytes: as many members as it takes.
    const member = gzipSync(Buffer.alloc(64 << 20), { level: 9 })
    const value = place.file('bomb.gz', Buffer.concat(Array.from({ length: 48 }, () => member)))
    await expect(place.fetch({ value })).rejects.toThrow(/more than the 1073741824 bytes come out of it that may/)
    expect(place.names()).toEqual([])
  })

  test('a zip archive whose files are all the same bytes ends there too', async () => {
    const value = place.file('bomb.zip', zipOf([{ name: 'zeros', content: Buffer.alloc(64 << 20) }], { repeat: 20 }))
    await expect(place.fetch({ value })).rejects.toThrow(/more than the 1073741824 bytes come out of it that may/)
    expect(place.names()).toEqual([])
  })

  test('who gives up does not wait for it', async () => {
    const member = gzipSync(Buffer.alloc(64 << 20), { level: 9 })
    const value = place.file('long.gz', Buffer.concat(Array.from({ length: 15 }, () => member)))
    const aborting = new AbortController()
    const fetching = place.fetch({ value }, { abort: aborting.signal })
    await expect.poll(() => place.transfers.list().some(({ phase }) => phase === 'unpacking')).toBe(true)
    aborting.abort(new Error('destroyed'))
    await expect(fetching).rejects.toThrow(/Failed to fetch/)
    expect(place.names()).toEqual([])
  })
})

describe('checksums', () => {
  test('the right one is taken, in both lengths; another leaves nothing', async () => {
    const path = place.file('a.tar', tarOf([{ name: 'inside', content: 'x' }]))
    const sum = (algorithm: string) => createHash(algorithm).update(readFileSync(path)).digest('hex')
    await place.fetch({ value: `${path}#sha256=${sum('sha256')}` })
    await place.fetch({ value: `file://${path}#sha512=${sum('sha512')}`, outputFile: 'again.tar' })
    expect(place.names()).toEqual(['a.tar', 'again.tar', 'inside'])
    const other = place.newSandbox()
    await expect(place.fetch({ value: `${path}#sha256=${'0'.repeat(64)}` }, { sandbox: other })).rejects.toThrow(
      `Failed to fetch ${path}: its content is another than it should be: sha256 is ${sum('sha256')}, not 0000`,
    )
    expect(place.names(other)).toEqual([])
  })
})
