/**
 * `npm run bench` measures ours and what people would take instead in one run, and prints the ratios; `-- --help` says how. How to read the
 * figures, and the traps that this avoids: reference/performance.md §0, §7, §8. The last columns say how many CPU milliseconds a container or
 * task took and how many cores others kept busy meanwhile; with more than a quarter of a core, wall times say little.
 */
import { CodedError } from '#base/errors.js'
import { atLeast, flag, flagHelp, parseFlags } from '#base/flags.js'
import { busy } from './busy.js'
import { crowd } from './crowd.js'
import { disk } from './disk.js'
import { idle } from './idle.js'
import { images } from './images.js'
import { launcher } from './launcher.js'
import { memory } from './memory.js'
import { parallel } from './parallel.js'
import { Patience } from './quiet.js'
import { middle, type Row, save, table } from './report.js'
import { restart } from './restart.js'
import { FULL, SHORT } from './scale.js'
import { starts } from './starts.js'
import { tasks } from './tasks.js'
import { Workplace } from './workplace.js'

const SUITES = { launcher, parallel, busy, crowd, tasks, memory, restart, idle, images, starts, disk }
type Suite = keyof typeof SUITES

const EVERY = Object.keys(SUITES).join(',')
const isSuite = (name: string): name is Suite => Object.hasOwn(SUITES, name)

const FLAGS = {
  short: flag.bool('short', { default: 'false', help: 'Everything once, to see that it works; the figures mean nothing.' }),
  only: flag.string('only', {
    default: EVERY,
    help: 'Suites, in the order in which they shall run.',
    check: (text) => {
      const unknown = text.split(',').find((name) => !isSuite(name))
      return unknown === undefined ? undefined : `names ${JSON.stringify(unknown)}, which is none of ${EVERY}`
    },
  }),
  images: flag.string('images', {
    default: FULL.images.map(({ name }) => name).join(','),
    help: 'Which images are brought.',
    check: (text) => {
      const known = FULL.images.map(({ name }) => name)
      const unknown = text.split(',').find((name) => !known.includes(name))
      return unknown === undefined ? undefined : `names ${JSON.stringify(unknown)}, which is none of ${known.join()}`
    },
  }),
  rounds: flag.int('rounds', {
    default: '1',
    help: 'How often all is measured. Of several the middle one by its ratio counts, and the range is told.',
    check: atLeast('1'),
  }),
  patience: flag.int('patience', {
    default: '300',
    help: 'For up to so many seconds in all the run waits for quiet moments.',
    check: atLeast('0'),
  }),
  save: flag.path('save', { help: 'Where the figures go as JSON; a whole run has its file in test/perf/results.' }),
}

async function round(suites: readonly Suite[], place: Workplace): Promise<Row[]> {
  const rows: Row[] = []
  try {
    for (const name of suites) {
      console.log(`… ${name}`)
      rows.push(...(await SUITES[name](place)))
    }
    return rows
  } finally {
    const left = await place.leave()
    if (left.length > 0) {
      console.error(`left behind:\n  ${left.join('\n  ')}`)
      process.exitCode = 1
    }
  }
}

async function run(argv: readonly string[]): Promise<void> {
  if (argv.includes('--help')) return console.log(`npm run bench -- [--flag=value...]\n\n${flagHelp(FLAGS)}`)
  const options = parseFlags(FLAGS, argv)
  const suites = options.only.split(',').filter(isSuite)
  const images = options.images.split(',')
  const full = { ...FULL, images: FULL.images.filter(({ name }) => images.includes(name)) }
  const patience = new Patience(options.short ? 0 : options.patience * 1000)
  let place: Workplace | undefined
  let breakingOff: Promise<void> | undefined
  // Often told twice: by who ends the whole process group, and by npm, which passes it on.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => (breakingOff ??= place?.breakOff().finally(() => process.exit(1))))
  const rounds: Row[][] = []
  while (rounds.length < options.rounds) {
    place = new Workplace(options.short ? SHORT : full, patience)
    rounds.push(await round(suites, place))
  }
  const rows = middle(rounds)
  console.log(table(rows))
  const day = new Date().toISOString().slice(0, 10)
  const isWhole = options.only === EVERY && full.images.length === FULL.images.length
  const ofDay = options.short || !isWhole ? undefined : `test/perf/results/${day}.json`
  const file = options.save ?? ofDay
  if (file) save(rows, file)
}

run(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof CodedError ? error.message : error)
  process.exitCode = 1
})
