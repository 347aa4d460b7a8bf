import { CgroupWorld } from '#wire/native.js'
import type { NativeAssets } from './addon.js'
import { type CgroupFacts, readCgroups } from './cgroup-world.js'
import { stepAside } from './own-cgroup.js'
import { openScope, type Scope } from './systemd-scope.js'

/** The part of this host's cgroups that is ours (docs/design/cgroups.md). */
export interface CgroupShare {
  readonly cgroups: CgroupFacts
  /** Where in the v2 tree it is; plans do not say that. Empty: the whole tree. */
  readonly base: string
  readonly scope: Scope | undefined
}

/** Without a scope the whole tree; with one what systemd has delegated of it, which need not have all controllers. */
export async function claimCgroups(
  cgroups: CgroupFacts,
  scopeName: string | undefined,
  assets: NativeAssets,
): Promise<CgroupShare> {
  if (scopeName === undefined) {
    await stepAside(cgroups)
    return { cgroups, base: '', scope: undefined }
  }
  const scope = await openScope(scopeName)
  if (cgroups.world !== CgroupWorld.CGROUP_V2) return { cgroups, base: '', scope }
  return { cgroups: readCgroups(assets, scope.path), base: scope.path, scope }
}
