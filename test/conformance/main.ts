/**
 * `npm run conformance [-- --only REGEX] [--topic NAME,…] [--list] [--json FILE] [--parallel N] [--command "…"]`
 *
 * Replays what was recorded from a real Mesos against a master and an agent of ours. Fails when a case differs that is not on the
 * list of pending ones, and when one of those does not differ any more: then it has to leave the list.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { fullName, pendingCases } from './pending.js'
import { Cluster } from './replay/cluster.js'
import { loadTopic, TOPICS } from './replay/recording.js'
import { type Result, replay } from './replay/replay.js'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    topic: { type: 'string', default: Object.keys(TOPICS).join(',') },
    list: { type: 'boolean', default: false },
    json: { type: 'string' },
    parallel: { type: 'string', default: '3' },
    command: { type: 'string', default: 'node dist/bin/meseta.js' },
  },
})
const pattern = new RegExp(options.only)
const pending = new Set(pendingCases())

type Verdict = 'ok' | 'pending' | 'no longer pending' | 'differs' | 'skipped'

function verdictOf({ topic, name, outcome }: Result): Verdict {
  const isPending = pending.has(fullName(topic, name))
  if (outcome.kind === 'skipped') return 'skipped'
  if (outcome.kind === 'same') return isPending ? 'no longer pending' : 'ok'
  return isPending ? 'pending' : 'differs'
}

function report(result: Result): void {
  const why = 'why' in result.outcome ? `\n      ${result.outcome.why}` : ''
  console.log(`${verdictOf(result)}  ${fullName(result.topic, result.name)}  (${result.seconds.toFixed(1)} s)${why}`)
}

/** Every topic has a cluster of its own, so several can run at once: a case mostly waits. */
async function replayAll(topics: readonly string[], atOnce: number): Promise<Result[]> {
  const waiting = [...topics]
  const results: Result[] = []
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      for await (const result of replay(loadTopic(name), (one) => pattern.test(one), options.command.split(' '))) {
        report(result)
        results.push(result)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return results
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void Cluster.stopAll().then(() => process.exit(1)))

const topics = options.topic.split(',')
if (options.list) {
  const names = topics.flatMap((topic) => loadTopic(topic).cases.map(({ name }) => fullName(topic, name)))
  console.log(names.filter((name) => pattern.test(name)).join('\n'))
} else {
  const results = await replayAll(topics, Number(options.parallel))
  const count = (verdict: Verdict): number => results.filter((result) => verdictOf(result) === verdict).length
  if (options.json) writeFileSync(options.json, JSON.stringify(results, undefined, 1))
  console.log(
    `${count('ok')} passed, ${count('differs') + count('no longer pending')} failed, ${count('skipped')} skipped, ${count('pending')} pending`,
  )
  process.exitCode = count('differs') + count('no longer pending') > 0 ? 1 : 0
}
