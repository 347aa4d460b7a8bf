/**
 * `npm run bench [-- --short] [--only launcher,tasks] [--rounds N] [--patience SECONDS] [--save FILE]`
 *
 * Measures ours and what people would take instead in one run, and prints the ratios. How to read the figures, and the traps that this avoids:
 * reference/performance.md §0, §7, §8. The last columns say how many CPU milliseconds a container or task took and how many cores others kept
 * busy meanwhile; with more than a quarter of a core, wall times say little. For up to PATIENCE seconds in all the run waits for quiet moments.
 * Of several rounds the middle one counts, and the range is told.
 */
import { parseArgs } from 'node:util'
import { busy } from './busy.js'
import { crowd } from './crowd.js'
import { idle } from './idle.js'
import { images } from './images.js'
import { launcher } from './launcher.js'
import { memory } from './memory.js'
import { parallel } from './parallel.js'
import { Patience } from './quiet.js'
import { middle, type Row, save, table } from './report.js'
import { restart } from './restart.js'
import { FOUR_LAYERS, ONE_LAYER, TINY, TWELVE_LAYERS } from './sample-images.js'
import { tasks } from './tasks.js'
import { type Scale, Workplace } from './workplace.js'

const SUITES = { launcher, parallel, busy, crowd, tasks, memory, restart, idle, images }

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(SUITES).join(',') },
    rounds: { type: 'string', default: '1' },
    patience: { type: 'string', default: '300' },
    save: { type: 'string' },
  },
})

const FULL: Scale = {
  warmUps: 1000,
  starts: 400,
  slowStarts: 40,
  bursts: [200, 1000],
  liveTasks: 100,
  liveContainers: 20,
  crowd: 2000,
  restarts: [50, 1000],
  restMs: 3000,
  idleMs: 60_000,
  pulls: 3,
  images: [FOUR_LAYERS, ONE_LAYER, TWELVE_LAYERS],
}
const SHORT: Scale = {
  warmUps: 2,
  starts: 3,
  slowStarts: 1,
  bursts: [4],
  liveTasks: 2,
  liveContainers: 1,
  crowd: 3,
  restarts: [2],
  restMs: 0,
  idleMs: 200,
  pulls: 1,
  images: [TINY],
}

async function round(place: Workplace): Promise<Row[]> {
  const rows: Row[] = []
  for (const name of options.only.split(',')) {
    console.log(`… ${name}`)
    rows.push(...(await SUITES[name as keyof typeof SUITES](place)))
  }
  return rows
}

async function run(): Promise<void> {
  const place = new Workplace(options.short ? SHORT : FULL, new Patience(options.short ? 0 : Number(options.patience) * 1000))
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void place.breakOff().finally(() => process.exit(1)))
  const rounds: Row[][] = []
  try {
    while (rounds.length < Number(options.rounds)) rounds.push(await round(place))
  } finally {
    const left = await place.leave()
    if (left.length > 0) {
      console.error(`left behind:\n  ${left.join('\n  ')}`)
      process.exitCode = 1
    }
  }
  const rows = middle(rounds)
  console.log(table(rows))
  const day = new Date().toISOString().slice(0, 10)
  const file =
    options.save ??
    (options.short || options.only.split(',').length < Object.keys(SUITES).length ? undefined : `test/perf/results/${day}.json`)
  if (file) save(rows, file)
}

run().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
