import { Resources } from '#model/resources.js'
import { isTerminal } from '#model/task-state.js'
import { Scheduler } from '#sdk/scheduler.js'
import {
  type CommandInfo,
  type ContainerInfo,
  FrameworkInfoCapabilityType,
  type Offer,
  OfferOperationType,
  type TaskInfo,
  TaskState,
  type TaskStatus,
  ValueType,
} from '#wire/mesos.js'

/** When what happened to a task, in milliseconds of `performance.now`. */
export interface TaskTimes {
  accepted: number
  running?: number
  ended?: number
}

const CPUS = 0.01
const MEM = 32

const scalar = (name: string, value: number) => ({
  name,
  type: ValueType.SCALAR,
  scalar: { value },
  allocationInfo: { role: '*' },
})

/** A scheduler that launches what it is told to and looks at the clock; every update is acknowledged as it comes. */
export class OneScheduler {
  readonly tasks = new Map<string, TaskTimes>()
  private readonly scheduler: Scheduler
  private readonly offers: Offer[] = []
  private changed: () => void = () => {}
  private failure: Error | undefined
  /** What RECONCILE has answered. */
  private readonly reconciled = new Map<string, TaskState>()
  private nextTask = 0

  constructor(master: string) {
    const framework = { user: 'root', name: 'bench', checkpoint: true, failoverTimeout: 0, roles: ['*'] }
    this.scheduler = new Scheduler(
      {
        master,
        framework: { ...framework, capabilities: [{ type: FrameworkInfoCapabilityType.MULTI_ROLE }] },
        backoff: { first: 20, most: 200 },
      },
      {
        offers: (offers) => this.notice(() => this.offers.push(...offers)),
        rescind: (id) => this.notice(() => this.withdraw(id.value)),
        update: (status) => this.notice(() => this.update(status)),
        ended: (why) => this.notice(() => (this.failure = why)),
      },
    )
    this.scheduler.start()
  }

  /** So many tasks in one ACCEPT; answers their ids when the call was made. */
  async launch(count: number, command: CommandInfo, container?: ContainerInfo): Promise<string[]> {
    // What ended tasks give back is offered by itself, so there may be several, all of the one agent.
    await this.until(() => this.offeredCpus() >= count * CPUS)
    const offers = this.offers.splice(0)
    const ids = Array.from({ length: count }, () => `t${this.nextTask++}`)
    const taskInfos = ids.map((id) => ({ ...taskInfo(id, offers[0]!.agentId, command), container }))
    const accepted = performance.now()
    for (const id of ids) this.tasks.set(id, { accepted })
    const operation = { type: OfferOperationType.LAUNCH, launch: { taskInfos } }
    await this.scheduler.accept(
      offers.map((offer) => offer.id),
      [operation],
      { refuseSeconds: 0 },
    )
    return ids
  }

  /** Waits until all of them run, or have ended. */
  async reached(ids: readonly string[], what: 'running' | 'ended'): Promise<TaskTimes[]> {
    const times = ids.map((id) => this.tasks.get(id)!)
    await this.until(() => times.every((time) => time[what] !== undefined))
    return times
  }

  /** What the master says of all tasks that have not ended, when asked now. */
  async reconcile(ids: readonly string[]): Promise<TaskState[]> {
    this.reconciled.clear()
    await this.scheduler.reconcile(ids.map((value) => ({ taskId: { value } })))
    await this.until(() => ids.every((id) => this.reconciled.has(id)))
    return ids.map((id) => this.reconciled.get(id)!)
  }

  async killAll(): Promise<void> {
    const live = [...this.tasks].filter(([, time]) => time.ended === undefined).map(([id]) => id)
    await Promise.all(live.map((id) => this.scheduler.kill(id)))
    await this.reached(live, 'ended')
  }

  async end(): Promise<void> {
    await this.killAll()
    await this.scheduler.teardown()
  }

  private update({ taskId, state, uuid, message }: TaskStatus): void {
    const time = this.tasks.get(taskId.value)
    if (!time) return
    if (!uuid) this.reconciled.set(taskId.value, state)
    if (state === TaskState.TASK_RUNNING) time.running ??= performance.now()
    if (isTerminal(state)) time.ended ??= performance.now()
    if (state !== TaskState.TASK_FINISHED && state !== TaskState.TASK_KILLED && isTerminal(state))
      this.failure = new Error(`task ${taskId.value} ended with state ${state}: ${message}`)
  }

  private offeredCpus(): number {
    return Resources.sum(this.offers.map((offer) => Resources.from(offer.resources))).quantity('cpus')
  }

  private withdraw(id: string): void {
    const at = this.offers.findIndex((offer) => offer.id.value === id)
    if (at >= 0) this.offers.splice(at, 1)
  }

  private notice(what: () => unknown): void {
    what()
    this.changed()
  }

  private async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.changed = resolve
      })
      if (this.failure) throw this.failure
    }
  }
}

function taskInfo(id: string, agentId: Offer['agentId'], command: CommandInfo): TaskInfo {
  return {
    name: id,
    taskId: { value: id },
    agentId,
    resources: [scalar('cpus', CPUS), scalar('mem', MEM)],
    command,
  }
}
