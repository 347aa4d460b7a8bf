import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Race, ran } from './race.js'

let race: Race
let volume: string
let data: string
let mounts: string
beforeEach(async () => {
  race = await Race.open()
  volume = race.place.path('volume')
  data = race.place.path('data')
  await mkdir(join(volume, 'a', 'sub'), { recursive: true })
  await mkdir(data)
  await writeFile(join(data, 'file'), 'of the volume\n')
  mounts = await mountTable()
})
afterEach(async () => {
  const [whole, after] = [await race.canaryIsWhole(), await mountTable()]
  await race.dispose()
  expect(whole).toBe(true)
  expect(after).toBe(mounts)
})

const mountTable = () => readFile('/proc/self/mountinfo', 'utf8')
const root = () => ({ directory: race.place.image, overlay: true })
const sharedVolume = () => [race.place.sandboxMount, { source: volume, target: '/v' }]

test('a mount target in a shared volume turns into a link and back (S20)', async () => {
  await race.attack(volume, 'a', '../canary')
  const victims = await race.rounds(() => [
    'cat /v/a/sub/file /canary/sub/file 2>/dev/null',
    { root: root(), mounts: [...sharedVolume(), { source: data, target: '/v/a/sub' }] },
  ])
  expect(race.attackerLives).toBe(true)
  for (const { said } of victims) expect(said).not.toContain('of the host')
})

test('what is missing in a target is made inside, or not at all (S21)', async () => {
  await race.attack(volume, 'a', '../canary')
  const victims = await race.rounds((round) => [
    'true',
    { root: root(), mounts: [...sharedVolume(), { source: data, target: `/v/a/new-${round}/deep` }] },
  ])
  expect(race.attackerLives).toBe(true)
  expect(ran(victims).length).toBeGreaterThan(0)
})

test('the source of a sandbox path turns into a link and back, as a parent’s may (S24)', async () => {
  await race.attack(volume, 'a', '../canary')
  const victims = await race.rounds((round) => [
    `cat /own/file 2>/dev/null; echo x > /own/mark-${round}`,
    {
      root: root(),
      mounts: [
        race.place.sandboxMount,
        { source: join(volume, 'a/sub'), sourceWithin: volume, makeSource: true, target: '/own' },
      ],
    },
  ])
  expect(race.attackerLives).toBe(true)
  for (const { said } of victims) expect(said).not.toContain('of the host')
  expect(ran(victims).length).toBeGreaterThan(0)
})

test('a source that is made is made inside of what it must not leave (S25)', async () => {
  await race.attack(volume, 'a', '../canary')
  const victims = await race.rounds((round) => [
    'true',
    {
      root: root(),
      mounts: [
        race.place.sandboxMount,
        { source: join(volume, `a/made-${round}/deep`), sourceWithin: volume, makeSource: true, target: '/own' },
      ],
    },
  ])
  expect(race.attackerLives).toBe(true)
  expect(ran(victims).length).toBeGreaterThan(0)
  expect(await readdir(race.canary)).toEqual(['file', 'null', 'sub'])
})
