import type { Millis } from '#base/clock.js'
import { uuidText } from '#base/random.js'
import type { ContainerConfig } from '#containerizer/containerizer.js'
import { commandTaskResources, containerResources } from '#containerizer/resources.js'
import { idFault } from '#model/ids.js'
import { AgentCallType, type AgentEventRunTask, type AgentEventRunTaskGroup, type JournalRecord } from '#wire/internal.js'
import { type ExecutorID, ExecutorInfoType, FrameworkInfo, TaskInfo, TaskState, TaskStatusReason } from '#wire/mesos.js'
import { encode } from '#wire/protobuf.js'
import { commandExecutorInfo } from '../executors/command-executor.js'
import { deliver } from '../executors/delivery.js'
import { executorEnvironment } from '../executors/environment.js'
import { sandboxPath } from '../paths.js'
import type { Effects } from './effects.js'
import { removeFrameworkIfOver } from './end.js'
import { reportTask, reportUnknown } from './report.js'
import { withoutSecrets } from './secrets.js'
import {
  type Agent,
  addTask,
  checkpoints,
  createExecutor,
  createFramework,
  createTask,
  type Executor,
  type Framework,
  findTask,
  findTerminated,
} from './state.js'
import type { StatusParts } from './status.js'

/** The master wants a task to run here (row 5-017). */
export function runTask(agent: Agent, { frameworkInfo, task, launchExecutor }: AgentEventRunTask, now: Millis, out: Effects) {
  const framework = adoptFramework(agent, frameworkInfo, out)
  if (framework.terminating || agent.leaving) return
  if (isRepeated(framework, task)) return
  const refusal = refuse(framework, task)
  if (refusal) {
    if (launchExecutor) tellNeverStarted(agent, framework, task.executor?.executorId, out)
    reportUnknown(agent, framework, task.taskId.value, task.executor?.executorId.value, refusal, now, out)
    return removeFrameworkIfOver(agent, framework, out)
  }
  if (task.executor) runOnExecutor(agent, framework, task, launchExecutor, now, out)
  else launch(agent, framework, commandExecutorInfo(agent.config, framework, task), task, out)
}

/** Task groups come with the agent's own issue; until then each of their tasks is told so. */
export function runTaskGroup(agent: Agent, call: AgentEventRunTaskGroup, now: Millis, out: Effects) {
  const framework = adoptFramework(agent, call.frameworkInfo, out)
  for (const task of call.taskGroup.tasks ?? []) {
    reportUnknown(agent, framework, task.taskId.value, call.executor.executorId.value, GROUPS_UNSUPPORTED, now, out)
  }
  if (call.launchExecutor) tellNeverStarted(agent, framework, call.executor.executorId, out)
  removeFrameworkIfOver(agent, framework, out)
}

/** The master counts the executor of a launch as running: unless it hears this, it never gets its resources back (T90). */
function tellNeverStarted(agent: Agent, framework: Framework, executorId: ExecutorID | undefined, out: Effects) {
  if (!executorId || framework.executors.has(executorId.value)) return
  const exitedExecutor = { frameworkId: { value: framework.id }, executorId }
  out.push({ do: 'tell', call: { type: AgentCallType.EXITED_EXECUTOR, agentId: agent.info.id, exitedExecutor } })
}

const GROUPS_UNSUPPORTED: StatusParts = {
  state: TaskState.TASK_ERROR,
  reason: TaskStatusReason.REASON_TASK_GROUP_INVALID,
  message: 'This agent cannot run task groups yet; launch the tasks one by one with LAUNCH',
}

/** The same launch twice must not run twice, nor disturb the task that runs. Once a task is over and acknowledged, its id may be used again. */
function isRepeated(framework: Framework, task: TaskInfo): boolean {
  const id = task.taskId.value
  const known = (findTask(framework, id) ?? findTerminated(framework, id))?.task
  return known !== undefined && encode(TaskInfo, known.info).equals(encode(TaskInfo, task))
}

function refuse(framework: Framework, task: TaskInfo): StatusParts | undefined {
  const invalid = (message: string): StatusParts => ({
    state: TaskState.TASK_ERROR,
    reason: TaskStatusReason.REASON_TASK_INVALID,
    message,
  })
  const id = task.taskId.value
  // The master looks at ids as well; here they become names of directories.
  const fault = [framework.id, id, task.executor?.executorId.value ?? id].map(idFault).find((it) => it !== undefined)
  if (fault) return invalid(fault)
  if (findTask(framework, id)) return invalid(`Task ${id} is already running on this agent`)
  if (task.executor?.type === ExecutorInfoType.DEFAULT) return GROUPS_UNSUPPORTED
  if (!task.executor && !task.command) return invalid(`Task ${id} has neither a command nor an executor`)
  return undefined
}

