import { VirtualMachine, type World } from './machine/boot.js'

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

/** Runs files of the room test/kernel (all, if none is named) in a machine of that world. */
export async function runTests(world: World, files: readonly string[], onOutput?: (text: string) => void): Promise<Verdict> {
  const named = files.map((file) => `'${file}'`).join(' ')
  const job = `
export CI=1 NO_COLOR=1
# Through a pipe: on a terminal vitest repaints its last lines all the time.
node node_modules/vitest/vitest.mjs run --project kernel --reporter=verbose --reporter=json --outputFile.json=/tmp/report.json ${named} 2>&1 | cat
status=\${PIPESTATUS[0]}
cat /tmp/report.json > "$REPORT"
exit $status
`
  const machine = await VirtualMachine.boot({ world, job, ...(onOutput && { onOutput }) })
  const { status, report, console } = await machine.end()
  if (status === undefined || report === '')
    throw new Error(`the virtual machine gave no result; its last words:\n${console.slice(-4000)}`)
  return { report: JSON.parse(report) as Report, ok: status === 0 }
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
