import { afterEach, expect, test } from 'vitest'
import { armFaults, fault, strikeFaults } from '#base/fault.js'

afterEach(() => armFaults(undefined))

test('a point strikes in its nth pass, once', () => {
  armFaults('store.before-write:error:3')
  fault('store.before-write')
  fault('store.after-write')
  fault('store.before-write')
  expect(() => fault('store.before-write')).toThrow('fault point store.before-write: an error was asked for')
  fault('store.before-write')
})

test('points of another program are handed on by prefix, counted by start', () => {
  armFaults('init.before-mounts:kill:2,launch.before-go:error')
  expect(strikeFaults(['supervisor.', 'init.'])).toEqual([])
  expect(strikeFaults(['supervisor.', 'init.'])).toEqual([{ name: 'init.before-mounts', action: 'kill' }])
  expect(strikeFaults(['supervisor.', 'init.'])).toEqual([])
  expect(() => fault('launch.before-go')).toThrow()
})

test('sleep stops everything for as long as was asked', () => {
  armFaults('a:sleep=20')
  const begun = performance.now()
  fault('a')
  expect(performance.now() - begun).toBeGreaterThanOrEqual(19)
})

test.each(['a', 'a:boom', 'a:kill:0', ':kill', 'a:sleep', 'a:kill:x'])('%s is refused with the form that is expected', (text) => {
  expect(() => armFaults(text)).toThrow('is not name:action:nth')
})

test('without faults a point costs nothing', () => {
  armFaults('')
  fault('anything')
})
