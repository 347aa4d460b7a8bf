import type { IsolatorModule } from '../isolator.js'

/** No program gains by being executed what its caller does not have: setuid and file capabilities count for nothing (row 6-036, S45). */
export const linuxNnp: IsolatorModule = {
  name: 'linux/nnp',
  linux: true,
  create: () => ({ prepare: () => ({ process: { noNewPrivileges: true } }) }),
}
