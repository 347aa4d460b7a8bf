/**
 * Recorded cases against our own daemons, each a test of its own. The short form: topics of which every case that is not pending must
 * pass; `npm run conformance` replays all of them.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { fullName, pendingCases } from './pending.js'
import { whyUnrepeatable } from './replay/exceptions.js'
import { loadTopic, type Topic } from './replay/recording.js'
import { type Result, replay } from './replay/replay.js'

const SHORT_FORM = ['catalogue', 'kill-policy', 'environment', 'files', 'odd-requests', 'frameworks-and-offers', 'executor-api']
const COMMAND = [process.execPath, 'dist/bin/meseta.js']
const pending = new Set(pendingCases())

const topics = SHORT_FORM.map(loadTopic)
const namesOf = ({ name: topic, cases }: Topic): string[] =>
  cases.map(({ name }) => name).filter((name) => !pending.has(fullName(topic, name)) && !whyUnrepeatable(name))

/** Results by full name, filled as cases end. Topics run side by side: a case mostly waits. */
const results = new Map<string, Result>()

async function replayTopic(topic: Topic): Promise<void> {
  const wanted = new Set(namesOf(topic))
  for await (const result of replay(topic, (name) => wanted.has(name), COMMAND))
    results.set(fullName(topic.name, result.name), result)
}

beforeAll(async () => {
  const waiting = [...topics]
  const work = async (): Promise<void> => {
    for (let topic = waiting.shift(); topic; topic = waiting.shift()) await replayTopic(topic)
  }
  await Promise.all([work(), work(), work()])
}, 900_000)

describe.each(topics.map((topic) => [topic.name, topic] as const))('%s', (name, topic) => {
  for (const one of namesOf(topic)) {
    test(one, ({ skip }) => {
      const outcome = results.get(fullName(name, one))?.outcome
      if (outcome?.kind === 'skipped') skip(outcome.why)
      expect(outcome).toEqual({ kind: 'same' })
    })
  }
})
