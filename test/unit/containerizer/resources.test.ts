import { expect, test } from 'vitest'
import { commandTaskResources, containerResources } from '#containerizer/resources.js'
import { ValueType } from '#wire/mesos.js'
import { MEGABYTE } from './fixture.js'

const scalar = (name: string, value: number, revocable = false) => ({
  name,
  type: ValueType.SCALAR,
  scalar: { value },
  ...(revocable && { revocable: {} }),
})

test('shares are summed over their resources', () => {
  const share = { resources: [scalar('cpus', 0.5), scalar('mem', 64), scalar('cpus', 1, true)] }
  expect(containerResources([share, share])).toEqual({
    cpus: 3,
    revocableCpus: 2,
    memory: 128 * MEGABYTE,
    cpuLimit: undefined,
    memoryLimit: undefined,
  })
})

test('as soon as one share has a limit the container has one, and shares without count by their request (row 5-023)', () => {
  const limited = { resources: [scalar('cpus', 1), scalar('mem', 64)], limits: { mem: { value: 128 } } }
  const plain = { resources: [scalar('cpus', 1), scalar('mem', 32)] }
  const sums = containerResources([limited, plain])
  expect(sums.memoryLimit).toBe(160 * MEGABYTE)
  expect(sums.cpuLimit).toBeUndefined()
})

test('an infinite limit stays infinite', () => {
  const { cpuLimit, memoryLimit } = containerResources([{ limits: { cpus: { value: Infinity }, mem: { value: Infinity } } }])
  expect([cpuLimit, memoryLimit]).toEqual([Infinity, Infinity])
})

test('a command task gets 0.1 cpus and 32 MB on top of requests and limits (row 2-030)', () => {
  const task = { resources: [scalar('cpus', 1), scalar('mem', 32)], limits: { mem: { value: 64 } } }
  expect(commandTaskResources(task)).toEqual({
    cpus: 1.1,
    revocableCpus: 0,
    memory: 64 * MEGABYTE,
    cpuLimit: undefined,
    memoryLimit: 96 * MEGABYTE,
  })
})
