import type { Random } from '#base/random.js'
import type { ContainerConfig, LaunchedTask, Termination } from '#containerizer/containerizer.js'
import type { VirtualTime } from './virtual-time.js'

const SIGTERM = 15
const SIGKILL = 9

interface SimulatedContainer {
  readonly id: string
  readonly config: ContainerConfig
  phase: 'cloned' | 'going' | 'running' | 'ended'
  termination: Termination | undefined
}

/** What a task of the simulation does, told by its command: `run MS CODE`, and whether it minds SIGTERM. */
export interface Behaviour {
  runsFor: number
  exitCode: number
  ignoresTerm: boolean
}

export const commandOf = ({ runsFor, exitCode, ignoresTerm }: Behaviour): string =>
  `${runsFor} ${exitCode} ${ignoresTerm ? 'stubborn' : 'kind'}`

function behaviourOf(command: string): Behaviour {
  const [runsFor, exitCode, manners] = command.split(' ')
  return { runsFor: Number(runsFor), exitCode: Number(exitCode), ignoresTerm: manners === 'stubborn' }
}

/** Told to the agent that lives; nobody is told while there is none. */
export interface ContainerListener {
  started(container: string, task: LaunchedTask): void
  ended(container: string, termination: Termination): void
}

/**
 * The containers of one host in virtual time, with the hand-shake of design §6: they outlive the agent, but one that was never told to go leaves
 * with it. Keeps the record that the observer judges by: every run of every task.
 */
export class SimulatedContainers {
  /** Every time a task's program was executed, on this host. */
  readonly executions: { task: string; container: string; at: number; endedAt: number | undefined }[] = []
  private readonly time: VirtualTime
  private readonly random: Random
  private readonly containers = new Map<string, SimulatedContainer>()
  listener: ContainerListener | undefined

  constructor(time: VirtualTime, random: Random) {
    this.time = time
    this.random = random
  }

  get ids(): string[] {
    return [...this.containers.keys()]
  }

  /** Configurations of what runs. */
  get running(): ContainerConfig[] {
    return [...this.containers.values()].filter((it) => it.phase === 'running').map((it) => it.config)
  }

  clone(config: ContainerConfig): void {
    this.containers.set(config.id, { id: config.id, config, phase: 'cloned', termination: undefined })
  }

  /** Said once, it is said: the program is executed whatever becomes of the agent. */
  go(id: string): void {
    const container = this.containers.get(id)
    if (container?.phase !== 'cloned') return
    container.phase = 'going'
    this.time.after(0.5 + this.random.next() * 8, () => this.execute(container))
  }

  private execute(container: SimulatedContainer): void {
    if (container.phase !== 'going') return
    container.phase = 'running'
    this.executions.push({ task: taskOf(container.config), container: container.id, at: this.time.now(), endedAt: undefined })
    const { runsFor, exitCode } = behaviourOf(container.config.command.value ?? '')
    this.time.after(runsFor, () => this.end(container, { waitStatus: exitCode << 8 }))
    this.listener?.started(container.id, { initPid: 1000 + this.executions.length, taskPid: 2000 + this.executions.length })
  }

  stop(id: string): void {
    const container = this.containers.get(id)
    if (container?.phase !== 'running') return
    const { ignoresTerm } = behaviourOf(container.config.command.value ?? '')
    if (ignoresTerm) return
    this.time.after(1 + this.random.next() * 50, () => this.end(container, { waitStatus: SIGTERM }))
  }

  kill(id: string): void {
    const container = this.containers.get(id)
    if (container) this.time.after(1 + this.random.next() * 10, () => this.end(container, { waitStatus: SIGKILL }))
  }

  destroy(id: string): void {
    const container = this.containers.get(id)
    if (!container) return
    this.end(container, { waitStatus: SIGKILL })
    this.containers.delete(id)
  }

  /** The agent is gone: who was not told to go leaves. */
  agentDied(): void {
    this.listener = undefined
    for (const container of this.containers.values()) if (container.phase === 'cloned') this.containers.delete(container.id)
  }

  reboot(): void {
    for (const container of this.containers.values()) this.end(container, {})
    this.containers.clear()
  }

  recover(known: readonly ContainerConfig[]): { live: string[]; ended: string[] } {
    const ids = new Set(known.map(({ id }) => id))
    for (const id of this.ids) if (!ids.has(id)) this.destroy(id)
    const lives = (id: string): boolean => ['going', 'running'].includes(this.containers.get(id)?.phase ?? '')
    return { live: [...ids].filter(lives), ended: [...ids].filter((id) => !lives(id)) }
  }

  /** Nothing is known of one that vanished. */
  terminationOf(id: string): Termination | undefined {
    const container = this.containers.get(id)
    if (!container) return {}
    return container.termination
  }

  private end(container: SimulatedContainer, termination: Termination): void {
    if (container.phase === 'ended') return
    container.termination = container.phase === 'running' ? termination : {}
    container.phase = 'ended'
    const execution = this.executions.findLast((it) => it.container === container.id)
    if (execution) execution.endedAt = this.time.now()
    if (this.containers.has(container.id)) this.listener?.ended(container.id, container.termination)
  }
}

/** Command tasks have an executor, and so a sandbox, of their own name (row 5-005). */
function taskOf({ sandbox }: ContainerConfig): string {
  return /\/executors\/([^/]+)\/runs\//.exec(sandbox)?.[1] ?? sandbox
}
