// Counts of tests from the reports of vitest (JSON) and cargo (text).

export const nothing = { passed: 0, failed: 0, skipped: 0 }

export const sum = (counts) =>
  counts.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }), nothing)

/** A file that could not even be loaded has no tests, yet counts as one that failed. */
export function fromVitest(report) {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

const CARGO_RESULT = /^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored/gm

export function fromCargo(output) {
  return sum(
    [...output.matchAll(CARGO_RESULT)].map(([, passed, failed, ignored]) => ({
      passed: +passed,
      failed: +failed,
      skipped: +ignored,
    })),
  )
}

/** `12 passed, 0 failed`, with the skipped ones where there are any. */
export function sentence({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
