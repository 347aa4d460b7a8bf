import { type CgroupHierarchy, Cgroups, CgroupWorld, HostCompletion } from '#wire/native.js'
import { decode } from '#wire/protobuf.js'
import { loadAddon, type NativeAssets } from './addon.js'
import { resultOf } from './native-calls.js'

export interface CgroupFacts {
  readonly world: CgroupWorld
  readonly hierarchies: readonly CgroupHierarchy[]
}

/**
 * Which of the three cgroup worlds this host lives in. Hybrid hosts (v1 controllers beside a v2 tree) are used through v1 where v1 has a controller, and
 * through the v2 tree for all others; the rule stands in native/isolation/src/cgroup/world.rs. `base`: as which cgroup of the v2 tree its controllers are
 * judged.
 */
export function readCgroups({ addon }: NativeAssets, base = ''): CgroupFacts {
  const answer = resultOf(decode(HostCompletion, loadAddon(addon).findCgroups(base)))
  const { world = CgroupWorld.CGROUP_NONE, hierarchies = [] } = decode(Cgroups, answer)
  return { world, hierarchies }
}
