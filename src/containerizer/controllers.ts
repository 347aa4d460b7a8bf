import type { HostFacts } from '#host/host.js'

/** Controllers of this host, whichever version of cgroups has them, in the names of v1. */
export function availableControllers({ cgroups }: Pick<HostFacts, 'cgroups'>): ReadonlySet<string> {
  return new Set(cgroups.hierarchies.flatMap((hierarchy) => hierarchy.controllers ?? []))
}

/** Cgroup v2 has this controller here; hybrid hosts have some on either side. */
export function isUnified({ cgroups }: Pick<HostFacts, 'cgroups'>, controller: string): boolean {
  return cgroups.hierarchies.some(({ unified, controllers }) => unified && controllers?.includes(controller))
}

/** Died with cgroup v1: packet filters of today match cgroups themselves. */
const ONLY_V1 = ['net_cls', 'net_prio']

/** Why a controller is not here, as the end of a sentence. */
export function whyMissing(controllers: readonly string[]): string {
  return controllers.some((name) => ONLY_V1.includes(name))
    ? 'which only cgroup v1 has, and is not mounted here'
    : 'not mounted here'
}
