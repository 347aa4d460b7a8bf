import { simulate } from './simulation.js'

/** `npm run simulate -- [COUNT] [FIRST]` runs many seeds; `npm run simulate -- --seed N` runs one and prints all that happened in it. */
function main([first, second]: string[]): number {
  if (first === '--seed') {
    const outcome = simulate(Number(second), { trace: (line) => console.log(line) })
    console.log(JSON.stringify(outcome, null, 1))
    return outcome.violations.length > 0 ? 1 : 0
  }
  return many(Number(first ?? 1000), Number(second ?? 1))
}

function many(count: number, from: number): number {
  let failed = 0
  const sums = { tasks: 0, updates: 0, faults: 0, seconds: 0 }
  for (let seed = from; seed < from + count; seed++) {
    const outcome = simulate(seed)
    for (const key of ['tasks', 'updates', 'faults', 'seconds'] as const) sums[key] += outcome[key]
    if (outcome.violations.length === 0) continue
    failed++
    console.log(`seed ${seed}: ${outcome.violations.slice(0, 5).join('; ')}`)
  }
  const hours = (sums.seconds / 3600).toFixed(1)
  console.log(
    `${count} seeds: ${sums.tasks} tasks, ${sums.updates} updates, ${sums.faults} faults in ${hours} virtual hours; ${failed} seeds failed`,
  )
  return failed > 0 ? 1 : 0
}

process.exitCode = main(process.argv.slice(2))
