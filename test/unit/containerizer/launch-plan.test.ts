import { expect, test } from 'vitest'
import { composePlan, mergeFragments } from '#containerizer/launch-plan.js'

test('lists are joined in the order of the isolators, objects field by field', () => {
  const merged = mergeFragments([
    ['a', { mounts: [{ target: '/a' }], namespaces: { mount: true }, cgroups: { controllers: ['cpu'] } }],
    ['b', { mounts: [{ target: '/b' }], namespaces: { mount: true, pid: true }, cgroups: { controllers: ['memory'] } }],
  ])
  expect(merged).toEqual({
    mounts: [{ target: '/a' }, { target: '/b' }],
    namespaces: { mount: true, pid: true },
    cgroups: { controllers: ['cpu', 'memory'] },
  })
})

test('isolators that disagree are refused by name', () => {
  expect(() =>
    mergeFragments([
      ['one', { cgroups: { settings: { cpu: { shares: 2n } } } }],
      ['two', { cgroups: { settings: { cpu: { shares: 3n } } } }],
    ]),
  ).toThrow('isolators one and two disagree about cgroups.settings.cpu.shares of the launch plan')
})

test('merging leaves the fragments as they were', () => {
  const first = { mounts: [{ target: '/a' }], namespaces: { mount: true } }
  mergeFragments([
    ['a', first],
    ['b', { mounts: [{ target: '/b' }], namespaces: { pid: true } }],
  ])
  expect(first).toEqual({ mounts: [{ target: '/a' }], namespaces: { mount: true } })
})

const base = {
  containerId: 'c1',
  cgroupPath: 'mesos/c1',
  process: { executable: '/bin/true', arguments: ['true'], environment: [], workingDirectory: '/s', stdio: {} },
}

test('a plan joins each cgroup controller once', () => {
  const plan = composePlan(base, { cgroups: { controllers: ['cpu', 'cpu', 'memory'] } })
  expect(plan.cgroups).toEqual({ path: 'mesos/c1', controllers: ['cpu', 'memory'], settings: undefined })
})

test('a plan without controllers has no cgroups', () => {
  expect(composePlan(base, {}).cgroups).toBeUndefined()
})

test("the isolators' part of the process joins the command's", () => {
  const plan = composePlan(base, { process: { oomScoreAdjustment: 500 }, environment: { A: 'b' } })
  expect(plan.process).toEqual({ ...base.process, oomScoreAdjustment: 500 })
  expect(plan).not.toHaveProperty('environment')
})
