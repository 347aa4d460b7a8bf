import { expect, test } from 'vitest'
import { massacre } from './massacre.js'

test('50 tasks outlive agent, master and scheduler, each killed three times at random moments', async () => {
  expect(await massacre({ rounds: 3, longTasks: 50, pause: 1500, seed: 1 })).toEqual([])
}, 300_000)
