import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changesIn } from '../../support/spares.js'
import { ImagePlace } from '../images/place.js'
import { fingerprint } from './race.js'

describe('attacks by what an image says of itself', () => {
  let place: ImagePlace
  let whole: string
  beforeAll(async () => {
    place = await ImagePlace.open()
    await mkdir(place.path('canary/etc'), { recursive: true })
    await writeFile(place.path('canary/etc/secret'), 'of the host\n')
    whole = await fingerprint(place.path('canary'))
  })
  afterAll(async () => {
    expect(await fingerprint(place.path('canary'))).toBe(whole)
    await place.close()
  })

  /** Each climbs, or is led, out of the root to the canary, or covers what is not the image's to cover. */
  const climbing = (canary: string): [string, string][] => [
    ['dots to a directory of the host', `/../../../../../../../..${canary}`],
    ['dots behind a name', `/data/../../../../../../../..${canary}`],
    ['dots without a slash before them', `../../../../../../..${canary}`],
    ['the root of a process', `/proc/1/root${canary}`],
    ['the root of whoever sets it up', `/proc/self/root${canary}`],
    ['an open directory', '/proc/self/fd/3/etc'],
    ['a link of the image', '/absolute'],
    ['a link of the image with more behind it', '/absolute/etc'],
    ['a link that climbs', '/climbing/etc'],
  ]

  test('S26 (CVE-2022-23648) a VOLUME has nothing in it but what the image has there, wherever its path leads', async () => {
    const canary = place.path('canary')
    for (const [index, [name, path]] of climbing(canary).entries()) {
      const image = `hostile-${index}`
      const own = place.path('trees', image, 'own')
      await mkdir(own, { recursive: true })
      await symlink(canary, join(own, 'absolute'))
      await symlink(`../../../../../../../..${canary}`, join(own, 'climbing'))
      const layout = await place.layout(image, { Volumes: { [path]: {} }, Env: ['PATH=/bin'] })
      const { stdout, termination } = await place.run(layout, LOOK)
      expect(stdout, name).not.toContain('of the host')
      expect(await fingerprint(canary), name).toBe(whole)
      // Below the root, or refused.
      expect(termination.message ?? `mounted at ${stdout}`, name).toMatch(
        /could not (mount volume|copy what is in) |^mounted at \/\S*canary\n$/,
      )
    }
    await expect.poll(() => changesIn(place.path('scratch'))).toEqual([])
  })
})

/** Reads and writes what would be the canary, in every place where something is mounted. */
const LOOK = [
  "for at in $(cut -d' ' -f5 /proc/self/mountinfo); do",
  'for file in $at/secret $at/etc/secret; do cat $file; echo owned > $file; done',
  'done 2>/dev/null',
  "grep @volumes /proc/self/mountinfo | cut -d' ' -f5",
].join('\n')
