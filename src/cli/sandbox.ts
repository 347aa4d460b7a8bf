import { CodedError } from '#base/errors.js'
import type { AgentOperator } from '#sdk/operator.js'
import { CallType } from '#wire/agent.js'
import type { Task } from '#wire/mesos.js'
import type { Output } from './context.js'

/**
 * The sandbox of a task's last run, under the name that every agent gives it. A command task is its own executor; a task of a pod has a container
 * inside that of its executor.
 */
export function sandboxOf(task: Pick<Task, 'frameworkId' | 'executorId' | 'taskId' | 'statuses'>): string {
  const run = `/frameworks/${task.frameworkId.value}/executors/${task.executorId?.value || task.taskId.value}/runs/latest`
  const container = task.statuses?.findLast(({ containerStatus }) => containerStatus?.containerId)?.containerStatus?.containerId
  return container?.parent ? `${run}/containers/${container.value}` : run
}

/** Follows one file of a sandbox as it grows. Bytes come out as they are in the file, each once. */
class FileFollower {
  private readonly agent: AgentOperator
  private readonly path: string
  private offset: bigint

  constructor(agent: AgentOperator, path: string, offset = 0n) {
    this.agent = agent
    this.path = path
    this.offset = offset
  }

  /** Writes all that is there beyond what was written before. A file that does not exist (yet) has nothing. */
  async drain(output: Output): Promise<void> {
    for (;;) {
      const part = await this.read()
      if (!part || part.data.length === 0) return
      output.write(part.data)
      await output.drained?.()
      this.offset += BigInt(part.data.length)
      if (this.offset >= part.size) return
    }
  }

  private async read(): Promise<{ data: Uint8Array; size: bigint } | undefined> {
    try {
      const response = await this.agent.call({ type: CallType.READ_FILE, readFile: { path: this.path, offset: this.offset } })
      return response?.readFile
    } catch (error) {
      if (error instanceof CodedError && (error.details as { status?: number }).status === 404) return undefined
      throw error
    }
  }
}

/** Offset at which the last `lines` lines of a file begin. */
export async function tailOffset(agent: AgentOperator, path: string, lines: number): Promise<bigint> {
  const STEP = 65_536n
  const size = await sizeOf(agent, path)
  let newlines = 0
  for (let end = size; end > 0n; end = end > STEP ? end - STEP : 0n) {
    const start = end > STEP ? end - STEP : 0n
    const response = await agent.call({ type: CallType.READ_FILE, readFile: { path, offset: start, length: end - start } })
    const data = response?.readFile?.data ?? new Uint8Array()
    for (let i = data.length - 1; i >= 0; i--) {
      const last = start + BigInt(i) === size - 1n
      if (data[i] === 0x0a && !last && ++newlines === lines) return start + BigInt(i) + 1n
    }
  }
  return 0n
}

async function sizeOf(agent: AgentOperator, path: string): Promise<bigint> {
  try {
    return (await agent.call({ type: CallType.READ_FILE, readFile: { path, offset: -1n } }))?.readFile?.size ?? 0n
  } catch (error) {
    if (error instanceof CodedError && (error.details as { status?: number }).status === 404) return 0n
    throw error
  }
}

/** Both streams of a task, each to ours of the same name. */
export class SandboxOutput {
  private readonly parts: readonly { file: FileFollower; output: Output }[]

  constructor(
    agent: AgentOperator,
    sandbox: string,
    outputs: { stdout?: Output; stderr?: Output },
    offsets: { stdout?: bigint; stderr?: bigint } = {},
  ) {
    this.parts = (['stdout', 'stderr'] as const).flatMap((name) => {
      const output = outputs[name]
      return output ? [{ output, file: new FileFollower(agent, `${sandbox}/${name}`, offsets[name]) }] : []
    })
  }

  /** Writes all that came since the last time. */
  async drain(): Promise<void> {
    for (const { file, output } of this.parts) await file.drain(output)
  }
}
