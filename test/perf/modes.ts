import { join } from 'node:path'
import { BUILT_IN_PROFILE } from '#containerizer/seccomp/built-in.js'
import { SeccompFilters } from '#containerizer/seccomp/filters.js'
import { TIGHT } from '#containerizer/security/capability-sets.js'
import type { ContainerPlan, Host } from '#host/host.js'
import type { DeviceRule } from '#wire/native.js'

/** How much a container is isolated. Floor and ours do the same in a mode, but that the floor filters nothing and masks nothing. */
export interface Mode {
  readonly name: string
  /** Of cgroup v1, by which all is compared. */
  readonly controllers: readonly string[]
  /** A root file system of its own: the directory itself, or an overlay on it. */
  readonly root?: { readonly directory: string; readonly overlay: boolean } | undefined
  /** A network namespace, capabilities, a filter of system calls, rules for devices. */
  readonly full: boolean
}

/** What the agent joins by default. */
const USUAL = ['cpu', 'cpuacct', 'memory', 'pids']

export const hostFiles: Mode = { name: 'host files', controllers: USUAL, full: false }

export const bindRoot = (directory: string): Mode => ({
  name: 'bind rootfs',
  controllers: USUAL,
  root: { directory, overlay: false },
  full: false,
})

/** Everything that there is (performance.md §2.1). */
export const everything = (directory: string): Mode => ({
  name: 'everything',
  controllers: ['cpu', 'cpuacct', 'memory', 'pids', 'devices', 'freezer', 'blkio'],
  root: { directory, overlay: true },
  full: true,
})

const character = (major: number, minor?: number): DeviceRule => ({ allow: true, kind: 'c', major, minor, access: 'rwm' })
const DEVICES: readonly DeviceRule[] = [
  { allow: true, kind: 'c', access: 'm' },
  { allow: true, kind: 'b', access: 'm' },
  ...[3, 5, 7, 8, 9].map((minor) => character(1, minor)),
  character(5, 0),
  character(136),
]

/** Plans of one mode on one host; filters are compiled once, as the agent does. */
export function planner(host: Host, { root, controllers, full }: Mode, sandbox: string, cgroup: string) {
  const seccomp = full ? new SeccompFilters(host).of(BUILT_IN_PROFILE, TIGHT) : undefined
  return (id: string, program: readonly string[]): ContainerPlan => ({
    containerId: id,
    namespaces: { mount: true, pid: true, ipc: true, uts: true, cgroup: true, network: full },
    cgroups: {
      path: `${cgroup}/${id}`,
      controllers: [...controllers],
      settings: {
        cpu: { shares: 102n },
        memory: { limitBytes: 64n << 20n },
        ...(full && { pids: { max: 1024n }, devices: { rules: [...DEVICES] } }),
      },
    },
    hostname: 'bench',
    ...(root && { root }),
    process: {
      executable: program[0]!,
      arguments: [...program],
      environment: ['PATH=/usr/bin:/bin'],
      workingDirectory: root ? '/' : sandbox,
      stdio: { stdout: join(sandbox, 'stdout'), stderr: join(sandbox, 'stderr') },
      ...(seccomp && { seccomp, noNewPrivileges: true, capabilities: { bounding: TIGHT, effective: TIGHT } }),
    },
  })
}
