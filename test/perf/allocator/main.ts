import { median, percentile } from '../report.js'
import { declineOffers } from './decline-offers.js'

/** `node scripts/run.mjs test/perf/allocator/main.ts [AGENTS FRAMEWORKS ROUNDS ROLES]` */
const [agents = 10_000, frameworks = 1000, rounds = 100, roles = 1] = process.argv.slice(2).map(Number)
const { addMs, roundMs, declineMs, offers, emptyMs } = declineOffers(agents, frameworks, rounds, roles)
const say = (what: string, values: readonly number[]): void =>
  console.log(
    `${what.padEnd(16)} p50 ${median(values).toFixed(1)} ms, p90 ${percentile(values, 90).toFixed(1)} ms, most ${Math.max(...values).toFixed(1)} ms`,
  )
console.log(
  `${agents} agents, ${frameworks} frameworks in ${roles} roles, ${roundMs.length} rounds, ${median(offers)} offers a round`,
)
console.log(`add agents       ${addMs.toFixed(0)} ms`)
say('allocate', roundMs)
say('decline', declineMs)
say('nothing to do', emptyMs)
console.log(`memory           ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`)
