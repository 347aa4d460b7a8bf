/** Limits of a container that runs: by options or by a file of resources. What is asked of the kernel is read from its files. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Workplace } from './workplace.js'

const MIB = 1024 * 1024

/** One limit has a file in cgroups v1, below its controller, and another one in v2. */
const FILES = {
  pids: ['pids/', 'pids.max', 'pids.max'],
  memory: ['memory/', 'memory.limit_in_bytes', 'memory.max'],
  memoryAndSwap: ['memory/', 'memory.memsw.limit_in_bytes', ''],
  swap: ['memory/', '', 'memory.swap.max'],
  softLimit: ['memory/', 'memory.soft_limit_in_bytes', 'memory.low'],
  idle: ['cpu/', 'cpu.idle', 'cpu.idle'],
} as const

/** v1 says "no limit" with the largest number of whole pages. */
const UNLIMITED = ['max', '9223372036854771712']

let place: Workplace

beforeEach(async () => {
  place = await Workplace.prepare()
  place.configure('sleep 1000', (config) => {
    config.linux.resources.pids = { limit: 20 }
    config.linux.resources.memory = { limit: 32 * MIB }
  })
  place.oci('run', '--detach', 'c1')
})

afterEach(() => place.dispose())

const update = (...options: string[]) => place.oci('update', ...options, 'c1')

/** Undefined where the kernel has no such file. */
function limit(of: keyof typeof FILES): string | undefined {
  const [controller, v1, v2] = FILES[of]
  const paths = [v1 && `${controller}${place.name}/c1/${v1}`, v2 && `${place.name}/c1/${v2}`].filter((path) => path !== '')
  const file = paths.map((path) => `/sys/fs/cgroup/${path}`).find((path) => existsSync(path))
  return file && readFileSync(file, 'utf8').trim()
}

test('each limit is raised, lowered and removed', () => {
  for (const [option, wanted] of [
    ['33', '33'],
    ['10', '10'],
    ['0', '1'],
    ['-1', 'max'],
  ] as const) {
    expect(update('--pids-limit', option)).toMatchObject({ code: 0, err: '' })
    expect(limit('pids')).toBe(wanted)
  }
  for (const [option, wanted] of [
    ['67108864', 64 * MIB],
    ['50M', 50 * MIB],
    ['0.5g', 512 * MIB],
  ] as const) {
    expect(update('--memory', option, '--memory-reservation', '24MiB')).toMatchObject({ code: 0, err: '' })
    expect([limit('memory'), limit('softLimit')]).toEqual([`${wanted}`, `${24 * MIB}`])
  }
  expect(JSON.parse(place.oci('events', '--stats', 'c1').out).type).toBe('stats')
})

test('swap is limited together with memory, and has no limit when memory has none', () => {
  const swaps = () => [limit('memoryAndSwap') ?? `${80 * MIB}`, limit('swap') ?? `${20 * MIB}`]
  expect(update('--memory', '60M', '--memory-swap', '80M')).toMatchObject({ code: 0, err: '' })
  expect([limit('memory'), ...swaps()]).toEqual([60, 80, 20].map((size) => `${size * MIB}`))
  expect(update('--memory-swap', '70M')).toMatchObject({ code: 0, err: '' })
  expect([limit('memoryAndSwap') ?? `${70 * MIB}`, limit('swap') ?? `${10 * MIB}`]).toEqual(
    [70, 10].map((size) => `${size * MIB}`),
  )
  expect(update('--memory', '-1')).toMatchObject({ code: 0, err: '' })
  for (const of of ['memory', 'memoryAndSwap', 'swap'] as const) expect(UNLIMITED).toContain(limit(of) ?? 'max')
})

test('resources come from a file, and change nothing else', () => {
  const file = join(place.directory, 'resources.json')
  writeFileSync(file, JSON.stringify({ memory: { limit: 48 * MIB }, cpu: { idle: 1 } }))
  expect(update('--resources', file)).toMatchObject({ code: 0, err: '' })
  expect([limit('memory'), limit('idle'), limit('pids')]).toEqual([`${48 * MIB}`, '1', '20'])
})

test('what is no limit is refused by name, and nothing is changed', () => {
  expect(update('--memory', '50 cows').err).toContain('--memory: it is no amount of memory')
  expect(update('--pids-limit', 'many').err).toContain('--pids-limit: it is not a number')
  expect(update('--cpu-idle', '2', '--memory', '40M').err).toContain('cpu.idle is 0 or 1, and not 2')
  expect([limit('memory'), limit('pids'), limit('idle')]).toEqual([`${32 * MIB}`, '20', '0'])
})
