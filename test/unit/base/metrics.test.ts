import { expect, test } from 'vitest'
import { Backoff } from '#base/backoff.js'
import { Metrics } from '#base/metrics.js'
import { Verbosity } from '#base/verbosity.js'

/** A clock that stands until it is moved. */
function standingClock() {
  const timers: { at: number; run: () => void }[] = []
  let now = 0
  return {
    now: () => now,
    at: (at: number, run: () => void) => {
      const timer = { at, run }
      timers.push(timer)
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1))
    },
    move(to: number) {
      now = to
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers.splice(timers.indexOf(timer), 1)
        timer.run()
      }
    },
  }
}

test('a snapshot has counters and gauges that have a value, sorted', () => {
  const metrics = new Metrics()
  const counter = metrics.counter('z/count')
  counter.increment()
  counter.increment(2)
  metrics.gauge('a/gauge', () => 7)
  metrics.gauge('b/nothing', () => undefined)
  expect(metrics.snapshot()).toEqual([
    ['a/gauge', 7],
    ['z/count', 3],
  ])
})

test('a timer shows its last value, and statistics of its window only', () => {
  const clock = standingClock()
  const metrics = new Metrics(clock)
  const timer = metrics.timer('store', { window: 1000 })
  const plain = metrics.timer('fetch')
  expect(metrics.snapshot()).toEqual([])
  timer.record(1000)
  clock.move(500)
  for (const value of [4, 2, 3, 1]) timer.record(value)
  plain.record(5)
  clock.move(1200)
  const snapshot = Object.fromEntries(metrics.snapshot())
  expect(snapshot).toMatchObject({
    store_ms: 1,
    'store_ms/count': 4,
    'store_ms/min': 1,
    'store_ms/max': 4,
    'store_ms/p50': 2.5,
    fetch_ms: 5,
  })
  expect(snapshot['store_ms/p9999']).toBeCloseTo(3.9997)
  expect(Object.keys(snapshot).filter((key) => key.startsWith('fetch'))).toEqual(['fetch_ms'])
})

test('a busy timer keeps a bounded number of samples', () => {
  const metrics = new Metrics()
  const timer = metrics.timer('t', { window: 1e9 })
  for (let i = 0; i < 100_000; i++) timer.record(i)
  expect(Object.fromEntries(metrics.snapshot())['t_ms/count']).toBeLessThan(2001)
})

test('what is removed is gone with all below it, and nothing else', () => {
  const metrics = new Metrics()
  for (const name of ['f/1', 'f/1/calls', 'f/10']) metrics.counter(name)
  metrics.remove('f/1')
  expect(metrics.snapshot()).toEqual([['f/10', 0]])
})

test('verbosity falls back by itself, and a later raise counts', () => {
  const clock = standingClock()
  const applied: number[] = []
  const verbosity = new Verbosity((level) => applied.push(level), clock)
  verbosity.raise(1, 1000)
  clock.move(900)
  verbosity.raise(3, 1000)
  clock.move(1500)
  expect(verbosity.level).toBe(3)
  clock.move(1900)
  expect([verbosity.level, applied]).toEqual([0, [1, 3, 0]])
})

test('waits double up to the bound and never fall under its half', () => {
  const least = new Backoff({ first: 1000, most: 5000 }, { next: () => 0 })
  expect([least.next(), least.next(), least.next(), least.next()]).toEqual([500, 1000, 2000, 2500])
  least.reset()
  expect(least.next()).toBe(500)
  const most = new Backoff({ first: 1000, most: 5000 }, { next: () => 1 })
  expect([most.next(), most.next()]).toEqual([1000, 2000])
})
