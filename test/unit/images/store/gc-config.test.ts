import { expect, test } from 'vitest'
import { imageGcConfig, imageGcProblem } from '#containerizer/images/store/gc-config.js'

const config = { image_disk_headroom: 0.1, image_disk_watch_interval: { nanoseconds: 3_600_000_000_000 } }

test('as Mesos writes it, with images as tasks have them or by name', () => {
  const excluded_images = [
    { type: 'DOCKER', docker: { name: 'alpine' } },
    { type: 'APPC', appc: { name: 'coreos.com/etcd' } },
    'web:1',
  ]
  const expected = { headroom: 0.1, interval: 3_600_000, excluded: ['alpine', 'coreos.com/etcd', 'web:1'] }
  expect(imageGcConfig({ ...config, excluded_images })).toEqual(expected)
  expect(imageGcConfig(config)).toEqual({ ...expected, excluded: [] })
  expect(imageGcConfig(undefined)).toBeUndefined()
})

test.each([
  [[], 'no JSON object'],
  [{}, 'needs image_disk_headroom'],
  [{ ...config, image_disk_headroom: 2 }, 'a number from 0 to 1'],
  [{ ...config, image_disk_watch_interval: '1hrs' }, 'needs image_disk_watch_interval'],
  [{ ...config, image_disk_watch_interval: { nanoseconds: 1 } }, 'at least a millisecond'],
  [{ ...config, headroom: 1 }, '"headroom", which is none of'],
  [{ ...config, excluded_images: 'alpine' }, 'no list'],
  [{ ...config, excluded_images: [{ type: 'DOCKER' }] }, 'excluded image without a name'],
])('%j is refused: %s', (value, why) => {
  expect(imageGcProblem(value)).toContain(why)
})
