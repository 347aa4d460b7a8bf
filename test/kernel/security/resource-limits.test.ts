import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ContainerInfoType, type RLimitInfoRLimit, RLimitInfoRLimitType as Type } from '#wire/mesos.js'
import { RealMachine } from '../../support/real-machine.js'
import { Workplace } from '../containerizer/workplace.js'

/** Row 6-020, T151. */
let place: Workplace
beforeAll(async () => {
  place = await Workplace.open()
})
afterAll(() => place.close())

const run = (script: string, ...rlimits: RLimitInfoRLimit[]) =>
  place.run(script, { container: { type: ContainerInfoType.MESOS, rlimitInfo: { rlimits } } })

/** The kernel's words for each, as /proc/<pid>/limits has them. */
const WORDS: Readonly<Record<string, string>> = {
  RLMT_AS: 'Max address space',
  RLMT_CORE: 'Max core file size',
  RLMT_CPU: 'Max cpu time',
  RLMT_DATA: 'Max data size',
  RLMT_FSIZE: 'Max file size',
  RLMT_LOCKS: 'Max file locks',
  RLMT_MEMLOCK: 'Max locked memory',
  RLMT_MSGQUEUE: 'Max msgqueue size',
  RLMT_NICE: 'Max nice priority',
  RLMT_NOFILE: 'Max open files',
  RLMT_NPROC: 'Max processes',
  RLMT_RSS: 'Max resident set',
  RLMT_RTPRIO: 'Max realtime priority',
  RLMT_RTTIME: 'Max realtime timeout',
  RLMT_SIGPENDING: 'Max pending signals',
  RLMT_STACK: 'Max stack size',
}

function limitOf(limits: string, words: string): [soft: string, hard: string] {
  const [, soft = '', hard = ''] = new RegExp(`^${words}\\s+(\\S+)\\s+(\\S+)`, 'm').exec(limits) ?? []
  return [soft, hard]
}

function mayRaise(): boolean {
  const [, effective = '0'] = /^CapEff:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return ((BigInt(`0x${effective}`) >> 24n) & 1n) === 1n
}

const own = readFileSync('/proc/self/limits', 'utf8')

test.each(Object.entries(WORDS))('%s is set', async (name, words) => {
  const hard = limitOf(own, words)[1]
  const roof = hard === 'unlimited' ? 1n << 40n : BigInt(hard)
  const soft = roof > 10n ? roof / 2n : roof
  const { stdout } = await run('cat /proc/self/limits', { type: Type[name as keyof typeof Type], soft, hard: roof })
  expect(limitOf(stdout, words)).toEqual([String(soft), String(roof)])
})

test('neither value means unlimited', async () => {
  const { stdout, termination } = await run('cat /proc/self/limits', { type: Type.RLMT_CORE })
  const isPossible = mayRaise() || limitOf(own, 'Max core file size')[1] === 'unlimited'
  if (isPossible) expect(limitOf(stdout, 'Max core file size')).toEqual(['unlimited', 'unlimited'])
  else expect(termination.message).toMatch(/could not set the resource limit CORE: above \d+ it needs CAP_SYS_RESOURCE/)
})

test('above what the agent has, the sentence says what is missing', async () => {
  const present = limitOf(own, 'Max msgqueue size')[1]
  const above = BigInt(present) + 1n
  const { message } = (await run('true', { type: Type.RLMT_MSGQUEUE, soft: above, hard: above })).termination
  if (mayRaise()) expect(message).toBeUndefined()
  else
    expect(message).toContain(
      `resource limit MSGQUEUE: above ${present} it needs CAP_SYS_RESOURCE, which the agent does not have`,
    )
})

test('who may not lower the OOM score is told what is missing', async () => {
  const machine = await RealMachine.prepare()
  try {
    const host = await machine.open()
    const plan = machine.plan('c1', 'cat /proc/self/oom_score_adj')
    const container = await host.start({ ...plan, process: { ...plan.process, oomScoreAdjustment: -500 } })
    container.go()
    const end = await container.ended
    if (mayRaise()) expect(await machine.output()).toBe('-500\n')
    else
      expect(end).toMatchObject({
        how: 'failed',
        reason: expect.stringMatching(/OOM score adjustment -500: below -?\d+ it needs CAP_SYS_RESOURCE/),
      })
  } finally {
    await machine.dispose()
  }
})

test('who exceeds a limit is ended by the kernel', async () => {
  const { termination } = await run('while :; do :; done', { type: Type.RLMT_CPU, soft: 1n, hard: 2n })
  expect((termination.waitStatus ?? 0) & 0x7f).toBe(24) // SIGXCPU
})
