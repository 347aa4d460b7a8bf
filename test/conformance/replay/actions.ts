/** What the recorder did outside the API: daemons killed and started, streams closed, time that passed. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { seconds, until } from '../../support/waiting.js'
import type { CaseRun } from './case-run.js'
import type { Cluster } from './cluster.js'
import type { Json } from './json.js'
import { Differs, NotHere } from './outcome.js'
import type { ActionStep } from './recording.js'
import { sandboxOf } from './sandboxes.js'

const AGENT = 15051
const GRACE = 5

type Perform = (run: CaseRun, step: ActionStep, text: string) => Promise<void>

/** The first pattern that fits the recorded words says what to do. */
const ACTIONS: readonly (readonly [RegExp, Perform])[] = [
  [/^master killed -9/, restartMaster],
  [/^kill -9 of the/, killAgent],
  [/^the agent is (started again|restarted)/, startAgentAgain],
  [/^SIG(USR1|STOP) to the agent$|^SIGCONT$/, signalAgent],
  [/^the agent process: /, agentProcess],
  [/(closes the stream|closes its stream|stream is closed)$/, closeStream],
  [/^first framework suppresses and declines$/, suppressFirst],
  [/^(env in the task|environment of the task(?!, which has)|env in the executor)/, compareEnvironment],
  [/^the agent registers again$/, async ({ cluster }) => void (await until(async () => (await cluster.agents()).length > 0, 15))],
]

/** Nothing to do: names of files and variables of the implementation's own, or events that are waited for anyhow. */
const NOTED_ONLY = /^(who it is|wait|the task ends|the master aborts|the agent aborts)/

export async function act(run: CaseRun, step: ActionStep): Promise<void> {
  const text = step.action
  const perform = ACTIONS.find(([pattern]) => pattern.test(text))?.[1]
  if (perform) return perform(run, step, text)
  if (step.environment || step.files) return
  const time = /(\d+) s\b/.exec(text)?.[1]
  if (time) return seconds(Number(time))
  if (text === 'later') return seconds(0.5)
  if (text === 'some seconds later') return seconds(3)
  if (!NOTED_ONLY.test(text)) throw new NotHere(`nobody knows how to do "${text}"`)
}

const agentIsHealthy = (cluster: Cluster): Promise<boolean> => cluster.get(AGENT, '/health').then(({ status }) => status === 200)
const anyAgent = async (cluster: Cluster): Promise<boolean> => (await cluster.agents()).length > 0

async function restartMaster({ cluster, name }: CaseRun): Promise<void> {
  await cluster.end('master', 'SIGKILL')
  await cluster.startMaster()
  await until(() => anyAgent(cluster), name.includes('framework and agent come back') ? 1 : 4)
}

async function killAgent({ cluster }: CaseRun, _: ActionStep, text: string): Promise<void> {
  await cluster.end(text.includes('second') ? 'agent2' : 'agent', 'SIGKILL')
  const timeout = /timeout (\d+) s/.exec(text)?.[1]
  if (!text.includes('started again')) return
  cluster.restarted = true
  cluster.startAgent('agent', undefined, timeout ? [`--executor_reregistration_timeout=${timeout}secs`] : [])
  await until(() => agentIsHealthy(cluster), 30)
}

async function startAgentAgain({ cluster }: CaseRun, _: ActionStep, text: string): Promise<void> {
  if (cluster.isRunning('agent')) await cluster.end('agent', text.includes('restarted') ? 'SIGKILL' : 'SIGTERM')
  cluster.restarted = true
  cluster.startAgent()
  await until(async () => cluster.dead().length > 0 || (await anyAgent(cluster)), 8)
}

async function signalAgent({ cluster }: CaseRun, _: ActionStep, text: string): Promise<void> {
  if (text.startsWith('SIGUSR1')) return cluster.end('agent', 'SIGUSR1')
  cluster.signal('agent', text.startsWith('SIGSTOP') ? 'SIGSTOP' : 'SIGCONT')
}

async function agentProcess({ cluster }: CaseRun, _: ActionStep, text: string): Promise<void> {
  if (!text.includes('ended')) return
  if (!(await until(() => cluster.dead().includes('agent'), GRACE))) throw new Differs('the agent still runs')
  cluster.forget('agent')
}

async function closeStream({ streams }: CaseRun, _: ActionStep, text: string): Promise<void> {
  const anyOne = text.includes('stream is')
  const open = streams.filter(({ closed, name }) => !closed && (anyOne || name === 'session' || name === 'executor'))
  open.at(-1)?.close()
}

async function suppressFirst({ streams }: CaseRun): Promise<void> {
  const first = streams.find(({ isScheduler }) => isScheduler)
  if (!first) return
  await first.quietly({ type: 'SUPPRESS' })
  const offer_ids: Json[] = [...first.offers.keys()].map((value) => ({ value }))
  await first.quietly({ type: 'DECLINE', decline: { offer_ids, filters: { refuse_seconds: 600 } } })
  first.offers.clear()
}

/** Names of variables that a task saw, where the task wrote them to env.txt. */
async function compareEnvironment({ cluster, streams }: CaseRun, step: ActionStep): Promise<void> {
  const framework = streams.find(({ isScheduler }) => isScheduler)?.framework
  if (!step.environment || typeof framework !== 'object') return
  const id = (framework as { value?: string } | null)?.value ?? ''
  const file = join((await sandboxOf(cluster, id)) ?? '', 'env.txt')
  if (!(await until(() => existsSync(file), GRACE))) throw new Differs('no environment was written')
  const have = new Set(
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split('=')[0]),
  )
  const wanted = Array.isArray(step.environment) ? step.environment : Object.keys(step.environment)
  const shellsOwn = ['LIBPROCESS_SSL_ENABLED', 'OLDPWD', 'SHLVL', '_', 'PWD']
  const lacking = wanted.filter((name) => !have.has(name) && !shellsOwn.includes(name))
  if (lacking.length > 0) throw new Differs(`the environment lacks ${lacking.sort().join(', ')}`)
}
