import { expect, test } from 'vitest'
import { Pump } from '#agent/pump.js'

test('nothing is left lying, in whichever microtask it is added', async () => {
  const queue: number[] = []
  const done: number[] = []
  const pump = new Pump(
    () => queue.length > 0,
    async () => void done.push(...queue.splice(0)),
  )
  for (let i = 0; i < 100; i++) {
    queue.push(i)
    const started = pump.start()
    for (let tick = 0; tick < i % 10; tick++) await Promise.resolve()
    if (i % 3 === 0) await started
  }
  await pump.idle()
  expect(done).toEqual(Array.from({ length: 100 }, (_, i) => i))
})

test('rounds follow each other, they do not overlap', async () => {
  let left = 5
  let inside = 0
  const pump = new Pump(
    () => left > 0,
    async () => {
      expect(++inside).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 1))
      left--
      inside--
    },
  )
  await Promise.all([pump.start(), pump.start()])
  expect(left).toBe(0)
})
