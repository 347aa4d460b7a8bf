import type { IsolatorModule } from '../isolator.js'
import { processUsage } from '../statistics.js'

/** Caps processes and threads of a container (row 6-030; Mesos only counts them), so that a fork bomb ends where it began (S46). */
export const cgroupsPids: IsolatorModule = {
  name: 'cgroups/pids',
  linux: true,
  controllers: ['pids'],
  create: ({ flags }) => ({
    prepare: () => ({
      cgroups: {
        controllers: ['pids'],
        settings: { pids: { max: flags.cgroupsPidsMax === 0 ? -1n : BigInt(flags.cgroupsPidsMax) } },
      },
    }),
    usage: (_, statistics) => processUsage(statistics),
  }),
}
