import type { ExitStatus, MemoryPressure } from '#wire/native.js'
import { HostErrors } from './errors.js'
import type { ContainerEnd, ContainerPhase, StartedTask } from './host.js'

/**
 * What is known of one container's way from its set-up to its end, for both hosts. Phases only ever go forward; what comes late or twice
 * changes nothing.
 */
export class Lifecycle {
  readonly started: Promise<StartedTask>
  readonly ended: Promise<ContainerEnd>
  private current: ContainerPhase = 'setting up'
  private resolveStarted!: (task: StartedTask) => void
  private rejectStarted!: (why: Error) => void
  private resolveEnded!: (end: ContainerEnd) => void
  private readonly listeners: ((pressure: MemoryPressure) => void)[] = []
  /** Pressure that was seen before anybody listened. */
  private readonly unheard: MemoryPressure[] = []
  private readonly id: string

  constructor(id: string) {
    this.id = id
    this.started = new Promise((resolve, reject) => {
      this.resolveStarted = resolve
      this.rejectStarted = reject
    })
    // Who does not wait for the start learns of its failure by the end.
    this.started.catch(() => {})
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve
    })
  }

  get phase(): ContainerPhase {
    return this.current
  }

  ready(): void {
    if (this.current === 'setting up') this.current = 'ready'
  }

  running(task: StartedTask): void {
    if (this.current === 'ended') return
    this.current = 'running'
    this.resolveStarted(task)
  }

  end(end: ContainerEnd): void {
    if (this.current === 'ended') return
    if (this.current !== 'running') this.rejectStarted(this.whyNotStarted(end))
    this.current = 'ended'
    this.resolveEnded(end)
  }

  private whyNotStarted(end: ContainerEnd): Error {
    return end.how === 'failed'
      ? HostErrors.LAUNCH_FAILED({ sentence: end.reason })
      : HostErrors.ENDED_BEFORE_START({ id: this.id })
  }

  pressure(pressure: MemoryPressure): void {
    if (this.listeners.length === 0) this.unheard.push(pressure)
    for (const listener of this.listeners) listener(pressure)
  }

  onOom(listener: (pressure: MemoryPressure) => void): void {
    this.listeners.push(listener)
    for (const pressure of this.unheard.splice(0)) listener(pressure)
  }
}

/** How a container ended, from what its supervisor wrote. */
export function endOf(exit: ExitStatus): ContainerEnd {
  const finishedAt = Number(exit.finishedAtMs)
  if (exit.failure) return { how: 'failed', reason: sentenceOf(exit.failure), finishedAt }
  return { how: 'exited', waitStatus: exit.waitStatus ?? 0, oomKills: Number(exit.oomKills ?? 0n), finishedAt }
}

export function sentenceOf(failure: {
  step: string
  path?: string | undefined
  errno: number
  detail?: string | undefined
}): string {
  return `could not ${failure.step}${failure.path ? ` ${failure.path}` : ''}: ${failure.detail ?? `error ${failure.errno}`}`
}