function runOnExecutor(
  agent: Agent,
  framework: Framework,
  task: TaskInfo,
  launchExecutor: boolean | undefined,
  now: Millis,
  out: Effects,
) {
  const id = task.executor!.executorId.value
  const running = framework.executors.get(id)
  const drop = (message: string) =>
    reportUnknown(
      agent,
      framework,
      task.taskId.value,
      id,
      { state: TaskState.TASK_DROPPED, reason: TaskStatusReason.REASON_EXECUTOR_TERMINATED, message },
      now,
      out,
    )
  if (running?.phase === 'terminating' || running?.phase === 'terminated') return drop(`Executor ${id} is ending`)
  if (running?.command) return drop(`${id} is the id of a command task, which has no executor for others`)
  if (running) return enqueueTask(agent, running, task, out)
  if (launchExecutor === false) return drop(`Executor ${id} has ended, and the task was meant for it`)
  launch(agent, framework, { ...task.executor!, frameworkId: { value: framework.id } }, task, out)
}

function enqueueTask(agent: Agent, executor: Executor, info: TaskInfo, out: Effects): void {
  const task = createTask(info)
  addTask(executor, task)
  if (!checkpoints(executor.framework)) return deliver(agent, executor, out)
  task.known = false
  const which = { container: executor.containerId, task: task.id }
  out.push({
    do: 'record',
    records: [taskRecord(executor, info)],
    synced: false,
    next: { on: 'taskKnown', ...which },
    failed: { on: 'taskUnknowable', ...which },
  })
}

function launch(agent: Agent, framework: Framework, info: Executor['info'], task: TaskInfo, out: Effects): void {
  const containerId = uuidText(agent.random.uuid())
  const executor = createExecutor(framework, {
    info,
    containerId,
    sandbox: sandboxPath(agent.config.workDirectory, agent.info.id!.value, framework.id, info.executorId.value, containerId),
    command: task.executor === undefined,
  })
  addTask(executor, createTask(task))
  executor.granted = new Set(executor.tasks.keys())
  framework.executors.set(executor.id, executor)
  agent.runs.set(containerId, executor)
  if (checkpoints(framework)) {
    out.push({
      do: 'record',
      records: [executorRecord(executor), taskRecord(executor, task)],
      synced: false,
      failed: { on: 'containerUnknowable', container: containerId },
    })
  }
  out.push({ do: 'clone', config: containerConfig(agent, executor) })
}

/** Rebuilt alike after a restart, so that the containerizer knows the container again. */
export function containerConfig(agent: Agent, executor: Executor): ContainerConfig {
  const { framework, info } = executor
  const task = executor.command ? (executor.tasks.get(executor.id) ?? executor.terminated.get(executor.id)) : undefined
  const command = task?.info.command ?? info.command ?? {}
  return {
    id: executor.containerId,
    command,
    container: task ? task.info.container : info.container,
    sandbox: executor.sandbox,
    resources: task ? commandTaskResources(task.info) : executorResources(executor),
    user: command.user ?? framework.info.user,
    userIsDefault: command.user === undefined,
    environment: executorEnvironment(agent, executor),
  }
}

/** What the container of a custom executor needs: its own share and those of its tasks (row 2-043). */
export function executorResources(executor: Executor): ContainerConfig['resources'] {
  return containerResources([executor.info, ...[...executor.tasks.values()].map((it) => it.info)])
}

/** The framework as the master has it now. */
export function adoptFramework(agent: Agent, info: FrameworkInfo, out: Effects): Framework {
  const id = info.id!.value
  const known = agent.frameworks.get(id)
  if (known && encode(FrameworkInfo, known.info).equals(encode(FrameworkInfo, info))) return known
  const framework = known ?? revive(agent, id)
  const fresh = createFramework(info)
  const adopted = framework ? Object.assign(framework, { info, capabilities: fresh.capabilities }) : fresh
  agent.frameworks.set(id, adopted)
  if (checkpoints(adopted)) out.push({ do: 'record', records: [{ framework: { info } }], synced: false })
  return adopted
}

/** One that was forgotten for want of executors has work here again, and keeps its history. */
function revive(agent: Agent, id: string): Framework | undefined {
  const at = agent.completedFrameworks.findIndex((it) => it.id === id && !it.terminating)
  const [framework] = at < 0 ? [] : agent.completedFrameworks.splice(at, 1)
  if (!framework) return undefined
  return framework
}

/** No process could be made, or it could not be recorded: nobody will ever hear of this container again. */
export function launchFailed(agent: Agent, executor: Executor, parts: StatusParts, now: Millis, out: Effects): void {
  agent.counters.containerLaunchErrors++
  for (const task of [...executor.tasks.values()]) reportTask(agent, executor, task, { ...parts, ...executor.ending }, now, out)
}

export function executorRecord(executor: Executor): JournalRecord {
  return {
    executor: {
      frameworkId: { value: executor.framework.id },
      info: withoutSecrets(executor.info),
      containerId: { value: executor.containerId },
      commandTask: executor.command,
    },
  }
}

/** A custom executor gets its tasks with their secrets, also from a later agent; what the agent runs itself has them already, or never runs. */
export function taskRecord(executor: Executor, info: TaskInfo): JournalRecord {
  const ofTask = executor.command ? withoutSecrets(info) : info
  const kept = info.executor ? { ...ofTask, executor: withoutSecrets(info.executor) } : ofTask
  return { task: { containerId: { value: executor.containerId }, info: kept } }
}
