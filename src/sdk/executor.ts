import { type Clock, type Millis, systemClock } from '#base/clock.js'
import { parseDuration } from '#base/duration.js'
import type { Incoming } from '#http/exchange.js'
import { type MediaType, PROTOBUF_TYPE } from '#http/media-type.js'
import { Call, CallType, type CallUpdate, Event, type EventKill, type EventSubscribed, EventType } from '#wire/executor.js'
import type { TaskInfo, TaskStatus } from '#wire/mesos.js'
import { Connection, type ConnectionOptions } from './connection.js'
import { SdkErrors } from './errors.js'

/** What an agent tells the executors that it starts (2-024, 2-025). */
export interface ExecutorEnvironment {
  /** As `http://host:port`. */
  agent: string
  frameworkId: string
  executorId: string
  /** How long to wait for an agent that went away; undefined: not at all. */
  recoveryTimeout?: Millis
  subscriptionBackoff?: Millis
}

export function executorEnvironment(env: Readonly<Record<string, string | undefined>>): ExecutorEnvironment {
  const needed = (variable: string): string => {
    const value = env[variable]
    if (!value) throw SdkErrors.ENVIRONMENT_INCOMPLETE({ variable })
    return value
  }
  const duration = (variable: string): Millis | undefined => parseDuration(env[variable] ?? '')
  const recoveryTimeout = env.MESOS_CHECKPOINT === '1' ? duration('MESOS_RECOVERY_TIMEOUT') : undefined
  const subscriptionBackoff = duration('MESOS_SUBSCRIPTION_BACKOFF_MAX')
  return {
    agent: `http://${needed('MESOS_AGENT_ENDPOINT')}`,
    frameworkId: needed('MESOS_FRAMEWORK_ID'),
    executorId: needed('MESOS_EXECUTOR_ID'),
    ...(recoveryTimeout === undefined ? {} : { recoveryTimeout }),
    ...(subscriptionBackoff === undefined ? {} : { subscriptionBackoff }),
  }
}

export interface ExecutorHandlers {
  subscribed?(event: EventSubscribed): void
  launch(task: TaskInfo): void
  launchGroup?(tasks: TaskInfo[]): void
  kill(event: EventKill): void
  message?(data: Uint8Array): void
  /** End the tasks and leave: the agent said so, or it did not come back in time, or it refuses us. */
  shutdown(why: string): void
}

/**
 * An executor's side of the executor API. Keeps every update that the agent has not acknowledged, and every task of which no update was
 * acknowledged yet, and brings them back when it subscribes again (2-009, 2-010).
 */
export class Executor {
  private readonly environment: ExecutorEnvironment
  private readonly handlers: ExecutorHandlers
  private readonly clock: Clock
  private readonly connection: Connection<Call, Event>
  private readonly unacknowledgedTasks = new Map<string, TaskInfo>()
  private readonly unacknowledgedUpdates = new Map<string, CallUpdate>()
  private over = false
  private cancelWait = (): void => {}

  constructor(
    environment: ExecutorEnvironment,
    handlers: ExecutorHandlers,
    options: ConnectionOptions & { media?: MediaType } = {},
  ) {
    this.environment = environment
    this.handlers = handlers
    this.clock = options.clock ?? systemClock
    const peer = {
      url: () => new URL('/api/v1/executor', environment.agent).href,
      subscribeCall: () => this.callOf({ type: CallType.SUBSCRIBE, subscribe: this.subscribeBody() }),
      event: (event: Event) => this.received(event),
      silenceAllowed: () => undefined,
      disconnected: () => this.disconnected(),
      ended: (why: Error) => this.shutdown(why.message),
    }
    const backoff = {
      first: Math.min(200, environment.subscriptionBackoff ?? 200),
      most: environment.subscriptionBackoff ?? 2000,
    }
    this.connection = new Connection({ call: Call, event: Event, media: options.media ?? PROTOBUF_TYPE }, peer, {
      backoff,
      ...options,
    })
  }

  start(): void {
    this.connection.open()
  }

  stop(): void {
    this.over = true
    this.cancelWait()
    this.connection.close()
  }

  /** Kept until the agent acknowledges it; sent at once if there is a subscription, else with the next one. Needs a uuid (2-002). */
  async update(status: TaskStatus): Promise<void> {
    const executorId = { value: this.environment.executorId }
    const update = { status: { timestamp: this.clock.now() / 1000, ...status, executorId } }
    if (status.uuid) this.unacknowledgedUpdates.set(key(status.uuid), update)
    if (this.connection.connected) await this.call({ type: CallType.UPDATE, update }).catch(() => {})
  }

  message(data: Uint8Array): Promise<Incoming> {
    return this.call({ type: CallType.MESSAGE, message: { data } })
  }

  private call(call: Omit<Call, 'executorId' | 'frameworkId'>): Promise<Incoming> {
    return this.connection.call(this.callOf(call))
  }

  private callOf(call: Omit<Call, 'executorId' | 'frameworkId'>): Call {
    const { executorId, frameworkId } = this.environment
    return { executorId: { value: executorId }, frameworkId: { value: frameworkId }, ...call }
  }

  private subscribeBody(): NonNullable<Call['subscribe']> {
    return {
      unacknowledgedTasks: [...this.unacknowledgedTasks.values()],
      unacknowledgedUpdates: [...this.unacknowledgedUpdates.values()],
    }
  }

  private received(event: Event): void {
    const { handlers } = this
    switch (event.type) {
      case EventType.SUBSCRIBED:
        this.cancelWait()
        return handlers.subscribed?.(event.subscribed!)
      case EventType.LAUNCH:
        this.unacknowledgedTasks.set(event.launch!.task.taskId.value, event.launch!.task)
        return handlers.launch(event.launch!.task)
      case EventType.LAUNCH_GROUP: {
        const tasks = event.launchGroup!.taskGroup.tasks ?? []
        for (const task of tasks) this.unacknowledgedTasks.set(task.taskId.value, task)
        return handlers.launchGroup?.(tasks)
      }
      case EventType.KILL:
        return handlers.kill(event.kill!)
      case EventType.ACKNOWLEDGED:
        this.unacknowledgedTasks.delete(event.acknowledged!.taskId.value)
        this.unacknowledgedUpdates.delete(key(event.acknowledged!.uuid))
        return
      case EventType.MESSAGE:
        return handlers.message?.(event.message!.data)
      case EventType.SHUTDOWN:
        return this.shutdown('the agent asked for it')
      case EventType.ERROR:
        return this.shutdown(event.error!.message)
    }
  }

  private disconnected(): void {
    const { recoveryTimeout } = this.environment
    if (recoveryTimeout === undefined) return this.shutdown('the agent went away, and this framework does not checkpoint')
    this.cancelWait()
    this.cancelWait = this.clock.at(this.clock.now() + recoveryTimeout, () =>
      this.shutdown(SdkErrors.AGENT_LOST({ milliseconds: recoveryTimeout }).message),
    )
  }

  private shutdown(why: string): void {
    if (this.over) return
    this.stop()
    this.handlers.shutdown(why)
  }
}

const key = (uuid: Uint8Array): string => Buffer.from(uuid).toString('hex')
