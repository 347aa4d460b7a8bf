import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { armFaults } from '#base/fault.js'
import { LAUNCHER_FAULTS } from '../../support/launcher-faults.js'
import { RootPlace } from './place.js'

let place: RootPlace
let before: string
beforeEach(async () => {
  place = await RootPlace.prepare()
  before = await mountTable()
})
afterEach(async () => {
  armFaults(undefined)
  await place.dispose()
  expect(await mountTable()).toBe(before)
})

const mountTable = () => readFile('/proc/self/mountinfo', 'utf8')

const volumes = () => [
  place.sandboxMount,
  { source: place.path('data'), target: '/data', readOnly: true },
  { target: '/scratch', tmpfs: { sizeBytes: 1n << 20n } },
  { target: '/key', secret: { content: Buffer.from('k') } },
]

const plan = () => ({ root: { directory: place.image, overlay: true }, mounts: volumes() })

test('a mount that a container makes is never seen by the host', async () => {
  await mkdir(place.path('data'))
  const container = await place.start(
    'mkdir below; mount -t tmpfs none below; mount -t tmpfs none /scratch; echo x > below/x; echo mounted > mark; sleep 1000',
    plan(),
  )
  await expect
    .poll(() => readFile(join(place.machine.sandbox, 'mark'), 'utf8').catch(() => ''), { timeout: 10_000 })
    .toBe('mounted\n')
  expect(await mountTable()).toBe(before)
  const { taskPid } = await container.started
  const seen = (await readFile(`/proc/${taskPid}/mountinfo`, 'utf8')).split('\n').map((line) => line.split(' ')[4])
  expect(seen.filter((point) => point === '/mnt/mesos/sandbox/below' || point === '/scratch')).toHaveLength(3)
  await place.host.destroy('c1')
})

test('after two hundred starts the mount table of the host is what it was', async () => {
  await mkdir(place.path('data'))
  for (let round = 0; round < 20; round++) {
    const ids = Array.from({ length: 10 }, (_, index) => `c${round}-${index}`)
    const ends = await Promise.all(ids.map(async (id) => (await place.start('true', plan(), id)).ended))
    expect(ends.map((end) => end.how)).toEqual(ids.map(() => 'exited'))
    await Promise.all(ids.map((id) => place.host.destroy(id)))
    expect(await mountTable()).toBe(before)
  }
})

test.each(LAUNCHER_FAULTS)('killed at %s a launcher leaves no mount', async (point) => {
  await mkdir(place.path('data'))
  await writeFile(place.path('data', 'kept'), '')
  armFaults(`${point}:kill:1`)
  const container = await place.start('true', plan())
  await container.ended
  await place.host.destroy('c1')
  expect(await mountTable()).toBe(before)
  expect(await readFile(place.path('data', 'kept'), 'utf8')).toBe('')
})
