import type { Millis } from '#base/clock.js'
import { formatDuration } from '#base/duration.js'
import type { LaunchedTask } from '#containerizer/containerizer.js'
import type { SupervisorIdentity } from '#host/host.js'
import type { JournalRecord } from '#wire/internal.js'
import { TaskState, TaskStatusReason } from '#wire/mesos.js'
import { deliver, refit } from '../executors/delivery.js'
import { milliseconds } from '../executors/environment.js'
import { hasBegun } from './coming.js'
import type { Effects } from './effects.js'
import { containerDestroyed, tellExited } from './end.js'
import { type AgentInput, timer } from './events.js'
import { destroy } from './kill.js'
import { launchFailed } from './launch.js'
import { reportCommand, reportTask } from './report.js'
import { type Agent, checkpoints, type Executor, type Task } from './state.js'
import type { StatusParts } from './status.js'

/** The supervisor is there and waits. It becomes known before it may go (design §6). */
export function cloned(agent: Agent, executor: Executor, supervisor: SupervisorIdentity, now: Millis, out: Effects) {
  const container = executor.containerId
  executor.supervisor = supervisor
  if (!checkpoints(executor.framework)) return containerKnown(agent, executor, now, out)
  out.push({
    do: 'record',
    records: [containerRecord(container, supervisor)],
    synced: false,
    next: { on: 'containerKnown', container },
    failed: { on: 'containerUnknowable', container },
  })
}

export function containerRecord(container: string, supervisor: SupervisorIdentity): JournalRecord {
  return {
    container: {
      containerId: { value: container },
      supervisorPid: supervisor.pid,
      supervisorStartTime: supervisor.startTime,
      socketPath: supervisor.socket,
    },
  }
}

export function containerKnown(agent: Agent, executor: Executor, now: Millis, out: Effects) {
  if (executor.phase !== 'cloning') return void out.push({ do: 'destroy', container: executor.containerId })
  go(executor, out)
  if (executor.command) return commandStarts(agent, executor, now, out)
  const at = now + agent.config.executorRegistrationTimeout
  out.push({ do: 'arm', timer: timer('registration', executor.containerId), at })
}

/** Said at once, so that it and the start go on side by side; where files are fetched first, only when that is done (golden catalogue). */
function commandStarts(agent: Agent, executor: Executor, now: Millis, out: Effects) {
  const task = executor.tasks.get(executor.id)
  if (task && !task.info.command?.uris?.length) reportCommand(agent, executor, starting(task), now, out)
}

/** A task that asks to be checked must not be taken for one that is. */
function starting({ info }: Task): StatusParts {
  const unchecked = info.check || info.healthCheck
  const message = 'The task runs unchecked: this agent does not run check and health_check of command tasks yet'
  return { state: TaskState.TASK_STARTING, ...(unchecked && { message }) }
}

function go(executor: Executor, out: Effects): void {
  executor.phase = 'going'
  out.push({ do: 'go', container: executor.containerId })
}

/** The disk is full, most likely: the container has not run, and must not. */
export function containerUnknowable(agent: Agent, executor: Executor, now: Millis, out: Effects) {
  if (executor.phase === 'terminating' || executor.phase === 'terminated') return
  launchFailed(agent, executor, UNKNOWABLE, now, out)
  executor.phase = 'terminating'
  out.push({ do: 'destroy', container: executor.containerId })
}

export function taskKnown(agent: Agent, executor: Executor, id: string, out: Effects) {
  const task = executor.tasks.get(id)
  if (task) task.known = true
  deliver(agent, executor, out)
}

export function taskUnknowable(agent: Agent, executor: Executor, id: string, now: Millis, out: Effects) {
  const task = executor.tasks.get(id)
  if (task) reportTask(agent, executor, task, UNKNOWABLE, now, out)
}

