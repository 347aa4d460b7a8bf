/** The overlay that the next container is likely to want is mounted before it comes, and nobody may notice (docs/design/supervision.md). */
import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { busyboxImage, RootPlace } from './place.js'

let place: RootPlace
beforeEach(async () => {
  place = await RootPlace.prepare()
})
afterEach(() => place.dispose())

const over = (directory: string, ...lower: string[]) => ({ root: { directory, lower, overlay: true } })

/** Whether the root of a container that says `what` was there before it. */
async function finished(what: string, change: ReturnType<typeof over>): Promise<{ wasReady: boolean; said: string }> {
  const out = await place.finish(`grep ' / / ' /proc/self/mountinfo; ${what}`, change)
  return { wasReady: out.includes('upperdir=/proc/self/fd/'), said: out.slice(out.indexOf('\n') + 1) }
}

/** Such containers are started until one finds its root ready; what that one said. */
async function onceReady(what: string, change: ReturnType<typeof over>): Promise<string> {
  let said = ''
  const isReady = async () => {
    const one = await finished(what, change)
    said = one.said
    return one.wasReady
  }
  await expect.poll(isReady).toBe(true)
  return said
}

test('what the container before changed is not in it, and the image is', async () => {
  const script = 'cat /image-file; ls /; echo changed > /image-file; echo new > /new; rm /bin/wc'
  for (let i = 0; i < 3; i++) {
    expect(await onceReady(script, over(place.image))).toBe('from the image\nbin\ndev\nimage-file\nmnt\nproc\nsys\n')
  }
  expect(await readFile(join(place.image, 'image-file'), 'utf8')).toBe('from the image\n')
})

test('what has changed in the image since is there, wherever it is', async () => {
  await mkdir(join(place.image, 'etc', 'deep'), { recursive: true })
  await onceReady('true', over(place.image))
  await writeFile(join(place.image, 'at-the-top'), '')
  await writeFile(join(place.image, 'etc', 'deep', 'file'), 'deep\n')
  await appendFile(join(place.image, 'image-file'), 'and more\n')
  const { said } = await finished('ls /at-the-top; cat /etc/deep/file /image-file', over(place.image))
  expect(said).toBe('/at-the-top\ndeep\nfrom the image\nand more\n')
})

test('an image that was removed and has come again is the new one', async () => {
  await onceReady('true', over(place.image))
  const other = place.path('other')
  await busyboxImage(other)
  await writeFile(join(other, 'image-file'), 'of the other\n')
  await rm(place.image, { recursive: true })
  await rename(other, place.image)
  expect(await finished('cat /image-file', over(place.image))).toEqual({ wasReady: false, said: 'of the other\n' })
})

test('containers of several images each have their own, though not more wait than are kept', async () => {
  const images = await Promise.all(
    Array.from({ length: 6 }, async (_, index) => {
      // As many as images have, with names as long, and what separates names.
      const layer = place.path(`layer,${index}:${'x'.repeat(120)}`)
      const others = Array.from({ length: 5 }, (_, other) => place.path(`${index}-${other}-${'y'.repeat(120)}`))
      for (const directory of [layer, ...others]) await mkdir(directory)
      await writeFile(join(layer, 'which'), `${index}\n`)
      return over(layer, ...others, place.image)
    }),
  )
  for (const image of [...images, ...images]) {
    expect(await onceReady('cat /which', image)).toBe(`${images.indexOf(image)}\n`)
  }
})

test('an image on a file system of its own is not held: its owner may take it away', async () => {
  const disk = place.path('disk')
  await mkdir(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'meseta-test', disk])
  const change = over(join(disk, 'image'))
  try {
    await busyboxImage(join(disk, 'image'))
    for (let i = 0; i < 4; i++)
      expect(await finished('cat /image-file', change)).toEqual({ wasReady: false, said: 'from the image\n' })
  } finally {
    execFileSync('umount', [disk])
  }
})
