import { execFileSync } from 'node:child_process'
import { chmod, chown, link, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { changesIn } from '../../support/spares.js'
import { RootPlace } from './place.js'

let place: RootPlace
beforeEach(async () => {
  place = await RootPlace.prepare()
})
afterEach(() => place.dispose())

/** A directory with one file of its own, and one that every layer has. */
async function layer(name: string): Promise<string> {
  const directory = place.path('layers', name)
  await mkdir(join(directory, 'etc'), { recursive: true })
  await writeFile(join(directory, 'etc', `of-${name}`), '')
  await writeFile(join(directory, 'etc', 'topmost'), `${name}\n`)
  return directory
}

/** What an overlay takes as: lower layers end here. */
const whiteout = (path: string) => execFileSync('mknod', [path, 'c', '0', '0'])

describe.each(['overlay', 'copy'] as const)('several layers as %s (row 6-081)', (backend) => {
  test('the topmost wins, and a mark hides what is below', async () => {
    const [upper, middle] = [await layer('upper'), await layer('middle')]
    await mkdir(join(upper, 'bin'))
    whiteout(join(upper, 'bin', 'wc'))
    whiteout(join(upper, 'image-file'))
    const root = { directory: upper, lower: [middle, place.image], [backend]: true }
    const out = await place.finish('cat /etc/topmost; ls /etc; test -e /bin/wc || echo hidden; ls /', { root })
    expect(out).toBe('upper\nof-middle\nof-upper\ntopmost\nhidden\nbin\ndev\netc\nmnt\nproc\nsys\n')
  })

  test('what a task changes vanishes with it, and its layers stay as they were', async () => {
    const root = { directory: place.image, [backend]: true }
    expect(await place.finish('echo changed > /image-file; cat /image-file; touch /new', { root })).toBe('changed\n')
    expect(await readFile(join(place.image, 'image-file'), 'utf8')).toBe('from the image\n')
    expect((await readdir(place.image)).sort()).toEqual(['bin', 'image-file'])
    expect(await readdir(place.host.facts.runtimeDirectory)).toEqual([])
    await expect.poll(() => changesIn(place.host.facts.scratchDirectory)).toEqual([])
  })

  test('changes are kept on the disk that is for them, not beside the run state', async () => {
    const { runtimeDirectory, scratchDirectory } = place.host.facts
    await place.start('echo changed > /new; sleep 1000', { root: { directory: place.image, [backend]: true } })
    const changes = join(scratchDirectory, 'c1', backend === 'overlay' ? 'upper' : 'copy')
    await expect.poll(() => readFile(join(changes, 'new'), 'utf8').catch(() => '')).toBe('changed\n')
    expect(await readdir(join(runtimeDirectory, 'c1'))).not.toContain('upper')
  })

  test('owners, modes, links and times are those of the image', async () => {
    const file = join(place.image, 'owned')
    await writeFile(file, 'x')
    await link(file, join(place.image, 'second-name'))
    await symlink('/nowhere', join(place.image, 'link'))
    await chown(file, 1234, 4321)
    await chmod(file, 0o6751)
    execFileSync('touch', ['-d', '2001-02-03 04:05:06 UTC', file])
    execFileSync('setcap', ['cap_net_raw=ep', join(place.image, 'bin/busybox')])
    const out = await place.finish(
      "stat -c '%u %g %a %h %Y' /owned /second-name; stat -c %N /link; id -u; find / -xdev -inum $(stat -c %i /owned) | sort",
      { root: { directory: place.image, [backend]: true } },
    )
    expect(out.split('\n').slice(0, 2)).toEqual(['1234 4321 6751 2 981173106', '1234 4321 6751 2 981173106'])
    expect(out).toContain("'/link' -> '/nowhere'")
    expect(out).toMatch(/\/owned\n\/second-name\n$/)
  })
})

test('sixty layers are mounted, however long their names', async () => {
  const layers = await Promise.all(Array.from({ length: 60 }, (_, index) => layer(`a-name-that-is-not-short-${index}`)))
  const root = { directory: layers[0]!, lower: [...layers.slice(1), place.image], overlay: true }
  expect(await place.finish('ls /etc | wc -l; cat /etc/topmost', { root })).toBe('61\na-name-that-is-not-short-0\n')
})

test('names of layers may hold what separates layers', async () => {
  const [odd, other] = [await layer('a:b'), await layer('c\\d,e')]
  const root = { directory: odd, lower: [other, place.image], overlay: true }
  expect(await place.finish('ls /etc', { root })).toBe('of-a:b\nof-c\\d,e\ntopmost\n')
})

describe('bind: the image itself', () => {
  const root = () => ({ directory: place.image, readOnly: true })

  test('takes no writes, and nothing is ever made in it', async () => {
    expect(await place.failure({ root: root() })).toBe('could not mount /proc: read-only file system')
    expect((await readdir(place.image)).sort()).toEqual(['bin', 'image-file'])
    for (const name of ['proc', 'sys', 'dev', 'mnt/mesos/sandbox']) await mkdir(join(place.image, name), { recursive: true })
    const before = await stat(place.image)
    const out = await place.finish('(echo x > /image-file) 2>&1; touch /x 2>&1; cat /image-file; touch y && echo sandbox', {
      root: root(),
    })
    expect(out.match(/Read-only file system/g)).toHaveLength(2)
    expect(out).toMatch(/from the image\nsandbox\n$/)
    expect((await stat(place.image)).mtimeMs).toBe(before.mtimeMs)
  })

  test('of several layers is refused', async () => {
    const why = await place.failure({ root: { ...root(), lower: [place.image] } })
    expect(why).toBe('could not mount root: an image of several layers needs an overlay or a copy')
  })
})

test('the path of image and run state is not told inside', async () => {
  const out = await place.finish('cat /proc/self/mountinfo', { root: { directory: place.image, overlay: true } })
  expect(out).toContain('overlay')
  expect(out).not.toContain(place.host.facts.runtimeDirectory)
})
