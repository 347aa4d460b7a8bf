import { setTimeout as sleep } from 'node:timers/promises'
import { CodedError } from '#base/errors.js'
import { isTerminal, taskStateName } from '#model/task-state.js'
import { type AgentOperator, agentOperator } from '#sdk/operator.js'
import { CallType } from '#wire/master.js'
import { TaskState, type TaskStatus } from '#wire/mesos.js'
import { readTasks, selectTask } from '../cluster.js'
import { type CliContext, withMaster } from '../context.js'
import { CliErrors, EXIT } from '../errors.js'
import { exitCodeOfTask } from '../exit-status.js'
import { SandboxOutput, sandboxOf } from '../sandbox.js'
import { OneTask } from './one-task.js'
import { StartProgress } from './start-progress.js'
import type { RunRequest } from './task-info.js'

/** How often a sandbox is asked for more output. */
const POLL = 150
/** How long to wait for a first offer without a word. */
const PATIENCE = 5000
/** How long another client that took the task over may need to end it. */
const TAKEN_OVER_PATIENCE = 60_000

/** One `meseta run` from its start to its exit code: shows what the task prints, and ends when it ends. */
export class AttachedRun {
  private readonly context: CliContext
  private readonly master: string
  private readonly detach: boolean
  private readonly task: OneTask
  private readonly finished: Promise<number>
  private finish: (code: number) => void = () => {}
  private fail: (why: unknown) => void = () => {}
  private agent: AgentOperator | undefined
  private output: SandboxOutput | undefined
  private progress: StartProgress | undefined
  private pump = Promise.resolve()
  private over = false
  private waits = false
  private interrupts = 0

  constructor(context: CliContext, master: string, request: RunRequest, taskId: string) {
    this.context = context
    this.master = master
    this.detach = request.detach
    this.finished = new Promise((resolve, reject) => {
      this.finish = resolve
      this.fail = reject
    })
    this.task = new OneTask(master, request, taskId, request.user ?? context.user, {
      waiting: (why) => this.wait(why),
      launched: ({ url }) => this.launched(url),
      update: (status) => this.updated(status),
      disconnected: (why) => this.over || this.say(`${why.message}; trying again`),
      ended: (why) => void this.refused(why).catch(this.fail),
    })
  }

  async run(): Promise<number> {
    // Who starts a run wants to know at once that there is no master; later a master may come and go.
    await withMaster(this.master, (master) => master.call({ type: CallType.GET_HEALTH }))
    const unlisten = this.context.onSignal(() => this.interrupted())
    const impatience = setTimeout(() => this.lonely(), PATIENCE)
    try {
      this.task.start()
      return await this.finished
    } finally {
      this.over = true
      clearTimeout(impatience)
      unlisten()
      this.task.leave()
      this.progress?.end()
      await this.pump
      await Promise.all([this.agent?.close(), this.progress?.close()])
    }
  }

  private wait(why: string): void {
    this.waits = true
    this.say(`waiting: ${why}`)
  }

  /** Nothing came, not even an offer that is too small. */
  private lonely(): void {
    if (!this.output && !this.waits) this.wait('the master has made no offer so far; is there an agent? See: meseta agents')
  }

  private launched(agentUrl: string): void {
    this.agent = agentOperator(agentUrl)
    const { frameworkId, taskId } = this.task
    const sandbox = sandboxOf({ frameworkId: { value: frameworkId }, taskId: { value: taskId } })
    const progress = new StartProgress(agentUrl, { frameworkId, taskId }, this.context)
    this.progress = progress
    this.output = new SandboxOutput(this.agent, sandbox, {
      stdout: progress.before(this.context.stdout),
      stderr: progress.before(this.context.stderr),
    })
    this.pump = this.follow(this.output, progress)
  }

  /** An agent that is away for a moment is asked again; nothing is lost, since the output is in files. */
  private async follow(output: SandboxOutput, progress: StartProgress): Promise<void> {
    while (!this.over) {
      await progress.look()
      if (!this.detach) await output.drain().catch(() => {})
      await sleep(POLL)
    }
  }

  private updated(status: TaskStatus): void {
    if (this.over) return
    if (status.state !== TaskState.TASK_STARTING) this.progress?.end()
    if (isTerminal(status.state)) return void this.ended(status).catch(this.fail)
    if (!this.detach || status.state !== TaskState.TASK_RUNNING) return
    this.context.stdout.write(`${this.task.taskId}\n`)
    this.finish(EXIT.done)
  }

  private async ended(status: TaskStatus): Promise<void> {
    this.over = true
    await this.pump
    await this.output?.drain().catch((error) => this.say(`the rest of the output could not be read: ${(error as Error).message}`))
    await this.task.end()
    const code = exitCodeOfTask(status)
    if (code !== EXIT.done) this.say(`${taskStateName(status.state)}: ${firstLine(status.message) || 'no reason given'}`)
    this.finish(code)
  }

  /** The master never wanted the framework, or somebody else ends it: then the end of the task is what counts. */
  private async refused(why: Error): Promise<void> {
    if (this.over) return
    if (isNowhere(why)) throw CliErrors.NOT_A_MASTER({ url: this.master, why: 'it has no /api/v1/scheduler' }, why)
    if (!this.output) throw CliErrors.FRAMEWORK_REFUSED({ why: why.message })
    this.say(`another client is ending this task (${why.message})`)
    for (const deadline = Date.now() + TAKEN_OVER_PATIENCE; Date.now() < deadline; await sleep(POLL)) {
      const last = await withMaster(this.master, readTasks)
        .then((tasks) => selectTask(tasks, this.task.taskId).statuses?.at(-1))
        .catch(() => undefined)
      if (last && isTerminal(last.state)) return this.ended(last)
    }
    this.finish(EXIT.taskLost)
  }

  /** The first one ends the task, the next leaves it alone. */
  private interrupted(): void {
    this.interrupts++
    if (this.interrupts > 1) return this.finish(EXIT.interrupted)
    if (this.task.kill()) return this.say('ending the task; press Ctrl-C again to leave at once')
    void this.task.end().then(() => this.finish(EXIT.interrupted))
  }

  private say(text: string): void {
    this.progress?.clear()
    this.context.stderr.write(`meseta: ${text}\n`)
  }
}

/** Statistics may follow, which are for those who look into the task's status. */
const firstLine = (message = ''): string => message.split('\n', 1)[0]!.trim()

/** Whoever answered has no such API: an agent, or a program of another kind. */
const isNowhere = (error: Error): boolean =>
  error instanceof CodedError && error.code === 'HTTP_REFUSED' && (error.details as { status: number }).status === 404
