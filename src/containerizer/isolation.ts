import type { HostFacts } from '#host/host.js'
import { availableControllers, whyMissing } from './controllers.js'
import { ContainerizerErrors } from './errors.js'
import type { IsolatorModule } from './isolator.js'
import { cgroupsBlkio } from './isolators/cgroups-blkio.js'
import { cgroupsCpu } from './isolators/cgroups-cpu.js'
import { cgroupsDevices } from './isolators/cgroups-devices.js'
import { cgroupsCpuset, cgroupsHugetlb, cgroupsNetPrio } from './isolators/cgroups-joined.js'
import { cgroupsMem } from './isolators/cgroups-mem.js'
import { cgroupsNetCls } from './isolators/cgroups-net-cls.js'
import { cgroupsPerfEvent } from './isolators/cgroups-perf-event.js'
import { cgroupsPids } from './isolators/cgroups-pids.js'
import { diskDu } from './isolators/disk-du.js'
import { diskXfs } from './isolators/disk-xfs.js'
import { filesystemLinux } from './isolators/filesystem-linux.js'
import { filesystemPosix } from './isolators/filesystem-posix.js'
import { gpuNvidia } from './isolators/gpu-nvidia.js'
import { linuxCapabilities } from './isolators/linux-capabilities.js'
import { linuxDevices } from './isolators/linux-devices.js'
import { linuxNnp } from './isolators/linux-nnp.js'
import { linuxSeccomp } from './isolators/linux-seccomp.js'
import { namespacesIpc } from './isolators/namespaces-ipc.js'
import { namespacesPid } from './isolators/namespaces-pid.js'
import { namespacesUser } from './isolators/namespaces-user.js'
import { namespacesUts } from './isolators/namespaces-uts.js'
import { networkHost } from './isolators/network-host.js'
import { posixCpu } from './isolators/posix-cpu.js'
import { posixMem } from './isolators/posix-mem.js'
import { posixRlimits } from './isolators/posix-rlimits.js'
import { volumeHostPath } from './isolators/volume-host-path.js'
import { volumeImage } from './isolators/volume-image.js'
import { volumeSandboxPath } from './isolators/volume-sandbox-path.js'
import { volumeSecret } from './isolators/volume-secret.js'

/** All that are built in, in the order in which they prepare, whatever the order of the flag (row 6-010). */
const BUILT_IN: readonly IsolatorModule[] = [
  filesystemPosix,
  filesystemLinux,
  volumeHostPath,
  volumeImage,
  volumeSandboxPath,
  volumeSecret,
  posixCpu,
  posixMem,
  posixRlimits,
  cgroupsCpu,
  cgroupsMem,
  cgroupsPids,
  cgroupsBlkio,
  cgroupsCpuset,
  cgroupsHugetlb,
  cgroupsNetCls,
  cgroupsNetPrio,
  cgroupsPerfEvent,
  cgroupsDevices,
  linuxDevices,
  gpuNvidia,
  diskDu,
  diskXfs,
  linuxCapabilities,
  linuxSeccomp,
  linuxNnp,
  namespacesPid,
  namespacesIpc,
  namespacesUts,
  namespacesUser,
  networkHost,
]

/** Older names of Mesos, and those that stand for several. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  process: ['posix/cpu', 'posix/mem'],
  cgroups: ['cgroups/cpu', 'cgroups/mem'],
  'cgroups/io': ['cgroups/blkio'],
  // What an image says of how it is run counts without being named (rows 6-032, 6-033).
  'docker/runtime': [],
  'appc/runtime': [],
}

/** What comes with another isolator, or always, without being named (row 6-011). */
const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  'filesystem/linux': ['volume/host_path', 'volume/sandbox_path', 'volume/secret', 'volume/image', 'namespaces/uts'],
  'linux/seccomp': ['linux/capabilities'],
}
const ALWAYS = ['network/host']

const DEFAULT_POSIX = ['posix/cpu', 'posix/mem', 'posix/rlimits']
const DEFAULT_LINUX = ['filesystem/linux', 'namespaces/pid', 'namespaces/ipc', 'posix/rlimits', 'linux/capabilities']
/** What --task_security=strict cannot do without, whatever else is isolated. */
const STRICT = ['linux/capabilities', 'linux/seccomp', 'linux/nnp']
/** Each with what stands in for it, or nothing, where its controllers are missing. */
const DEFAULT_CGROUPS: readonly (readonly [isolator: IsolatorModule, instead: readonly string[], what: string])[] = [
  [cgroupsCpu, ['posix/cpu'], 'cpus are not enforced'],
  [cgroupsMem, ['posix/mem'], 'memory is not enforced'],
  [cgroupsPids, [], 'the number of processes is not limited'],
  [cgroupsDevices, [], 'devices are not restricted'],
]

