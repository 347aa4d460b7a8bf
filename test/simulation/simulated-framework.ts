import type { Random } from '#base/random.js'
import { Resources } from '#model/resources.js'
import { isTerminal } from '#model/task-state.js'
import {
  type FrameworkInfo,
  FrameworkInfoCapabilityType,
  type Offer,
  OfferOperationType,
  type TaskInfo,
  TaskState,
  type TaskStatus,
} from '#wire/mesos.js'
import { type Call, CallType, type Event, EventType } from '#wire/scheduler.js'
import type { Connection, Network } from './network.js'
import { type Behaviour, commandOf } from './simulated-containers.js'
import type { SimulatedMaster } from './simulated-master.js'
import type { Trace } from './trace.js'
import type { VirtualTime } from './virtual-time.js'

export interface LaunchedTask {
  readonly id: string
  readonly agent: string
  /** Latest as told; TASK_STAGING until somebody tells. */
  state: TaskState
  /** Its end as told with a uuid, hence by the agent; it must never change. */
  killWanted: boolean
}

/** What the scheduler has on its own disk. It writes before it acts. */
interface Disk {
  frameworkId: string | undefined
  tasks: Map<string, LaunchedTask>
  nextTask: number
}

/** One update as it came, for the observer. */
export interface HeardUpdate {
  readonly at: number
  readonly status: TaskStatus
  readonly acknowledged: boolean
}

interface Parts {
  time: VirtualTime
  random: Random
  network: Network
  master: SimulatedMaster
  trace: Trace
  /** How many tasks to launch altogether. */
  goal: number
  failoverTimeout: number
}

const CPUS_PER_TASK = 0.5
const MEM_PER_TASK = 64
const RECONCILE_EVERY = 5000

/**
 * A scheduler as its authors should write one: it records what it launches before it says so, acknowledges what it has recorded, reconciles after every
 * subscription and every so often, repeats its kills, and takes no second end of a task for an answer.
 */
export class SimulatedFramework {
  readonly heard: HeardUpdate[] = []
  readonly disk: Disk = { frameworkId: undefined, tasks: new Map(), nextTask: 0 }
  private readonly parts: Parts
  private incarnation = 0
  private running = false
  private stream: { connection: Connection; id: string | undefined } | undefined

  constructor(parts: Parts) {
    this.parts = parts
  }

  get alive(): boolean {
    return this.running
  }

  /** Everything was launched and every end was heard. */
  get done(): boolean {
    return this.disk.nextTask >= this.parts.goal && [...this.disk.tasks.values()].every((task) => isTerminal(task.state))
  }

  start(): void {
    this.incarnation++
    this.running = true
    this.parts.trace.note('framework starts', { incarnation: this.incarnation })
    this.subscribe()
    this.every(RECONCILE_EVERY, () => this.askAgain())
  }

  crash(): void {
    this.parts.trace.note('framework dies', {})
    this.running = false
    const { stream } = this
    this.stream = undefined
    stream?.connection.break()
  }

  private every(period: number, act: () => void): void {
    const { incarnation } = this
    this.parts.time.after(period, () => {
      if (!this.running || this.incarnation !== incarnation) return
      act()
      this.every(period, act)
    })
  }

  private info(): FrameworkInfo {
    const id = this.disk.frameworkId
    return {
      id: id === undefined ? undefined : { value: id },
      user: 'root',
      name: 'simulated',
      failoverTimeout: this.parts.failoverTimeout,
      checkpoint: true,
      roles: ['*'],
      capabilities: [{ type: FrameworkInfoCapabilityType.MULTI_ROLE }, { type: FrameworkInfoCapabilityType.PARTITION_AWARE }],
    }
  }

  private subscribe(): void {
    const connection = this.parts.network.connect()
    const stream: { connection: Connection; id: string | undefined } = { connection, id: undefined }
    this.stream = stream
    const mine = (): boolean => this.running && this.stream === stream
    connection.onBreak(() => {
      if (!mine()) return
      this.stream = undefined
      this.parts.time.after(50 + this.parts.random.next() * 500, () => {
        if (this.running && this.stream === undefined) this.subscribe()
      })
    })
    const info = this.info()
    const call: Call = { type: CallType.SUBSCRIBE, frameworkId: info.id, subscribe: { frameworkInfo: info } }
    const peer = {
      opened: (id: string) => {
        stream.id = id
      },
      refused: () => connection.break(),
      hear: (event: Event) => {
        if (mine()) this.hear(event)
      },
    }
    connection.send(() => this.parts.master.scheduler(call, undefined, { connection, peer }))
  }

