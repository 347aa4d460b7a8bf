import { expect, test } from 'vitest'
import { ContainerizerErrors, launchFailed } from '#containerizer/errors.js'
import { type LifecycleEvent, nextPhase, type Phase } from '#containerizer/lifecycle.js'
import { failedLaunch, terminationOf } from '#containerizer/termination.js'
import { TaskState, TaskStatusReason, ValueType } from '#wire/mesos.js'

const after = (...events: LifecycleEvent[]): Phase => events.reduce<Phase>(nextPhase, 'preparing')

test('a whole life', () => {
  expect(after('cloned', 'go')).toBe('starting')
  expect(after('cloned', 'go', 'started')).toBe('running')
  expect(after('cloned', 'go', 'started', 'ended')).toBe('ended')
})

const PHASES: Phase[] = ['preparing', 'cloned', 'starting', 'running', 'ended', 'destroying']

test.each(PHASES)('destroy is possible while %s (row 6-004), and final', (phase) => {
  const destroyed = nextPhase(phase, 'destroy')
  expect(destroyed).toBe('destroying')
  for (const late of ['cloned', 'go', 'started', 'ended'] as const) expect(nextPhase(destroyed, late)).toBe('destroying')
})

test('what comes too late changes nothing', () => {
  expect(after('cloned', 'go', 'ended', 'started')).toBe('ended')
  expect(after('go')).toBe('preparing')
})

test('a plain exit is its wait status and nothing more', () => {
  expect(terminationOf({ how: 'exited', waitStatus: 768, oomKills: 0, finishedAt: 1 }, undefined)).toEqual({ waitStatus: 768 })
})

test('a limitation is the reason, beside the wait status', () => {
  const limitation = {
    reason: TaskStatusReason.REASON_CONTAINER_LIMITATION_MEMORY,
    message: 'too much',
    resources: [{ name: 'mem', type: ValueType.SCALAR, scalar: { value: 64 } }],
  }
  expect(terminationOf({ how: 'exited', waitStatus: 9, oomKills: 1, finishedAt: 1 }, limitation)).toEqual({
    waitStatus: 9,
    state: TaskState.TASK_FAILED,
    reason: limitation.reason,
    message: 'too much',
    limitation: { resources: limitation.resources },
  })
})

test('a failed step reaches the user as one sentence', () => {
  const end = { how: 'failed', reason: 'could not mount volumes /data/in: no such file or directory', finishedAt: 1 } as const
  expect(terminationOf(end, undefined)).toEqual({
    state: TaskState.TASK_FAILED,
    reason: TaskStatusReason.REASON_CONTAINER_LAUNCH_FAILED,
    message: 'Failed to launch container: could not mount volumes /data/in: no such file or directory',
  })
})

test('a lost supervisor is said as it is, without a wait status', () => {
  expect(terminationOf({ how: 'lost', reason: 'its supervisor was killed' }, undefined)).toEqual({
    state: TaskState.TASK_FAILED,
    message: 'its supervisor was killed',
  })
})

test('a launch failure is wrapped once', () => {
  const error = launchFailed(launchFailed(new Error('because')))
  expect(error.message).toBe('Failed to launch container: because')
})

test('refusals have the reasons that were recorded of Mesos', () => {
  expect(failedLaunch(launchFailed(ContainerizerErrors.DOCKER_UNSUPPORTED({}))).reason).toBe(
    TaskStatusReason.REASON_EXECUTOR_TERMINATED,
  )
  expect(failedLaunch(ContainerizerErrors.RLIMIT_INVALID({ limit: 'CPU', why: 'x' })).reason).toBe(
    TaskStatusReason.REASON_EXECUTOR_TERMINATED,
  )
  expect(failedLaunch(ContainerizerErrors.NETWORK_UNKNOWN({ name: 'x' })).reason).toBe(
    TaskStatusReason.REASON_CONTAINER_LAUNCH_FAILED,
  )
})
