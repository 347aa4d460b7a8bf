import { defineConfig } from 'vitest/config'

/** One project per test room; a room is named for what its tests need (design §7). */
const room = (name: string, extra: object = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], ...extra },
})

/** How much longer all may take: the virtual machine of test/vm is emulated. */
const slowness = process.env.MESETA_INSIDE_VM ? 5 : 1

/** Rooms whose tests own the machine (kernel, processes, ports): one room after another, one file after another, each in a process. */
const alone = (groupOrder: number, extra: object = {}) => ({
  fileParallelism: false,
  maxWorkers: 1,
  pool: 'forks' as const,
  testTimeout: 120_000 * slowness,
  hookTimeout: 120_000 * slowness,
  // As long as a busy machine, or an emulated one, may need to get into a state.
  expect: { poll: { timeout: 20_000 } },
  sequence: { groupOrder },
  ...extra,
})

export default defineConfig({
  resolve: { conditions: ['source', 'node'] },
  ssr: { resolve: { conditions: ['source', 'node'] } },
  test: {
    projects: [
      room('unit'),
      room('contract', { testTimeout: 60_000 }),
      room('tidy', { testTimeout: 120_000 }),
      room('simulation', { testTimeout: 600_000 }),
      room('cluster', alone(1)),
      room('kernel', alone(2)),
      room('vm', alone(3, { include: ['test/vm/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000 })),
      room('conformance', alone(4, { testTimeout: 900_000 })),
      room('perf', alone(5, { testTimeout: 600_000 })),
      // What only the virtual machine of test/vm can do; it runs them inside.
      ...(process.env.MESETA_INSIDE_VM ? [room('inside', alone(2, { include: ['test/vm/inside/**/*.test.ts'] }))] : []),
    ],
  },
})
