import type { HostFacts } from '#host/host.js'
import { availableControllers } from './controllers.js'
import { ContainerizerErrors } from './errors.js'
import type { PlanFragment } from './launch-plan.js'

export type Launcher = 'linux' | 'posix'

/** Row 6-007: linux for root, else posix; what was named must be possible. */
export function chooseLauncher(flag: Launcher | undefined, facts: HostFacts): { launcher: Launcher; missing: string[] } {
  if (flag === 'linux' && !facts.root) throw ContainerizerErrors.LAUNCHER_NEEDS_ROOT({})
  const launcher = flag ?? (facts.root ? 'linux' : 'posix')
  const missing =
    launcher === 'linux' || facts.root
      ? []
      : [
          `without root every task runs as ${facts.user}, sees all files and processes of this host, and its cpus and memory are not enforced`,
          'without root no task can have an image, mounts or namespaces of its own',
        ]
  return { launcher, missing }
}

/**
 * What the launcher itself needs: a container without a pid namespace can only be killed for good through a freezer cgroup, since its processes
 * could fork away from any other list (row 6-008).
 */
export function launcherFragment(launcher: Launcher, merged: PlanFragment, facts: HostFacts): PlanFragment {
  const freezer = launcher === 'linux' && !merged.namespaces?.pid && availableControllers(facts).has('freezer')
  return freezer ? { cgroups: { controllers: ['freezer'] } } : {}
}
