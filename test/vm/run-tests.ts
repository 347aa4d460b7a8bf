import { join } from 'node:path'
import { VirtualMachine, type World } from './machine/boot.js'
import { emptyDisk } from './machine/disks.js'
import { withScratch } from './machine/scratch.js'
import { againIfStuck } from './machine/stuck.js'

/** What vitest's JSON reporter says, as far as it matters here. */
export interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

export interface Verdict {
  readonly report: Report
  readonly ok: boolean
}

/** Raw disks for the tests to do with as they like: /dev/vdc and /dev/vdd. */
const SCRATCH_DISKS = 2
const SCRATCH_SIZE = 1024 * 1024 * 1024

export interface Watch {
  readonly onOutput?: (text: string) => void
  /** Seconds for each machine. */
  readonly limit?: number
}

/** Runs files of the rooms test/kernel and test/vm/inside (all, if none is named) in a machine of that world. */
export const runTests = (world: World, files: readonly string[], watch: Watch): Promise<Verdict> =>
  againIfStuck(() => runInOneMachine(world, files, watch))

async function runInOneMachine(world: World, files: readonly string[], watch: Watch): Promise<Verdict> {
  return withScratch(async (directory) => {
    const disks = Array.from({ length: SCRATCH_DISKS }, (_, index) => join(directory, `${index}`))
    for (const disk of disks) await emptyDisk(disk, SCRATCH_SIZE)
    const machine = await VirtualMachine.boot({ world, job: jobOf(files), disks, ...watch })
    const { status, report, console } = await machine.end()
    if (status === undefined || report === '')
      throw new Error(`the virtual machine gave no result; its last words:\n${console.slice(-LAST_WORDS)}`)
    return { report: JSON.parse(report) as Report, ok: status === 0 }
  })
}

/** Enough for what test/vm/start/witness has to say. */
const LAST_WORDS = 30_000

/** Through a pipe: on a terminal vitest repaints its last lines all the time. */
const jobOf = (files: readonly string[]): string => `
export CI=1 NO_COLOR=1
node node_modules/vitest/vitest.mjs run --project kernel --project inside --reporter=verbose --reporter=json \
  --outputFile.json=/tmp/report.json ${files.map((file) => `'${file}'`).join(' ')} 2>&1 | cat
status=\${PIPESTATUS[0]}
cat /tmp/report.json > "$REPORT"
exit $status
`

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** A file that could not run counts as one that failed. */
export function countsOf({ testResults }: Report): Counts {
  const statuses = testResults.flatMap(({ assertionResults }) =>
    assertionResults.length > 0 ? assertionResults.map(({ status }) => status) : ['failed'],
  )
  const count = (...wanted: string[]): number => statuses.filter((status) => wanted.includes(status)).length
  return { passed: count('passed'), failed: count('failed'), skipped: count('pending', 'skipped', 'todo', 'disabled') }
}

/** What failed in one file, a line each. A file that did not run has failed, and so has one that has no tests. */
export function failuresOf(report: Report, file: string): string[] {
  const found = report.testResults.find(({ name }) => name.endsWith(file))
  if (found === undefined) return [`${file} did not run`]
  if (found.assertionResults.length === 0) return [`${file}: ${found.message}`]
  return found.assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join('\n')}`)
}
