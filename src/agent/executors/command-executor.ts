import { signalName } from '#base/signals.js'
import { waitStatusOf } from '#host/host.js'
import { type ExecutorInfo, type Resource, type TaskInfo, ValueType } from '#wire/mesos.js'
import type { AgentConfig } from '../core/config.js'
import type { Framework } from '../core/state.js'
import { roleOf } from './environment.js'

/** The executor that Mesos would start for a command task; shown to whoever asks, never run (design §4.6, row 2-030). */
export function commandExecutorInfo(config: AgentConfig, framework: Framework, task: TaskInfo): ExecutorInfo {
  const role = roleOf(task.resources)
  const scalar = (name: string, value: number): Resource => ({
    name,
    type: ValueType.SCALAR,
    scalar: { value },
    ...(role !== undefined && { allocationInfo: { role } }),
  })
  return {
    executorId: { value: task.taskId.value },
    frameworkId: { value: framework.id },
    command: {
      shell: false,
      value: `${config.launcherDirectory}/mesos-executor`,
      arguments: ['mesos-executor', `--launcher_dir=${config.launcherDirectory}`],
    },
    resources: [scalar('cpus', 0.1), scalar('mem', 32)],
    name: `Command Executor (Task: ${task.taskId.value}) (Command: ${commandSummary(task)})`,
    source: task.taskId.value,
    labels: task.labels,
    discovery: task.discovery,
  }
}

const SUMMARY_LENGTH = 15

function commandSummary({ command }: TaskInfo): string {
  const value = command?.value ?? ''
  const short = value.length > SUMMARY_LENGTH ? `${value.slice(0, SUMMARY_LENGTH - 3)}...` : value
  return command?.shell === false ? `[${short}]` : `sh -c '${short}'`
}

/** `Command exited with status 3`, `Command terminated with signal Killed`. */
export function waitStatusText(waitStatus: number): string {
  const end = waitStatusOf({ waitStatus })
  if ('code' in end) return `Command exited with status ${end.code}`
  return `Command terminated with signal ${signalName(end.signal)}${end.core ? ' (core dumped)' : ''}`
}
