import { expect, test } from 'vitest'
import { cgroupPath, checkNestedId, containerId, debugConfig, depthOf, sharesCgroups } from '#containerizer/nesting.js'
import type { Container } from '#host/host.js'
import { config, container, prepared } from './fixture.js'

const process = {} as Container
const top = prepared({ config: config({ id: 'pod' }) })
const child = prepared({ config: config({ id: 'pod.a', parent: 'pod' }), parent: { container: top, process } })
const grandchild = prepared({ config: config({ id: 'pod.a.b', parent: 'pod.a' }), parent: { container: child, process } })

test('a nested id begins with its parent and is as deep as it says', () => {
  for (const { config } of [top, child, grandchild]) checkNestedId(config)
  for (const id of ['a', 'pod.', 'pod.a.b', 'podx.a']) expect(() => checkNestedId(config({ id, parent: 'pod' })), id).toThrow()
  const deep = Array.from({ length: 32 }, (_, level) => `l${level}`)
  checkNestedId(config({ id: deep.join('.'), parent: deep.slice(0, -1).join('.') }))
  expect(() => checkNestedId(config({ id: `${deep.join('.')}.x`, parent: deep.join('.') }))).toThrow('deeper than 32')
})

test('messages have the chain of parents', () => {
  expect(containerId(grandchild.config)).toEqual({ value: 'b', parent: { value: 'a', parent: { value: 'pod' } } })
  expect([top, child, grandchild].map(({ config }) => depthOf(config))).toEqual([0, 2, 3])
})

test('cgroups lie below those of the parent, with limits of their own only if they are asked for', () => {
  expect(cgroupPath('mesos', grandchild)).toBe('mesos/pod/mesos/a/mesos/b')
  const own = container({ linuxInfo: { shareCgroups: false } })
  expect([top, child, { ...child, config: config({ ...child.config, container: own }) }].map(sharesCgroups)).toEqual([
    false,
    true,
    false,
  ])
})

test('a debug container is what its parent is where it does not say otherwise', () => {
  const variable = (name: string, value: string) => ({ name, value })
  const parent = config({
    user: 'alice',
    command: { value: 'x', environment: { variables: [variable('A', '1'), variable('B', '1')] } },
    container: container({ hostname: 'h', volumes: [{ containerPath: 'v', mode: 1 }] }),
  })
  const asked = config({ id: 'c1.d', parent: 'c1', command: { value: 'sh', environment: { variables: [variable('B', '2')] } } })
  const made = debugConfig(asked, parent)
  expect(made).toMatchObject({ user: 'alice', container: { hostname: 'h', volumes: [] }, command: { value: 'sh' } })
  expect(made.command.environment?.variables).toEqual([variable('A', '1'), variable('B', '1'), variable('B', '2')])
})
