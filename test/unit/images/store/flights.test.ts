import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Flights } from '#containerizer/images/store/flights.js'
import { deferred } from '../../../support/fake-archives.js'

test('all has settled only when what nobody wanted is disposed of', async () => {
  const gate = deferred()
  const flights = new Flights<string>(() => gate.promise)
  const flight = flights.join(
    'layer',
    () => undefined,
    async () => 'what came',
  )
  await flight.result
  flight.leave()
  let over = false
  const settled = flights.settled().then(() => {
    over = true
  })
  await setImmediate()
  expect(over).toBe(false)
  gate.resolve()
  await settled
  expect(flights.size).toBe(0)
})