  private call(call: Call, repeatable = false): void {
    const { stream } = this
    if (!stream?.id) return
    this.parts.trace.effect('framework', call)
    const peer = { opened: () => {}, refused: () => {}, hear: () => {} }
    const full = { ...call, frameworkId: { value: this.disk.frameworkId! } }
    stream.connection.send(
      () => this.parts.master.scheduler(full, stream.id, { connection: stream.connection, peer }),
      repeatable,
    )
  }

  private hear(event: Event): void {
    this.parts.trace.event('framework', event)
    switch (event.type) {
      case EventType.SUBSCRIBED:
        this.disk.frameworkId = event.subscribed!.frameworkId.value
        return this.askAgain()
      case EventType.OFFERS:
        for (const offer of event.offers?.offers ?? []) this.consider(offer)
        return
      case EventType.UPDATE:
        return this.update(event.update!.status)
      default:
        return
    }
  }

  /** Reconciles all that has not ended, and repeats what it wants killed. */
  private askAgain(): void {
    const open = [...this.disk.tasks.values()].filter((task) => !isTerminal(task.state))
    if (open.length > 0)
      this.call(
        {
          type: CallType.RECONCILE,
          reconcile: { tasks: open.map(({ id, agent }) => ({ taskId: { value: id }, agentId: { value: agent } })) },
        },
        true,
      )
    for (const task of open) if (task.killWanted) this.call({ type: CallType.KILL, kill: { taskId: { value: task.id } } }, true)
  }

  private consider(offer: Offer): void {
    const room = Resources.from(offer.resources)
    const fits = Math.min(Math.floor(room.quantity('cpus') / CPUS_PER_TASK), Math.floor(room.quantity('mem') / MEM_PER_TASK), 3)
    const count = Math.min(fits, this.parts.goal - this.disk.nextTask)
    if (count <= 0) return this.call({ type: CallType.DECLINE, decline: { offerIds: [offer.id], filters: { refuseSeconds: 1 } } })
    const taskInfos = Array.from({ length: count }, () => this.newTask(offer))
    this.call({
      type: CallType.ACCEPT,
      accept: {
        offerIds: [offer.id],
        operations: [{ type: OfferOperationType.LAUNCH, launch: { taskInfos } }],
        filters: { refuseSeconds: 0 },
      },
    })
  }

  private newTask(offer: Offer): TaskInfo {
    const { random, time } = this.parts
    const id = `task-${this.disk.nextTask++}`
    const agent = offer.agentId.value
    const task: LaunchedTask = { id, agent, state: TaskState.TASK_STAGING, killWanted: false }
    this.disk.tasks.set(id, task)
    const behaviour: Behaviour = {
      runsFor: 10 + random.next() ** 3 * 60_000,
      exitCode: random.below(3),
      ignoresTerm: random.next() < 0.3,
    }
    if (random.next() < 0.25)
      time.after(random.next() * 30_000, () => {
        task.killWanted = true
      })
    const scalar = (name: string, value: number) => ({ name, type: 0 as const, scalar: { value }, allocationInfo: { role: '*' } })
    return {
      name: id,
      taskId: { value: id },
      agentId: offer.agentId,
      resources: [scalar('cpus', CPUS_PER_TASK), scalar('mem', MEM_PER_TASK)],
      command: { value: commandOf(behaviour), shell: true },
    }
  }

  /** Records, then acknowledges. */
  private update(status: TaskStatus): void {
    const task = this.disk.tasks.get(status.taskId.value)
    const acknowledged = status.uuid !== undefined && status.uuid.length > 0
    this.heard.push({ at: this.parts.time.now(), status, acknowledged })
    if (task && !isTerminal(task.state)) task.state = known(status.state)
    if (acknowledged)
      this.call(
        { type: CallType.ACKNOWLEDGE, acknowledge: { agentId: status.agentId!, taskId: status.taskId, uuid: status.uuid! } },
        true,
      )
  }
}

/** An agent that nobody knows any more will not come back with the task (row 1-106). */
const known = (state: TaskState): TaskState => (state === TaskState.TASK_UNKNOWN ? TaskState.TASK_LOST : state)
