import type { CodedError } from '#base/errors.js'
import { AgentImages } from '#sdk/agent.js'
import type { CliContext, Output } from '../context.js'
import { type ProgressDisplay, progressDisplay } from '../progress/display.js'

/** What starts sooner needs no bars, and its agent is not asked. */
const QUIET_START = 500

/** Shows what has to come to the agent before a task can run: the layers of its image, its files. Asks the agent that runs it. */
export class StartProgress {
  private readonly agent: AgentImages
  private readonly task: { frameworkId: string; taskId: string }
  private readonly display: ProgressDisplay
  private readonly begun = Date.now()
  private over = false

  constructor(agentUrl: string, task: { frameworkId: string; taskId: string }, context: CliContext) {
    this.agent = new AgentImages(agentUrl)
    this.task = task
    this.display = progressDisplay(context)
  }

  /** Asks once and shows what it learns. An agent that is away only means that nothing new is shown. */
  async look(): Promise<void> {
    if (this.over || Date.now() - this.begun < QUIET_START) return
    const groups = await this.agent.transfers(this.task).catch((error) => this.refused(error))
    if (this.over || !groups) return
    if (groups.length === 0) return this.display.clear()
    for (const group of groups) this.display.show('Starting', group)
  }

  /** The same output, to which nothing is written below a bar. */
  before(output: Output): Output {
    return {
      ...output,
      write: (text) => {
        this.clear()
        output.write(text)
      },
    }
  }

  clear(): void {
    this.display.clear()
  }

  /** The task runs, or never will. */
  end(): void {
    this.over = true
    this.clear()
  }

  /** An agent of another kind will never know. */
  private refused(error: unknown): undefined {
    const { status } = ((error as CodedError).details ?? {}) as { status?: number }
    if (status !== undefined && status < 500) this.end()
  }

  async close(): Promise<void> {
    await this.agent.close()
  }
}
