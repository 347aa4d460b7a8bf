/**
 * Containers that are the first below a cgroup and come at the same moment. On v2 one of them may still be handing controllers down when the next looks
 * whether they are there: it must wait for their files, and neither fail nor do without.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Config, RUNTIME, Workplace } from './workplace.js'

const ROUNDS = 6
const NAMES = Array.from({ length: 16 }, (_, index) => `c${index}`)
/** Not every kernel counts them. */
const countsHugePages = readFileSync('/proc/cgroups', 'utf8').includes('hugetlb\t')
const hugepageLimits = countsHugePages ? [{ pageSize: '2MB', limit: 4 << 20 }] : []
const LIMITS = { cpu: { period: 200_000 }, pids: { limit: 77 }, hugepageLimits }
/** Of v1, of v2, and what is expected there; hybrid hosts have huge pages in either version. */
const FILES: readonly [string, string, string][] = [
  ['pids/pids.max', 'pids.max', '77'],
  ['cpu/cpu.cfs_period_us', 'cpu.max', '200000'],
  ...hugepageLimits.map(({ limit }): [string, string, string] => [
    'hugetlb/hugetlb.2MB.limit_in_bytes',
    'hugetlb.2MB.max',
    String(limit),
  ]),
]

test('all of them are created, and each has every limit', { timeout: 120_000 }, async () => {
  for (let round = 0; round < ROUNDS; round++) await inAFreshPlace()
})

async function inAFreshPlace(): Promise<void> {
  const place = await Workplace.prepare()
  try {
    place.configure('true', (config) => Object.assign(config.linux.resources, LIMITS))
    const waiting = await Promise.all(NAMES.map((name) => readyToCreate(place, name)))
    const answers = await Promise.all(waiting.map((create) => create()))
    expect(answers).toEqual(NAMES.map(() => ({ code: 0, err: '' })))
    expect(NAMES.map((name) => limits(join(place.name, name)))).toEqual(NAMES.map(() => FILES.map(([, , value]) => value)))
  } finally {
    await place.dispose()
  }
}

/** What it gives back makes it go on, without any work that would let another go first. */
async function readyToCreate(place: Workplace, name: string) {
  const bundle = join(place.directory, name)
  mkdirSync(bundle)
  const config: Config = JSON.parse(readFileSync(join(place.bundle, 'config.json'), 'utf8'))
  config.root = { path: join(place.bundle, 'rootfs') }
  config.linux.cgroupsPath = `/${place.name}/${name}`
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config))
  const errors = join(bundle, 'err')
  // Neither of the pipes: the container would hold it open.
  const script = `echo ready; read go; exec "$0" "$@" < /dev/null > /dev/null 2> ${errors}`
  const words = ['--root', join(place.directory, 'state'), 'create', '--bundle', bundle, name]
  const program = spawn('sh', ['-c', script, RUNTIME, ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(program, 'exit')
  await once(program.stdout, 'data')
  return async () => {
    program.stdin.end()
    const [code] = await ended
    return { code, err: readFileSync(errors, 'utf8') }
  }
}

function limits(path: string): (string | undefined)[] {
  return FILES.map(([v1, v2]) => {
    const [controller = '', file = ''] = v1.split('/')
    const candidates = [join(controller, path, file), join('unified', path, v2), join(path, v2)]
    const found = candidates.map((candidate) => join('/sys/fs/cgroup', candidate)).find((candidate) => existsSync(candidate))
    return found && readFileSync(found, 'utf8').trim().split(' ').at(-1)
  })
}
