import type { CgroupPlan, ContainerPlan } from '#host/host.js'
import type { CgroupSettings, DeviceNode, Mount, Namespaces, Process, ResourceLimit, Root } from '#wire/native.js'
import { ContainerizerErrors } from './errors.js'

/** What one isolator wants of the launch plan. */
export interface PlanFragment {
  process?: Pick<Process, 'identity' | 'noNewPrivileges' | 'oomScoreAdjustment' | 'capabilities' | 'seccomp'>
  /** Wins over what the agent gives, loses against what the command says. */
  environment?: Record<string, string>
  namespaces?: Namespaces
  cgroups?: { controllers?: string[]; settings?: CgroupSettings }
  root?: Root
  /** Made in the order of the isolators. */
  mounts?: Mount[]
  resourceLimits?: ResourceLimit[]
  /** In containers with a root of their own. */
  devices?: DeviceNode[]
  hostname?: string
  shmSize?: bigint
}

/** A fragment and whose it is. */
export type NamedFragment = readonly [isolator: string, fragment: PlanFragment]

/**
 * Merges fragments: lists are joined in order, objects field by field. Two isolators may say the same of a field, but not different things:
 * that is refused with both names, since neither order nor chance shall decide over isolation.
 */
export function mergeFragments(fragments: readonly NamedFragment[]): PlanFragment {
  const merged: Tree = {}
  const owners = new Map<string, string>()
  for (const [isolator, fragment] of fragments) mergeInto(merged, fragment as Tree, '', isolator, owners)
  return merged as PlanFragment
}

type Tree = Record<string, unknown>

function mergeInto(into: Tree, from: Tree, path: string, isolator: string, owners: Map<string, string>): void {
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined) continue
    const field = path ? `${path}.${name}` : name
    const present = into[name]
    if (Array.isArray(value)) into[name] = [...((present as unknown[] | undefined) ?? []), ...value]
    else if (isTree(value)) {
      into[name] ??= {}
      mergeInto(into[name] as Tree, value, field, isolator, owners)
    } else if (present === undefined) {
      into[name] = value
      owners.set(field, isolator)
    } else if (present !== value) {
      throw ContainerizerErrors.PLAN_CONFLICT({ field, first: owners.get(field) ?? 'another', second: isolator })
    }
  }
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

export interface PlanBase {
  readonly containerId: string
  readonly process: Pick<Process, 'executable' | 'arguments' | 'environment' | 'workingDirectory' | 'stdio' | 'terminal'>
  /** Of this container below every hierarchy. */
  readonly cgroupPath: string
}

/** The whole plan; encoded once by the host. */
export function composePlan(base: PlanBase, merged: PlanFragment): ContainerPlan {
  const { process, cgroups, environment: _, ...rest } = merged
  return {
    ...rest,
    mounts: rest.mounts && parentsFirst(rest.mounts),
    containerId: base.containerId,
    process: { ...base.process, ...process },
    cgroups: cgroupPlan(base.cgroupPath, cgroups),
  }
}

/** A mount covers what was mounted below it before, so what lies deeper comes later (row 6-102); equals stay in the order of the isolators. */
function parentsFirst(mounts: readonly Mount[]): Mount[] {
  const depth = ({ target }: Mount) => target.split('/').filter((part) => part !== '' && part !== '.').length
  return mounts.toSorted((a, b) => depth(a) - depth(b))
}

function cgroupPlan(path: string, cgroups: PlanFragment['cgroups']): CgroupPlan | undefined {
  const controllers = [...new Set(cgroups?.controllers)]
  return controllers.length === 0 ? undefined : { path, controllers, settings: cgroups?.settings }
}
