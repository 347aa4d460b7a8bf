/**
 * `npm run vm -- [WORLD] [FILE…]` runs kernel tests in a virtual machine whose kernel has what this host's has not: pure cgroup v2 (or
 * v1, or both), every capability, XFS quotas, swap. Without a world: on v2, then on v1. Without files: all, in one machine for each room, and what came of
 * each is told. `npm run vm -- WORLD --job SCRIPT` runs
 * a script of yours there, in /meseta. See docs/design/vm.md.
 */
import { readdir, readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { parseArgs } from 'node:util'
import { VirtualMachine, WORLDS, type World } from './machine/boot.js'
import { whatIsMissing } from './machine/missing.js'
import { type Counts, countsOf, runTests } from './run-tests.js'

const { values, positionals } = parseArgs({ options: { job: { type: 'string' } }, allowPositionals: true })
const isWorld = (name: string | undefined): name is World => WORLDS.some((world) => world === name)
const [first, ...rest] = positionals
const worlds: readonly World[] = isWorld(first) ? [first] : ['v2', 'v1']
const files = isWorld(first) ? rest : positionals
const onOutput = (text: string): void => void process.stdout.write(text)

async function runJob(world: World, script: string): Promise<boolean> {
  const machine = await VirtualMachine.boot({ world, job: await readFile(script, 'utf8'), onOutput })
  return (await machine.end()).status === 0
}

/** What runs in one machine. One that gets stuck costs its own room only. */
async function ordersOf(): Promise<readonly (readonly string[])[]> {
  if (files.length > 0) return [files]
  const kernel = await readdir('test/kernel', { withFileTypes: true })
  const rooms = kernel.filter((entry) => entry.isDirectory()).map(({ name }) => `test/kernel/${name}/`)
  return [...rooms.sort(), 'test/vm/inside/'].map((room) => [room])
}

async function inWorld(world: World): Promise<boolean> {
  if (values.job !== undefined) return runJob(world, values.job)
  const lines: string[] = []
  let ok = true
  for (const order of await ordersOf()) {
    const name = `${world}: ${order.join(' ')}`
    console.log(`── ${name}`)
    const verdict = await runTests(world, order, { onOutput }).catch((error: Error) => error)
    if (verdict instanceof Error) console.error(verdict.message)
    ok &&= !(verdict instanceof Error) && verdict.ok
    lines.push(`${name}: ${verdict instanceof Error ? 'no result' : inWords(countsOf(verdict.report))}`)
  }
  console.log(`\n${lines.join('\n')}`)
  return ok
}

const inWords = ({ passed, failed, skipped }: Counts): string => `${passed} passed, ${failed} failed, ${skipped} skipped`

// A machine that runs ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(128 + constants.signals[signal]))
const missing = await whatIsMissing()
if (missing !== undefined) {
  console.error(missing)
  process.exit(2)
}
const failed: World[] = []
for (const world of worlds) if (!(await inWorld(world))) failed.push(world)
if (failed.length > 0) console.error(`Failed on ${failed.join(' and ')}.`)
process.exitCode = failed.length > 0 ? 1 : 0
