import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import type { CodedError } from '#base/errors.js'
import { isTerminal } from '#model/task-state.js'
import { type AgentOperator, agentOperator, type MasterOperator } from '#sdk/operator.js'
import type { Task } from '#wire/mesos.js'
import { agentUrl, everyTask, readAgents, readTasks, selectTask } from '../cluster.js'
import { type CliContext, masterUrl, withMaster } from '../context.js'
import { CliErrors } from '../errors.js'
import { SandboxOutput, sandboxOf, tailOffset } from '../sandbox.js'
import { type ConnectedOptions, connected, examples } from './shared-options.js'

/** How often a followed sandbox is asked for more. */
const POLL = 200
/** How often the master is asked whether a followed task still lives. */
const LOOK = 10

interface Options extends ConnectedOptions {
  follow?: boolean
  stdout?: boolean
  stderr?: boolean
  lines?: string
}

export function logsCommand(context: CliContext): Command {
  return connected(new Command('logs'))
    .summary('show what a task prints')
    .description(
      'Shows what a task has printed: its stdout on ours, its stderr on ours. Also of tasks that have ended, while their sandbox is kept.',
    )
    .argument('<task>', 'id of a task, or the beginning of one')
    .option('-f, --follow', 'go on until the task ends')
    .option('-n, --lines <number>', 'only the last lines of each')
    .option('--stdout', 'only stdout')
    .option('--stderr', 'only stderr')
    .addHelpText(
      'after',
      examples(['meseta logs web', 'any beginning of the id that is the only one'], ['meseta logs -f -n 20 web.3f2a', '']),
    )
    .action(async (wanted: string, options: Options) => {
      const lines = options.lines === undefined ? undefined : count(options.lines)
      await withMaster(masterUrl(options.master, context.env), async (master) => {
        const task = selectTask(await readTasks(master), wanted)
        const agent = agentOperator(agentUrl(await readAgents(master), task))
        try {
          const output = await open(agent, sandboxOf(task), context, options, lines)
          await output.drain()
          if (options.follow) await follow(output, master, task, context)
        } finally {
          await agent.close()
        }
      })
    })
}

async function open(
  agent: AgentOperator,
  sandbox: string,
  context: CliContext,
  options: Options,
  lines: number | undefined,
): Promise<SandboxOutput> {
  const outputs = {
    ...(options.stderr && !options.stdout ? {} : { stdout: context.stdout }),
    ...(options.stdout && !options.stderr ? {} : { stderr: context.stderr }),
  }
  if (lines === undefined) return new SandboxOutput(agent, sandbox, outputs)
  const [stdout, stderr] = await Promise.all(['stdout', 'stderr'].map((name) => tailOffset(agent, `${sandbox}/${name}`, lines)))
  return new SandboxOutput(agent, sandbox, outputs, { stdout: stdout!, stderr: stderr! })
}

async function follow(output: SandboxOutput, master: MasterOperator, task: Task, context: CliContext): Promise<void> {
  let interrupted = false
  const unlisten = context.onSignal(() => {
    interrupted = true
  })
  try {
    for (let round = 1; !interrupted; round++) {
      const over = round % LOOK === 0 && (await unlessAway(hasEnded(master, task)))
      await unlessAway(output.drain())
      if (over) return
      await sleep(POLL)
    }
  } finally {
    unlisten()
  }
}

/** A daemon that restarts is asked again; the output is in files, so nothing is missed. */
async function unlessAway<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    const { code, details } = error as CodedError
    if (code === 'HTTP_UNREACHABLE' || (code === 'HTTP_REFUSED' && (details as { status: number }).status >= 500))
      return undefined
    throw error
  }
}

/** A master that has just started knows of no task until its agent is back: to be unknown means an end only where the agent would know. */
async function hasEnded(master: MasterOperator, { taskId, frameworkId, agentId }: Task): Promise<boolean> {
  const listed = everyTask(await readTasks(master)).find(
    (one) => one.taskId.value === taskId.value && one.frameworkId.value === frameworkId.value,
  )
  if (listed) return isTerminal(listed.state)
  const { agents = [] } = await readAgents(master)
  return agents.some(({ agentInfo }) => agentInfo.id?.value === agentId.value)
}

function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw CliErrors.AMOUNT_INVALID({ option: '--lines', value: text })
  return Number(text)
}
