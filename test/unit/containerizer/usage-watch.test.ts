import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Measured, UsageWatch } from '#containerizer/disk/usage-watch.js'

/** A container whose looks take as long as the test says. */
class Subject implements Measured {
  looks = 0
  seen: number[] = []
  takes = 0
  cpu = 0n
  exact = true
  async measure(): Promise<number> {
    this.looks++
    if (this.takes > 0) await new Promise((resolve) => setTimeout(resolve, this.takes))
    return this.looks * 100
  }
  async statistics() {
    return { timestampMs: 0n, cpu: { totalNs: this.cpu, ...(this.exact && { periods: 0n }) } }
  }
  see(bytes: number): void {
    this.seen.push(bytes)
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

test('looks once an interval, until it is removed', async () => {
  const [watch, subject] = [new UsageWatch(1000), new Subject()]
  watch.add('a', subject)
  await pass(3100)
  expect(subject.seen).toEqual([100, 200, 300])
  watch.remove('a')
  await pass(10_000)
  expect(subject.looks).toBe(3)
})

test('what has not run since the last long look is not looked at, but now and then all the same', async () => {
  const [watch, subject] = [new UsageWatch(1000), new Subject()]
  subject.takes = 100
  watch.add('a', subject)
  await pass(15_000)
  // The first look; a second one because nothing is known yet of what ran before; then none.
  expect(subject.looks).toBe(2)
  subject.cpu = 1n
  await pass(2000)
  expect(subject.looks).toBe(3)
  await pass(60_000)
  expect(subject.looks).toBeGreaterThan(4)
  expect(subject.looks).toBeLessThan(8)
})

test('where the kernel counts ticks only, every interval is looked at', async () => {
  const [watch, subject] = [new UsageWatch(1000), new Subject()]
  subject.takes = 100
  subject.exact = false
  watch.add('a', subject)
  await pass(10_000)
  expect(subject.looks).toBeGreaterThan(5)
})

test('one container at a time, and no more than a fifth of the time', async () => {
  const watch = new UsageWatch(10)
  const subjects = [new Subject(), new Subject(), new Subject()]
  for (const [index, subject] of subjects.entries()) {
    subject.takes = 100
    subject.exact = false
    watch.add(`c${index}`, subject)
  }
  await pass(30_000)
  const looks = subjects.map((subject) => subject.looks)
  expect(looks.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(61)
  expect(Math.min(...looks)).toBeGreaterThan(15)
})

test('a look that fails is tried again', async () => {
  const [watch, subject] = [new UsageWatch(1000), new Subject()]
  const measure = subject.measure.bind(subject)
  subject.measure = () => measure().then((bytes) => (bytes === 100 ? Promise.reject(new Error('not now')) : bytes))
  watch.add('a', subject)
  await pass(2100)
  expect(subject.seen).toEqual([200])
})
