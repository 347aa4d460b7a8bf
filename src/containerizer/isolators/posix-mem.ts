import type { IsolatorModule } from '../isolator.js'
import { memoryUsage } from '../statistics.js'

/** Tells what is used and enforces nothing (row 6-019). */
export const posixMem: IsolatorModule = {
  name: 'posix/mem',
  create: () => ({
    usage: ({ config }, statistics) => ({ ...memoryUsage(statistics), memLimitBytes: BigInt(config.resources.memory) }),
  }),
}
