import type { IsolatorModule } from '../isolator.js'

/** Gives a container a cgroup of its own without setting anything in it, as Mesos does (rows 6-025, 6-028, 6-061): for tasks and tools that do. */
const joined = (controller: string): IsolatorModule => ({
  name: `cgroups/${controller}`,
  linux: true,
  controllers: [controller],
  create: () => ({ prepare: () => ({ cgroups: { controllers: [controller] } }) }),
})

/** Cpus and memory nodes are those of the agent. */
export const cgroupsCpuset = joined('cpuset')
export const cgroupsHugetlb = joined('hugetlb')
export const cgroupsNetPrio = joined('net_prio')
