import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { buildSuite, type Outcome, runProgram } from './runtime-tools.js'

const PEER = '/usr/sbin/runc'
const OURS = fileURLToPath(new URL('../../../prebuilds/linux-x64/meseta-oci', import.meta.url))

const missing = existsSync(PEER) ? undefined : `${PEER} is missing, beside which meseta-oci is judged`
const suite = missing ?? (process.getuid?.() === 0 ? buildSuite() : 'containers need root')

/** Its judgement is a race: it kills a program that may have ended by itself, so the faster runtime fails. Tested in test/kernel/oci/lifecycle.test.ts. */
const RACES = ["pidfile: create with '--pid-file' option works: does not hold"]

/** What the peer passes and we do not; with exit codes, since some programs print nothing. */
function worse(program: string, peer: Outcome, ours: Outcome): string[] {
  const failed = [...peer.assertions].filter(([name, held]) => held && ours.assertions.get(name) !== true)
  const sentences = failed.map(
    ([name]) => `${program}: ${name}: ${ours.assertions.has(name) ? 'does not hold' : 'was not reached'}`,
  )
  return peer.code === 0 && ours.code !== 0 ? [...sentences, `${program}: ends with ${ours.code}`] : sentences
}

const held = ({ assertions }: Outcome): number => [...assertions.values()].filter(Boolean).length

if (typeof suite === 'string') {
  test(`every assertion of runtime-tools that runc passes here passes with meseta-oci (${suite})`, (context) =>
    context.skip(suite))
} else {
  test('every assertion of runtime-tools that runc passes here passes with meseta-oci', () => {
    const outcomes = suite.programs.map((program) => ({
      program,
      peer: runProgram(suite, program, PEER),
      ours: runProgram(suite, program, OURS),
    }))
    const sum = (of: 'peer' | 'ours'): number => outcomes.reduce((total, outcome) => total + held(outcome[of]), 0)
    console.log(`runtime-tools: ${suite.programs.length} programs; runc ${sum('peer')} ok, meseta-oci ${sum('ours')} ok`)
    expect(sum('peer')).toBeGreaterThan(3000)
    const behind = outcomes.flatMap(({ program, peer, ours }) => worse(program, peer, ours))
    expect(behind.filter((sentence) => !RACES.includes(sentence))).toEqual([])
  })
}
