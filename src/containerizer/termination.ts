import type { ContainerEnd } from '#host/host.js'
import { TaskState, TaskStatusReason } from '#wire/mesos.js'
import type { Termination } from './containerizer.js'
import { launchFailed, launchFailureReason } from './errors.js'
import type { Limitation } from './isolator.js'

/** How a container ended, out of what the host saw and the limit that was exceeded, if any (rows 5-022, 6-012). */
export function terminationOf(end: ContainerEnd, limitation: Limitation | undefined): Termination {
  const waitStatus = end.how === 'exited' ? end.waitStatus : undefined
  if (limitation) {
    const { reason, message, resources } = limitation
    return { waitStatus, state: TaskState.TASK_FAILED, reason, message, limitation: { resources } }
  }
  switch (end.how) {
    case 'exited':
      return { waitStatus }
    case 'failed':
      return failedLaunch(launchFailed(new Error(end.reason)))
    case 'lost':
      return { state: TaskState.TASK_FAILED, message: end.reason }
  }
}

/** The termination of a container that could not be started: for a rejected `clone` or `go`. */
export function failedLaunch(error: unknown): Termination {
  return { state: TaskState.TASK_FAILED, reason: launchFailureReason(error), message: launchFailed(error).message }
}

/** Of a container that a checkpoint knows and this host does not: its run state is gone, so nobody can say more. */
export const LOST: Termination = {
  state: TaskState.TASK_FAILED,
  reason: TaskStatusReason.REASON_EXECUTOR_TERMINATED,
  message: 'the container was gone when the agent came back',
}
