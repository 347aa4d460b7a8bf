import { constants } from 'node:os'
import { signalNumberOf } from '#base/signals.js'
import { TaskState, type TaskStatus } from '#wire/mesos.js'
import { EXIT } from './errors.js'

/**
 * The code with which a program ends that stands for this task. Mesos' wire has no field for an exit status: the command executor says it in a
 * sentence that has been the same since Mesos 0.x, and our agent says the same, so that this holds for both. Where the sentence is another (a lost
 * agent) no exit status is known.
 */
export function exitCodeOfTask({
  state,
  message = '',
  limitation,
}: Pick<TaskStatus, 'state' | 'message' | 'limitation'>): number {
  const code = /^Command exited with status (\d+)/.exec(message)?.[1]
  if (code !== undefined) return Number(code)
  const signal = /^Command terminated with signal ([^(]+?)(?: \(core dumped\))?$/.exec(message)?.[1]
  const number = signal === undefined ? undefined : signalNumberOf(signal)
  if (number !== undefined) return 128 + number
  if (state === TaskState.TASK_FINISHED) return 0
  // Whoever breaks a limit is killed by it.
  if (limitation) return 128 + constants.signals.SIGKILL
  if (state === TaskState.TASK_KILLED) return 128 + constants.signals.SIGTERM
  return EXIT.taskLost
}
