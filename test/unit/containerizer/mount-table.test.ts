import { expect, test } from 'vitest'
import { mountOf } from '#containerizer/mount-table.js'

const TABLE = [
  '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
  '42 27 254:0 /srv /srv rw,relatime shared:1 master:7 - ext4 /dev/vda rw',
  '43 42 0:9 / /srv/with\\040space rw - tmpfs none rw',
  '44 42 0:9 / /srv/twice rw shared:3 - tmpfs none rw',
  '45 44 0:9 / /srv/twice rw - tmpfs none rw',
  '',
].join('\n')

test.each([
  ['/', '/', false],
  ['/home/x', '/', false],
  ['/srv', '/srv', true],
  ['/srv/data', '/srv', true],
  ['/srvx', '/', false],
  ['/srv/with space/x', '/srv/with space', false],
  ['/srv/twice/x', '/srv/twice', false],
])('%s lies on %s, shared: %s', (path, point, shared) => {
  expect(mountOf(path, TABLE)).toEqual({ point, shared })
})
