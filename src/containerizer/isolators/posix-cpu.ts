import type { IsolatorModule } from '../isolator.js'
import { cpuUsage } from '../statistics.js'

/** Tells what is used and enforces nothing (row 6-019). */
export const posixCpu: IsolatorModule = {
  name: 'posix/cpu',
  create: () => ({
    usage: ({ config }, statistics) => ({ ...cpuUsage(statistics), cpusLimit: config.resources.cpus }),
  }),
}
