/** Replays topics case by case. */

import { seconds } from '../../support/waiting.js'
import { CaseRun } from './case-run.js'
import { Cluster } from './cluster.js'
import { CONTINUES, setupOf, whyUnrepeatable } from './exceptions.js'
import { writeJson } from './json.js'
import { Differs, differs, NotHere, type Outcome, same, skipped } from './outcome.js'
import { type Case, isRequest, type Topic } from './recording.js'

export interface Result {
  readonly topic: string
  readonly name: string
  readonly outcome: Outcome
  readonly seconds: number
}

const MARKS = /DRAIN_AGENT|MARK_AGENT_GONE|START_MAINTENANCE|DEACTIVATE_AGENT|\/machine\/down/

/** Whether the cluster is not as before after the case. */
function leavesMarks(one: Case): boolean {
  if (one.aborts) return true
  const requests = one.steps.filter(isRequest).map(({ request }) => request)
  const actions = one.steps.flatMap((step) => (isRequest(step) ? [] : [step.action]))
  return MARKS.test(writeJson(requests)) || actions.some((action) => /agent|master|SIG/.test(action))
}

interface Ended {
  readonly outcome: Outcome
  /** Whether the next case needs a new cluster. */
  readonly dirty: boolean
}

/** Results come as cases end. One cluster serves as many cases as can share it. */
export async function* replay(
  topic: Topic,
  wants: (name: string) => boolean,
  command: readonly string[],
): AsyncGenerator<Result> {
  const cluster = new Cluster(command, topic.name)
  let dirty = true
  try {
    for (const one of topic.cases.filter(({ name }) => wants(name))) {
      const started = Date.now()
      const why = whyUnrepeatable(one.name)
      const ended: Ended = why ? { outcome: skipped(why), dirty } : await runCase(one, cluster, dirty)
      dirty = ended.dirty
      yield { topic: topic.name, name: one.name, outcome: ended.outcome, seconds: (Date.now() - started) / 1000 }
    }
  } finally {
    await cluster.stop()
  }
}

async function runCase(one: Case, cluster: Cluster, dirty: boolean): Promise<Ended> {
  const setup = setupOf(cluster.topic, one.name)
  const fresh = dirty || one.name in CONTINUES || writeJson(setup) !== writeJson(cluster.setup)
  let run: CaseRun | undefined
  let outcome = same
  try {
    if (fresh) await cluster.start(setup)
    run = new CaseRun(one, cluster)
    await run.run()
  } catch (error) {
    if (error instanceof NotHere) return { outcome: skipped(error.message), dirty: true }
    outcome = differs(error instanceof Differs ? error.message : String(error))
  }
  await seconds(0.1)
  const died = cluster.dead().filter((name) => !run?.mayDie.has(name))
  if (died.length > 0 && outcome === same) outcome = differs(`a daemon died: ${died.join(', ')}`)
  await run?.leave()
  return { outcome, dirty: cluster.dead().length > 0 || leavesMarks(one) || !run }
}