export interface Isolation {
  readonly modules: readonly IsolatorModule[]
  /** What this host lacks for a full default, a sentence each. */
  readonly missing: readonly string[]
}

/**
 * From `--isolation` to modules. Without the flag all that the host can give is taken, and said what is missing; what the flag names must be
 * possible, else the agent does not start; so must what `--task_security=strict` needs. `own` are modules of the user, which come after the built-in ones.
 */
export function chooseIsolation(
  flag: string | undefined,
  launcher: 'linux' | 'posix',
  facts: HostFacts,
  own: readonly IsolatorModule[] = [],
  strict = false,
): Isolation {
  const known = [...BUILT_IN, ...own]
  const { names, missing } = flag === undefined ? defaultNames(launcher, facts) : { names: namesOf(flag, facts), missing: [] }
  const wanted = withImplied(strict ? [...names, ...STRICT] : names)
  for (const name of wanted) {
    if (!known.some((module) => module.name === name)) {
      throw ContainerizerErrors.ISOLATOR_UNKNOWN({ name, known: known.map((module) => module.name).join(', ') })
    }
  }
  const modules = known.filter((module) => wanted.has(module.name))
  checkFilesystems(modules)
  for (const module of modules) checkPossible(module, wanted, launcher, facts)
  return { modules, missing }
}

function namesOf(flag: string, facts: HostFacts): string[] {
  return flag
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .flatMap((name) => (name === 'cgroups/all' ? allCgroups(facts) : (ALIASES[name] ?? [name])))
}

/** Every isolator whose controllers this host has (row 6-031). */
function allCgroups(facts: HostFacts): string[] {
  const available = availableControllers(facts)
  const cgroups = BUILT_IN.filter(({ name }) => name.startsWith('cgroups/'))
  return cgroups.filter(({ controllers = [] }) => controllers.every((one) => available.has(one))).map(({ name }) => name)
}

function defaultNames(launcher: 'linux' | 'posix', facts: HostFacts): { names: string[]; missing: string[] } {
  if (launcher === 'posix') return { names: DEFAULT_POSIX, missing: [] }
  const available = availableControllers(facts)
  const names = [...DEFAULT_LINUX]
  const missing: string[] = []
  if (facts.security.seccomp) names.push('linux/seccomp')
  else missing.push('system calls are not filtered: this kernel cannot')
  for (const [isolator, instead, what] of DEFAULT_CGROUPS) {
    const lacking = (isolator.controllers ?? []).filter((controller) => !available.has(controller))
    if (lacking.length === 0) names.push(isolator.name)
    else {
      names.push(...instead)
      missing.push(`${what}: this host has no cgroup controller ${lacking.join(', ')}`)
    }
  }
  return { names, missing }
}

function withImplied(names: readonly string[]): Set<string> {
  const all = new Set([...names, ...ALWAYS])
  if (![...all].some(isFilesystem)) all.add('filesystem/posix')
  for (const name of names) for (const implied of IMPLIED[name] ?? []) all.add(implied)
  return all
}

const isFilesystem = (name: string): boolean => name.startsWith('filesystem/')

function checkFilesystems(modules: readonly IsolatorModule[]): void {
  const names = modules.map((module) => module.name).filter(isFilesystem)
  if (names.length > 1) throw ContainerizerErrors.ISOLATOR_FILESYSTEMS({ names: names.join(', ') })
}

function checkPossible(module: IsolatorModule, wanted: ReadonlySet<string>, launcher: 'linux' | 'posix', facts: HostFacts): void {
  const { name } = module
  if (module.linux && launcher !== 'linux') throw ContainerizerErrors.ISOLATOR_NEEDS_LINUX({ name })
  const other = module.needs?.find((need) => !wanted.has(need))
  if (other !== undefined) throw ContainerizerErrors.ISOLATOR_NEEDS_ISOLATOR({ name, other })
  const rival = module.excludes?.find((other) => wanted.has(other))
  if (rival !== undefined) throw ContainerizerErrors.ISOLATOR_EXCLUDES({ name, other: rival })
  const available = availableControllers(facts)
  const lacking = (module.controllers ?? []).filter((controller) => !available.has(controller))
  if (lacking.length === 0) return
  throw ContainerizerErrors.ISOLATOR_NEEDS_CONTROLLER({ name, controllers: lacking.join(', '), why: whyMissing(lacking) })
}

/** Whether `--isolation` asks for GPUs, so that they must be found before anything else. */
export const usesGpus = (flag: string | undefined): boolean =>
  (flag ?? '').split(',').some((name) => name.trim() === gpuNvidia.name)
