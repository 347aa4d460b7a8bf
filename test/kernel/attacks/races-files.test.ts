import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, link, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { packagedAssets } from '#host/addon.js'
import { Files } from '#http/files.js'
import { Race, ROUNDS } from './race.js'

let race: Race
let sandbox: string
beforeEach(async () => {
  race = await Race.open()
  sandbox = race.place.path('attacked')
  await mkdir(join(sandbox, 'a', 'sub'), { recursive: true })
  await writeFile(join(sandbox, 'a', 'file'), 'of the task\n')
  await writeFile(join(sandbox, 'a', 'sub', 'file'), 'of the task\n')
})
afterEach(async () => {
  const whole = await race.canaryIsWhole()
  await race.dispose()
  expect(whole).toBe(true)
})

describe('reading a sandbox while its task turns a directory into a link and back (S29)', () => {
  let files: Files
  beforeEach(async () => {
    files = new Files()
    files.attach(sandbox, '/sandbox')
    await race.attack(sandbox, 'a', '../canary')
  })

  async function everyRound(look: (path: string) => Promise<string>): Promise<Set<string>> {
    const seen = new Set<string>()
    for (let round = 0; round < ROUNDS; round++) {
      const path = round % 2 === 0 ? '/sandbox/a/file' : '/sandbox/a/sub/file'
      seen.add(await look(path).catch((error) => error.code as string))
    }
    expect(race.attackerLives).toBe(true)
    return seen
  }

  const REFUSED = ['HTTP_FILE_NOT_FOUND', 'HTTP_FILE_INACCESSIBLE']

  test('read', async () => {
    const seen = await everyRound(async (path) => (await files.read(path, 0)).data.toString())
    expect([...seen].filter((one) => !REFUSED.includes(one))).toEqual(['of the task\n'])
  })

  test('download', async () => {
    const seen = await everyRound(async (path) => {
      const { file } = await files.openForDownload(path)
      return (await file.readFile('utf8').finally(() => file.close())).toString()
    })
    expect([...seen].filter((one) => !REFUSED.includes(one))).toEqual(['of the task\n'])
  })

  test('browse', async () => {
    const { size } = await stat(join(race.canary, 'null'))
    const seen = await everyRound(async () => JSON.stringify((await files.browse('/sandbox/a')).map(({ path }) => path)))
    const listings = [...seen].filter((one) => !REFUSED.includes(one))
    for (const listing of listings) expect(listing).not.toContain('null')
    expect(size).toBeGreaterThan(0)
  })
})

test('a listing goes on while names come and go below it', async () => {
  const files = new Files()
  files.attach(sandbox, '/sandbox')
  const churn = `const fs = require('fs'); for (let i = 0; ; i = (i + 1) % 50) { fs.symlinkSync('a', 'n' + i); fs.unlinkSync('n' + i) }`
  const churning = spawn(process.execPath, ['-e', churn], { cwd: sandbox, stdio: 'ignore' })
  try {
    let seen = false
    for (let round = 0; round < ROUNDS || !seen; round++)
      for (const { path } of await files.browse('/sandbox')) seen ||= path.startsWith('/sandbox/n')
    expect(churning.exitCode).toBeNull()
  } finally {
    churning.kill('SIGKILL')
    await once(churning, 'exit')
  }
})

test('of a link that leads out of the sandbox only what everybody may see is told, else the link itself (S29)', async () => {
  const files = new Files()
  files.attach(sandbox, '/sandbox')
  const secret = join(dirname(sandbox), 'nobodys-business')
  await mkdir(secret, { mode: 0o700 })
  await writeFile(join(secret, 'file'), 'x'.repeat(1000))
  await symlink(join(secret, 'file'), join(sandbox, 'out'))
  await symlink('/etc/passwd', join(sandbox, 'public'))
  await symlink('a/file', join(sandbox, 'in'))
  const entries = new Map((await files.browse('/sandbox')).map((entry) => [entry.path, entry]))
  expect(entries.get('/sandbox/out')).toMatchObject({ size: join(secret, 'file').length })
  expect(entries.get('/sandbox/out')!.mode & 0o170000).toBe(0o120000)
  expect(entries.get('/sandbox/public')!.mode & 0o170000).toBe(0o100000)
  expect(entries.get('/sandbox/in')).toMatchObject({ size: 'of the task\n'.length })
  await rm(secret, { recursive: true })
})

