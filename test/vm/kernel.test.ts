/**
 * The short form of `npm run vm`: one machine with pure cgroup v2, which this host need not have, and of test/kernel and test/vm/inside the files that do
 * something else there than elsewhere: limits and who is told of them, every controller, killing and freezing whole trees, devices, nesting, first
 * containers that come all at once.
 * Each file is a test here; what failed inside is told by name and reason.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { whatIsMissing } from './machine/missing.js'
import { failuresOf, type Report, runTests } from './run-tests.js'

const FILES = [
  'test/kernel/containerizer/limits.test.ts',
  'test/kernel/cgroups/isolators.test.ts',
  'test/kernel/cgroups/settings.test.ts',
  'test/kernel/cgroups/memory.test.ts',
  'test/kernel/cgroups/recovery.test.ts',
  'test/kernel/cgroups/kill.test.ts',
  'test/kernel/cgroups/contained.test.ts',
  'test/kernel/devices/isolator.test.ts',
  'test/kernel/devices/unified.test.ts',
  'test/kernel/nested/lifecycle.test.ts',
  'test/kernel/oci/together.test.ts',
  'test/vm/inside/resources.test.ts',
]

/** Seconds: three times of what it takes on two cores. One machine that gets stuck leaves time for another. */
const LIMIT = 400

const missing = await whatIsMissing()
let report: Report

describe('on pure cgroup v2', () => {
  beforeAll(async () => {
    if (missing === undefined) report = (await runTests('v2', FILES, { limit: LIMIT })).report
  }, 900_000)

  for (const file of FILES) {
    test(file, ({ skip }) => {
      if (missing !== undefined) skip(missing)
      expect(failuresOf(report, file)).toEqual([])
    })
  }
})
