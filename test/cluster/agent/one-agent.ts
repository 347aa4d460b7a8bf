import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Master } from '#master/master.js'
import { isTerminal } from '#model/task-state.js'
import { Scheduler } from '#sdk/scheduler.js'
import {
  FrameworkInfoCapabilityType as Capability,
  type ExecutorInfo,
  type Offer,
  OfferOperationType,
  type Resource,
  type TaskInfo,
  type TaskState,
  type TaskStatus,
  ValueType,
} from '#wire/mesos.js'
import { Daemon } from '../../support/daemon.js'
import { RealMachine } from '../../support/real-machine.js'
import { testMaster } from '../../support/test-master.js'
import { until } from '../../support/waiting.js'

const MESETA = fileURLToPath(new URL('../../../dist/bin/meseta.js', import.meta.url))

const scalar = (name: string, value: number): Resource => ({
  name,
  type: ValueType.SCALAR,
  scalar: { value },
  allocationInfo: { role: 'r' },
})

/** A real agent, killed and started at will, under a master and a scheduler that stay. */
export class OneAgent {
  readonly updates: TaskStatus[] = []
  readonly marks: string
  readonly scheduler: Scheduler
  private readonly machine: RealMachine
  private readonly master: Master
  private daemon: Daemon | undefined
  private offers: Offer[] = []
  private port = 0

  private constructor(machine: RealMachine, master: Master) {
    this.machine = machine
    this.master = master
    this.marks = join(machine.directory, 'marks')
    mkdirSync(this.marks)
    const capabilities = [Capability.MULTI_ROLE, Capability.PARTITION_AWARE, Capability.TASK_KILLING_STATE]
    this.scheduler = new Scheduler(
      {
        master: master.url,
        framework: {
          user: 'root',
          name: 'one-agent',
          roles: ['r'],
          checkpoint: true,
          failoverTimeout: 60,
          capabilities: capabilities.map((type) => ({ type })),
        },
      },
      {
        offers: (offers) => void this.offers.push(...offers),
        rescind: (id) => {
          this.offers = this.offers.filter((it) => it.id.value !== id.value)
        },
        update: (status) => void this.updates.push(status),
      },
    )
    this.scheduler.start()
  }

  static async begin(): Promise<OneAgent> {
    return new OneAgent(await RealMachine.prepare(), await testMaster())
  }

  /** `fault` as in MESETA_FAULT. */
  start(fault = '', flags: readonly string[] = []): void {
    const { runtimeDir, cgroupsRoot } = this.machine
    const args = [
      'agent',
      `--master=${new URL(this.master.url).host}`,
      `--port=${this.port}`,
      `--work_dir=${this.workDirectory}`,
      `--runtime_dir=${runtimeDir}`,
      `--cgroups_root=${cgroupsRoot}`,
      ...(flags.length ? flags : ['--resources=cpus:4;mem:2048;disk:1000']),
    ]
    this.daemon = new Daemon([process.execPath, MESETA], args, this.log, { MESETA_FAULT: fault })
  }

  get workDirectory(): string {
    return join(this.machine.directory, 'work')
  }

  get log(): string {
    return join(this.machine.directory, 'agent.log')
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The port that the first agent got is kept by the later ones: an agent that moves is another agent. */
  async up(): Promise<void> {
    const found = await until(() => /url=http:\/\/127\.0\.0\.1:(\d+)/.exec(readFileSync(this.log, 'utf8')), 60)
    if (!found) throw new Error(`the agent does not come up: ${this.daemon?.lastWords()}`)
    this.port = Number(found[1])
  }

  async dead(): Promise<void> {
    if (!(await until(() => this.daemon?.isDead, 60))) throw new Error('the agent still lives: it never passed the fault point')
  }

  async kill(): Promise<void> {
    this.daemon?.signal('SIGKILL')
    await this.dead()
  }

  async launch(task: Partial<TaskInfo> & { name: string }): Promise<void> {
    const offer = await until(() => this.offers.shift(), 60)
    if (!offer) throw new Error('no offer came')
    const info: TaskInfo = {
      taskId: { value: task.name },
      agentId: offer.agentId,
      resources: [scalar('cpus', 0.1), scalar('mem', 32)],
      ...task,
    }
    await this.scheduler.accept([offer.id], [{ type: OfferOperationType.LAUNCH, launch: { taskInfos: [info] } }], {
      refuseSeconds: 0,
    })
  }

  executor(script: string): ExecutorInfo {
    return {
      executorId: { value: 'E' },
      frameworkId: this.scheduler.frameworkId,
      command: { value: script },
      resources: [scalar('cpus', 0.1), scalar('mem', 32)],
    }
  }

  states(task: string): TaskState[] {
    return this.updates.filter((it) => it.taskId.value === task).map((it) => it.state)
  }

  async reached(task: string, state: TaskState): Promise<TaskStatus> {
    const found = await until(() => this.updates.find((it) => it.taskId.value === task && it.state === state), 60)
    if (!found) throw new Error(`${task} never became ${state}: ${this.states(task)}; ${this.daemon?.lastWords()}`)
    return found
  }

  async ended(task: string): Promise<TaskStatus> {
    const found = await until(() => this.updates.find((it) => it.taskId.value === task && isTerminal(it.state)), 60)
    if (!found) throw new Error(`${task} never ended: ${this.states(task)}; ${this.daemon?.lastWords()}`)
    return found
  }

  /** How often the task's command began. */
  runs(task: string): number {
    try {
      return readFileSync(join(this.marks, task), 'utf8').trim().split('\n').length
    } catch {
      return 0
    }
  }

  async get(path: string): Promise<unknown> {
    return (await fetch(this.url + path)).json()
  }

  async stop(): Promise<void> {
    await this.daemon?.end('SIGTERM', 20)
  }

  /** Fails when the machine is not as it was before, containers of live tasks apart, which go with it. */
  async end(): Promise<void> {
    this.scheduler.stop()
    await this.stop()
    await this.master.close()
    await this.machine.dispose()
  }
}