const UNKNOWABLE: StatusParts = {
  state: TaskState.TASK_FAILED,
  reason: TaskStatusReason.REASON_CONTAINER_LAUNCH_FAILED,
  message: 'Failed to launch container: its checkpoint could not be written; is the disk of --work_dir full?',
}

export function cloneFailed(agent: Agent, executor: Executor, failure: CloneFailure, now: Millis, out: Effects) {
  executor.phase = 'terminated'
  tellExited(agent, executor, undefined, out)
  // Mesos' executor is up before it finds that there is nothing to run (golden catalogue).
  const emptyCommand = failure.code === 'CONTAINERIZER_SHELL_COMMAND_MISSING'
  if (emptyCommand && executor.command) reportCommand(agent, executor, { state: TaskState.TASK_STARTING }, now, out)
  const reason = emptyCommand ? TaskStatusReason.REASON_EXECUTOR_TERMINATED : failure.reason
  launchFailed(agent, executor, { state: TaskState.TASK_FAILED, reason, message: failure.why }, now, out)
  containerDestroyed(agent, executor, out)
}

type CloneFailure = Extract<AgentInput, { on: 'cloneFailed' }>

/** The program runs. */
export function started(agent: Agent, executor: Executor, task: LaunchedTask, now: Millis, out: Effects): void {
  executor.containerStatus = { ...executor.containerStatus, executorPid: task.initPid }
  if (executor.phase !== 'going') return
  if (!executor.command) {
    executor.phase = 'registering'
    return
  }
  executor.phase = 'running'
  commandRuns(agent, executor, now, out)
}

export function commandRuns(agent: Agent, executor: Executor, now: Millis, out: Effects): void {
  const task = executor.tasks.get(executor.id)
  if (!task || task.kill) return
  task.delivered = true
  task.runningSince = now
  if (!hasBegun(task)) reportCommand(agent, executor, starting(task), now, out)
  reportCommand(agent, executor, { state: TaskState.TASK_RUNNING }, now, out)
  armCompletion(executor, out)
}

/** Row 1-096; not more than zero means none. */
export function armCompletion(executor: Executor, out: Effects): void {
  const task = executor.tasks.get(executor.id)
  const longest = milliseconds(task?.info.maxCompletionTime) ?? 0
  if (task?.runningSince === undefined || longest <= 0) return
  out.push({ do: 'arm', timer: timer('completion', executor.containerId), at: task.runningSince + longest })
}

/** The container has what its tasks need, or cannot get it; then its tasks are gone with it (row 8-040). */
export function updated(agent: Agent, executor: Executor, why: string | undefined, out: Effects) {
  const { update } = executor
  if (!update) return
  executor.update = undefined
  const grows = [...update.granting].some((task) => !executor.granted.has(task))
  if (why !== undefined && grows) {
    const message = `The container could not be given the resources of a new task: ${why}`
    return destroy(
      executor,
      { state: TaskState.TASK_GONE, reason: TaskStatusReason.REASON_CONTAINER_UPDATE_FAILED, message },
      out,
    )
  }
  executor.granted = update.granting
  if (update.stale) refit(agent, executor, out)
  else deliver(agent, executor, out)
}

/** The executor has not subscribed in time (rows 2-016, 2-017). */
export function silentExecutor(agent: Agent, executor: Executor, kind: 'registration' | 'reregistration', out: Effects): void {
  if (executor.stream !== undefined || executor.phase === 'terminated') return
  destroy(executor, kind === 'registration' ? unregistered(agent) : unreregistered(agent), out)
}

const unregistered = ({ config }: Agent) => ({
  state: TaskState.TASK_FAILED,
  reason: TaskStatusReason.REASON_EXECUTOR_REGISTRATION_TIMEOUT,
  message: `Executor did not register within ${formatDuration(config.executorRegistrationTimeout)}`,
})

const unreregistered = ({ config }: Agent) => ({
  state: TaskState.TASK_GONE,
  reason: TaskStatusReason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT,
  message: `Executor did not reregister within ${formatDuration(config.executorReregistrationTimeout)}`,
})
