import { Random } from '#base/random.js'
import { type Subscription, subscribe } from '#http/subscription.js'
import { parseAttributes } from '#model/attributes.js'
import { parseResources } from '#model/resource-flags.js'
import { AgentCall, AgentCallType, AgentEvent, AgentEventType } from '#wire/internal.js'
import { type AgentID, AgentInfoCapabilityType, type Task, TaskState, TaskStatusSource } from '#wire/mesos.js'

/** A task that the agent was told to run. */
export interface LinkTask {
  framework: string
  id: string
  executor: string | undefined
  /** Its updates, the oldest unacknowledged one first. */
  updates: { state: TaskState; uuid: Buffer }[]
  task: Task
}

/**
 * An agent that is nothing but its link: it runs no containers, but says of its tasks what a real one would. A task whose command is `true`
 * starts, runs and finishes; any other runs until it is killed.
 */
export class LinkAgent {
  readonly tasks = new Map<string, LinkTask>()
  readonly heard: AgentEvent[] = []
  id: AgentID | undefined
  private readonly url: string
  private readonly pid: string
  private link: Subscription<AgentCall> | undefined
  private readonly random = new Random(7)

  constructor(url: string, port = 15051, id?: string) {
    this.url = url
    this.pid = `slave(1)@127.0.0.1:${port}`
    if (id !== undefined) this.id = { value: id }
  }

  /** Resolves when the master took it in. */
  async connect(): Promise<void> {
    let subscribed = (): void => {}
    const welcome = new Promise<void>((resolve) => {
      subscribed = resolve
    })
    const total = parseResources('cpus:16;mem:16384;disk:20000;ports:[31000-32000]').toProto()
    const call: AgentCall = {
      type: AgentCallType.SUBSCRIBE,
      agentId: this.id,
      subscribe: {
        agentInfo: {
          hostname: 'localhost',
          port: 15051,
          resources: total,
          attributes: parseAttributes('rack:r1;zone:z'),
          id: this.id,
        },
        version: '1.12.0',
        capabilities: [{ type: AgentInfoCapabilityType.MULTI_ROLE }],
        tasks: [...this.tasks.values()].map(({ task, updates }) => ({ ...task, state: updates.at(-1)?.state ?? task.state })),
        totalResources: total,
        pid: this.pid,
      },
    }
    this.link = await subscribe<AgentCall, AgentEvent>(
      { call: AgentCall, event: AgentEvent },
      { url: `${this.url}/api/v1/agent` },
      call,
      {
        event: (event) => {
          this.heard.push(event)
          if (event.type === AgentEventType.SUBSCRIBED) {
            this.id = event.subscribed!.agentId
            subscribed()
          }
          this.obey(event)
        },
        end: () => {},
      },
    )
    await welcome
  }

  /** Breaks the link, as a crash would. */
  disconnect(): void {
    this.link?.close()
  }

  tell(call: AgentCall): Promise<unknown> {
    return this.link!.call({ ...call, agentId: this.id })
  }

  /** The next state of a task; goes out when those before are acknowledged. */
  async report(task: LinkTask, state: TaskState): Promise<void> {
    task.updates.push({ state, uuid: this.random.uuid() })
    if (task.updates.length === 1) await this.forward(task)
  }

  private async forward({ framework, id, updates }: LinkTask): Promise<void> {
    const [oldest] = updates
    if (!oldest) return
    await this.tell({
      type: AgentCallType.UPDATE,
      update: {
        frameworkId: { value: framework },
        latestState: updates.at(-1)!.state,
        status: {
          taskId: { value: id },
          state: oldest.state,
          source: TaskStatusSource.SOURCE_EXECUTOR,
          agentId: this.id,
          executorId: { value: id },
          timestamp: Date.now() / 1000,
          uuid: oldest.uuid,
        },
      },
    }).catch(() => {})
  }

  private obey(event: AgentEvent): void {
    if (event.type === AgentEventType.RUN_TASK) this.run(event)
    if (event.type === AgentEventType.KILL_TASK) {
      const { frameworkId, taskId } = event.killTask!
      const task = this.tasks.get(`${frameworkId.value} ${taskId.value}`)
      if (task) void this.report(task, TaskState.TASK_KILLED)
    }
    if (event.type === AgentEventType.ACKNOWLEDGE) {
      const { frameworkId, taskId, uuid } = event.acknowledge!
      this.acknowledged(`${frameworkId.value} ${taskId.value}`, Buffer.from(uuid))
    }
    if (event.type === AgentEventType.SHUTDOWN_FRAMEWORK)
      for (const [key, { framework }] of this.tasks)
        if (framework === event.shutdownFramework!.frameworkId.value) this.tasks.delete(key)
  }

  private run(event: AgentEvent): void {
    const { frameworkInfo, task } = event.runTask!
    const framework = frameworkInfo.id!.value
    const record: LinkTask = {
      framework,
      id: task.taskId.value,
      executor: task.executor?.executorId.value,
      updates: [],
      task: {
        name: task.name,
        taskId: task.taskId,
        frameworkId: { value: framework },
        agentId: task.agentId,
        state: TaskState.TASK_STAGING,
        resources: task.resources,
      },
    }
    this.tasks.set(`${framework} ${record.id}`, record)
    void this.play(record, task.command?.value === 'true')
  }

  private async play(task: LinkTask, ends: boolean): Promise<void> {
    await this.report(task, TaskState.TASK_STARTING)
    await this.report(task, TaskState.TASK_RUNNING)
    if (ends) await this.report(task, TaskState.TASK_FINISHED)
  }

  private acknowledged(key: string, uuid: Buffer): void {
    const task = this.tasks.get(key)
    if (!task?.updates[0]?.uuid.equals(uuid)) return
    const done = task.updates.shift()!
    task.task = { ...task.task, state: done.state }
    const over: TaskState[] = [TaskState.TASK_FINISHED, TaskState.TASK_KILLED]
    if (over.includes(done.state)) this.tasks.delete(key)
    else void this.forward(task)
  }
}
