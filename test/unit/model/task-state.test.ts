import { expect, test } from 'vitest'
import { capabilitiesOf, rolesOf } from '#model/framework-capabilities.js'
import { canFollow, isTerminal, stateFor, taskStateName } from '#model/task-state.js'
import { FrameworkInfoCapabilityType, TaskState } from '#wire/mesos.js'

const all = Object.values(TaskState)
const aware = capabilitiesOf({ user: '', name: '', capabilities: [{ type: FrameworkInfoCapabilityType.PARTITION_AWARE }] })
const plain = capabilitiesOf({ user: '', name: '' })

test('what is terminal ends the task, for every state (8-015)', () => {
  expect(
    all
      .filter((it) => !isTerminal(it))
      .map(taskStateName)
      .sort(),
  ).toEqual(['TASK_KILLING', 'TASK_RUNNING', 'TASK_STAGING', 'TASK_STARTING', 'TASK_UNKNOWN', 'TASK_UNREACHABLE'])
  for (const from of all.filter(isTerminal)) for (const to of all) expect(canFollow(from, to)).toBe(false)
})

test('a live task repeats, goes on and ends, but does not go back', () => {
  const { TASK_STAGING, TASK_STARTING, TASK_RUNNING, TASK_KILLING, TASK_KILLED, TASK_UNREACHABLE } = TaskState
  expect(canFollow(TASK_RUNNING, TASK_RUNNING)).toBe(true)
  expect(canFollow(TASK_STAGING, TASK_RUNNING)).toBe(true)
  expect(canFollow(TASK_RUNNING, TASK_STARTING)).toBe(false)
  expect(canFollow(TASK_KILLING, TASK_RUNNING)).toBe(false)
  expect(canFollow(TASK_STAGING, TASK_KILLED)).toBe(true)
  expect(canFollow(TASK_UNREACHABLE, TASK_STARTING)).toBe(true)
})

test('frameworks without PARTITION_AWARE hear TASK_LOST (8-017)', () => {
  expect(all.map((it) => stateFor(aware, it))).toEqual(all)
  expect(
    all
      .filter((it) => stateFor(plain, it) !== it)
      .map(taskStateName)
      .sort(),
  ).toEqual(['TASK_DROPPED', 'TASK_GONE', 'TASK_GONE_BY_OPERATOR', 'TASK_UNKNOWN', 'TASK_UNREACHABLE'])
})

test("a framework without MULTI_ROLE has one role, '*' by default (1-059)", () => {
  expect(rolesOf({ user: '', name: '' })).toEqual(['*'])
  expect(rolesOf({ user: '', name: '', role: 'a' })).toEqual(['a'])
  expect(
    rolesOf({ user: '', name: '', roles: ['a', 'b'], capabilities: [{ type: FrameworkInfoCapabilityType.MULTI_ROLE }] }),
  ).toEqual(['a', 'b'])
})
