import type { HostFacts } from '#host/host.js'
import type { Root } from '#wire/native.js'
import { ContainerizerErrors } from './errors.js'
import type { ContainerRoot } from './isolator.js'

/** How a container gets a root of its own out of an image's files (row 6-081). */
export type RootBackend = 'overlay' | 'bind' | 'copy'

/** What was named must be possible; without a name overlay, or else copies. */
export function chooseRootBackend(flag: RootBackend | undefined, facts: HostFacts): { backend: RootBackend; missing: string[] } {
  if (flag === 'overlay' && !facts.overlay) throw ContainerizerErrors.OVERLAY_UNAVAILABLE({ directory: facts.scratchDirectory })
  const backend = flag ?? (facts.overlay ? 'overlay' : 'copy')
  const missing =
    flag === undefined && backend === 'copy'
      ? [
          `every container with an image gets a copy of it: no overlay can be mounted with its changes in ${facts.scratchDirectory}`,
        ]
      : []
  return { backend, missing }
}

/** `bind` is the image itself, which all its containers share, so nobody may write to it. */
export function rootOf({ directory, lower }: Pick<ContainerRoot, 'directory' | 'lower'>, backend: RootBackend): Root {
  const layers = { directory, ...(lower.length > 0 && { lower: [...lower] }) }
  switch (backend) {
    case 'overlay':
      return { ...layers, overlay: true }
    case 'bind':
      return { ...layers, readOnly: true }
    case 'copy':
      return { ...layers, copy: true }
  }
}