describe('removing what a task has left (S31)', () => {
  const remove = (path: string) => race.place.host.removeTree(path)

  test('while a directory turns into a link and back', async () => {
    await race.attack(sandbox, 'a', '../canary')
    let removed = 0
    for (let round = 0; round < ROUNDS; round++) {
      // Who is always faster is told, and removed from another time.
      await remove(join(sandbox, round % 2 === 0 ? 'a' : '.a-other')).then(
        () => removed++,
        (error) => expect(error.message).toContain('directory not empty'),
      )
      // Put there by a rename, which follows nothing.
      await mkdir(join(sandbox, 'fresh'), { recursive: true })
      await writeFile(join(sandbox, 'fresh', 'file'), 'x')
      await rename(join(sandbox, 'fresh'), join(sandbox, 'a')).catch(() => undefined)
      await symlink('../canary', join(sandbox, '.a-other')).catch(() => undefined)
    }
    expect(removed).toBeGreaterThan(ROUNDS / 2)
    expect(race.attackerLives).toBe(true)
  })

  test('what is mounted there is not entered, and said', async () => {
    await mkdir(join(sandbox, 'mounted'))
    execFileSync('mount', ['--bind', race.canary, join(sandbox, 'mounted')])
    try {
      await expect(remove(sandbox)).rejects.toThrow(/could not remove .*: device or resource busy/)
      expect(await readdir(sandbox)).toEqual(['mounted'])
    } finally {
      execFileSync('umount', [join(sandbox, 'mounted')])
    }
    await remove(sandbox)
  })

  test('links by the thousand, files that were made unchangeable, and names that are hardly names', async () => {
    await Promise.all(Array.from({ length: 1000 }, (_, index) => symlink(race.canary, join(sandbox, `link-${index}`))))
    for (const name of ['-rf', ' ', '\\', '\n', '*', 'é'.repeat(100)]) await writeFile(join(sandbox, name), '')
    await writeFile(join(sandbox, 'a', 'unchangeable'), '')
    execFileSync('chattr', ['+i', join(sandbox, 'a', 'unchangeable')])
    execFileSync('chattr', ['+a', join(sandbox, 'a')])
    await remove(sandbox)
    await expect(stat(sandbox)).rejects.toThrow('ENOENT')
    await remove(sandbox)
  })

  test('a hundred thousand files', async () => {
    execFileSync('sh', ['-c', 'mkdir "$0/many" && cd "$0/many" && seq 100000 | xargs touch', sandbox])
    await remove(sandbox)
    await expect(stat(sandbox)).rejects.toThrow('ENOENT')
  })
})

describe('what is given to a task (S10, S32)', () => {
  test.each([
    ['a symbolic link', (path: string) => symlink(join(race.canary, 'file'), path), /could not open the output file/],
    [
      'another name of a file of the host',
      (path: string) => link(join(race.canary, 'file'), path),
      /not a regular file with one name/,
    ],
    ['a pipe', async (path: string) => void execFileSync('mkfifo', [path]), /could not open the output file/],
  ])('is not %s in the place of its output', async (_, put, why) => {
    const stdout = join(sandbox, 'stdout')
    await put(stdout)
    const base = race.place.plan('echo written')
    const identity = { uid: 4711, gid: 4711, groups: [] }
    const container = await race.place.host.start({ ...base, process: { ...base.process, identity, stdio: { stdout } } })
    container.go()
    const end = await container.ended
    expect(end.how === 'failed' && end.reason).toMatch(why)
    await race.place.host.destroy('c1')
    execFileSync('rm', [stdout])
    expect(await readFile(join(race.canary, 'file'), 'utf8')).toBe('of the host\n')
  })

  test('a source that is made belongs to the owner of the directory, whom nobody can make own anything else', async () => {
    await chown(sandbox, 4711, 4711)
    const mounts = [
      race.place.sandboxMount,
      { source: join(sandbox, 'new/deep'), sourceWithin: sandbox, makeSource: true, target: '/own' },
    ]
    expect(
      await race.place.finish("stat -c '%u %g' /own", { root: { directory: race.place.image, overlay: true }, mounts }),
    ).toBe('4711 4711\n')
    // Where that owner may not write, neither may a start in their name.
    const theirs = [race.place.sandboxMount, { ...mounts[1]!, source: join(sandbox, 'a/new') }]
    const why = await race.place.failure({ root: { directory: race.place.image, overlay: true }, mounts: theirs })
    expect(why).toContain('permission denied')
  })
})

test('the launcher loads no library, neither from the host nor from an image (S28)', async () => {
  const header = execFileSync('readelf', ['-lW', packagedAssets().launcher], { encoding: 'utf8' })
  expect(header).not.toContain('INTERP')
  expect(execFileSync('readelf', ['-dW', packagedAssets().launcher], { encoding: 'utf8' })).not.toContain('NEEDED')
})
