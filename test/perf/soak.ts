/**
 * `npm run soak [-- COUNT]`: so many whole lives of fully isolated containers (20,000 unless told), then: are cgroups, unreclaimable kernel memory,
 * descriptors, mounts and our own memory back within a twentieth of where they were (T21)? The kernel removes cgroups behind our back, 40 to 110 a
 * second, so they get six minutes.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { launchOnce, withHost } from './launches.js'
import { everything } from './modes.js'
import { Patience } from './quiet.js'
import { NOTHING } from './scale.js'
import { Workplace } from './workplace.js'

const COUNT = 20_000
const AT_ONCE = 4
const PATIENCE_MS = 360_000
const PAUSE_MS = 5_000
const TOLERANCE = 1.05
/** Below these a twentieth is less than what any host does by itself in the meantime. */
const NOISE: Readonly<Record<keyof Remains, number>> = { cgroups: 50, slabMib: 64, descriptors: 4, mounts: 0, rssMib: 16 }

interface Remains {
  readonly cgroups: number
  readonly slabMib: number
  readonly descriptors: number
  readonly mounts: number
  readonly rssMib: number
}

function remains(): Remains {
  // In this kernel's list every hierarchy tells its number; the highest is the one that lags.
  const counts = readFileSync('/proc/cgroups', 'utf8').trim().split('\n').slice(1)
  const slab = /^SUnreclaim:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  return {
    cgroups: Math.max(...counts.map((line) => Number(line.split(/\s+/)[2]))),
    slabMib: Number(slab) / 1024,
    descriptors: readdirSync('/proc/self/fd').length,
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length,
    rssMib: process.memoryUsage().rss / 2 ** 20,
  }
}

const excess = (before: Remains, now: Remains): (keyof Remains)[] =>
  (Object.keys(before) as (keyof Remains)[]).filter(
    (key) => now[key] > Math.max(before[key] * TOLERANCE, before[key] + NOISE[key]),
  )

const shown = (values: Remains): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value.toFixed(0)}`)
    .join(', ')

async function soak(count: number): Promise<boolean> {
  const place = new Workplace(NOTHING, new Patience(0))
  let isBack = false
  try {
    isBack = await withHost(place, everything(place.root), async (host, plan) => {
      let begun = 0
      const one = () => launchOnce(host, plan(`c${++begun}`, ['/bin/true']))
      // Code is compiled and pools are filled before anything is counted.
      for (let i = 0; i < Math.min(200, count); i++) await one()
      const before = remains()
      console.log(`before: ${shown(before)}`)
      const end = begun + count
      const start = performance.now()
      const work = async () => {
        while (begun < end) await one()
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
      const seconds = (performance.now() - start) / 1000
      console.log(`${count} whole lives in ${seconds.toFixed(0)} s: ${(count / seconds).toFixed(0)} a second`)
      return settled(before)
    })
  } finally {
    const left = await place.leave()
    if (left.length > 0) console.error(`left behind:\n  ${left.join('\n  ')}`)
    isBack &&= left.length === 0
  }
  return isBack
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  console.error(`npm run soak [-- COUNT]: ${JSON.stringify(text)} is no number of launches`)
  process.exit(2)
}

async function settled(before: Remains): Promise<boolean> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const now = remains()
    const over = excess(before, now)
    if (over.length === 0 || performance.now() > until) {
      console.log(`after: ${shown(now)}${over.length > 0 ? `; not back: ${over.join(', ')}` : '; all is back'}`)
      return over.length === 0
    }
    await sleep(PAUSE_MS)
  }
}

soak(wholeNumber(process.argv[2] ?? String(COUNT))).then(
  (isBack) => {
    process.exitCode = isBack ? 0 : 1
  },
  (error) => {
    console.error(error)
    process.exitCode = 1
  },
)
