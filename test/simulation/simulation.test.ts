import { expect, test } from 'vitest'
import { simulate } from './simulation.js'

const SEEDS = 200

test(`${SEEDS} seeds of a cluster whose every part is killed keep every promise`, () => {
  const failed = []
  let faults = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outcome = simulate(seed)
    faults += outcome.faults
    if (outcome.violations.length > 0) failed.push({ seed, violations: outcome.violations })
  }
  expect(failed).toEqual([])
  expect(faults).toBeGreaterThan(SEEDS * 10)
})

test('a seed replays exactly', () => {
  const run = (): string[] => {
    const lines: string[] = []
    simulate(7, { trace: (line) => lines.push(line) })
    return lines
  }
  expect(run()).toEqual(run())
})
