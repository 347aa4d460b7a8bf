import { massacre } from './massacre.js'

/** `npm run chaos -- [ROUNDS] [SEED]`: each of agent, master and scheduler is killed so many times, 10 unless told otherwise. */
async function main([rounds = '10', seed = String(Date.now() % 100_000)]: string[]): Promise<void> {
  console.log(`seed ${seed}`)
  const violations = await massacre({ rounds: Number(rounds), longTasks: 50, pause: 3000, seed: Number(seed), say: console.log })
  for (const violation of violations) console.log(violation)
  console.log(violations.length === 0 ? 'every promise was kept' : `${violations.length} promises were broken`)
  process.exitCode = violations.length === 0 ? 0 : 1
}

await main(process.argv.slice(2))
