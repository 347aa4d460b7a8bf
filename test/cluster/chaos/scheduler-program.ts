import { existsSync } from 'node:fs'
import { Resources } from '#model/resources.js'
import { isTerminal } from '#model/task-state.js'
import { Scheduler } from '#sdk/scheduler.js'
import {
  FrameworkInfoCapabilityType,
  type Offer,
  OfferOperationType,
  type TaskInfo,
  TaskState,
  type TaskStatus,
  ValueType,
} from '#wire/mesos.js'
import { readHistory, record } from './history.js'
import { markingCommand } from './task-script.js'

/** Argument of the process, as JSON. */
export interface Settings {
  master: string
  /** Where the history and the tasks' own files are. */
  history: string
  marks: string
  /** How many tasks that run until they are killed. */
  longTasks: number
  /** How many besides, one with each offer: most end by themselves, every fourth is killed as soon as it runs. */
  shortTasks: number
  /** When this file exists, everything is killed and the scheduler ends. */
  drain: string
}

const RECONCILE_EVERY = 2000
const CPUS = 0.05
const MEM = 32

/** A scheduler that may be killed at any instant: it records before it acts, reconciles when it is back, and repeats its kills. */
class CampaignScheduler {
  private readonly settings: Settings
  private readonly tasks = new Map<string, { agent: string; state: TaskState }>()
  private readonly scheduler: Scheduler

  constructor(settings: Settings) {
    this.settings = settings
    let id: string | undefined
    for (const entry of readHistory(settings.history)) {
      if (entry.kind === 'framework') id = entry.id
      if (entry.kind === 'launch') this.tasks.set(entry.task, { agent: entry.agent, state: TaskState.TASK_STAGING })
      if (entry.kind === 'update') this.remember(entry.task, entry.state)
    }
    const framework = {
      id: id === undefined ? undefined : { value: id },
      user: 'root',
      name: 'chaos',
      failoverTimeout: 3600,
      checkpoint: true,
      roles: ['*'],
      capabilities: [{ type: FrameworkInfoCapabilityType.MULTI_ROLE }, { type: FrameworkInfoCapabilityType.PARTITION_AWARE }],
    }
    this.scheduler = new Scheduler(
      { master: settings.master, framework },
      {
        subscribed: (event) => {
          record(settings.history, { kind: 'framework', id: event.frameworkId.value, at: Date.now() })
          this.askAgain()
        },
        offers: (offers) => {
          for (const offer of offers) this.consider(offer)
        },
        update: (status) => this.update(status),
        ended: (why) => fail(why),
      },
    )
  }

  start(): void {
    this.scheduler.start()
    setInterval(() => this.askAgain(), RECONCILE_EVERY)
  }

  private remember(id: string, state: TaskState): void {
    const task = this.tasks.get(id)
    if (task && !isTerminal(task.state)) task.state = state
  }

  /** A call that is lost is made again when the next round comes. */
  private attempt(call: Promise<unknown>): void {
    call.catch(() => undefined)
  }

  private askAgain(): void {
    const open = [...this.tasks].filter(([, { state }]) => !isTerminal(state))
    const draining = existsSync(this.settings.drain)
    if (draining && open.length === 0) return this.end()
    // With the agent's id, so that a launch which never left can be told from one whose agent is not known (row 1-106).
    const tasks = open.map(([id, { agent }]) => ({ taskId: { value: id }, agentId: { value: agent } }))
    if (open.length > 0) this.attempt(this.scheduler.reconcile(tasks))
    for (const [id] of open) if (draining || this.isDoomed(id)) this.attempt(this.scheduler.kill(id))
  }

  private end(): void {
    record(this.settings.history, { kind: 'drained', at: Date.now() })
    process.exit(0)
  }

  private consider(offer: Offer): void {
    const { longTasks, shortTasks } = this.settings
    const room = Resources.from(offer.resources)
    const fits = Math.min(Math.floor(room.quantity('cpus') / CPUS), Math.floor(room.quantity('mem') / MEM))
    const draining = existsSync(this.settings.drain)
    const wanted = draining
      ? 0
      : Math.min(
          fits,
          this.tasks.size < longTasks ? longTasks - this.tasks.size : this.tasks.size < longTasks + shortTasks ? 1 : 0,
        )
    if (wanted <= 0) return this.attempt(this.scheduler.decline([offer.id], { refuseSeconds: 1 }))
    const taskInfos = Array.from({ length: wanted }, () => this.newTask(offer))
    this.attempt(
      this.scheduler.accept([offer.id], [{ type: OfferOperationType.LAUNCH, launch: { taskInfos } }], { refuseSeconds: 0 }),
    )
  }

  private newTask(offer: Offer): TaskInfo {
    const index = this.tasks.size
    const id = `t${index}`
    record(this.settings.history, { kind: 'launch', task: id, agent: offer.agentId.value, at: Date.now() })
    this.tasks.set(id, { agent: offer.agentId.value, state: TaskState.TASK_STAGING })
    const scalar = (name: string, value: number) => ({
      name,
      type: ValueType.SCALAR,
      scalar: { value },
      allocationInfo: { role: '*' },
    })
    const after = index < this.settings.longTasks || this.isDoomed(id) ? 'forever' : { exit: index % 3 }
    return {
      name: id,
      taskId: { value: id },
      agentId: offer.agentId,
      resources: [scalar('cpus', CPUS), scalar('mem', MEM)],
      command: { shell: true, value: markingCommand(this.settings.marks, id, after) },
    }
  }

  /** Acknowledged when this returns. */
  private update({ taskId, state, uuid, reason, message }: TaskStatus): void {
    const text = uuid && uuid.length > 0 ? Buffer.from(uuid).toString('hex') : undefined
    record(this.settings.history, { kind: 'update', task: taskId.value, state, uuid: text, reason, message, at: Date.now() })
    this.remember(taskId.value, state)
    if (state === TaskState.TASK_RUNNING && this.isDoomed(taskId.value)) this.attempt(this.scheduler.kill(taskId.value))
  }

  private isDoomed(id: string): boolean {
    const index = Number(id.slice(1))
    return index >= this.settings.longTasks && index % 4 === 3
  }
}

function fail(why: Error): void {
  console.error(why.message)
  process.exit(1)
}

new CampaignScheduler(JSON.parse(process.argv[2]!) as Settings).start()
