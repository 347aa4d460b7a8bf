import { join } from 'node:path'
import type { HostFacts } from './host.js'

type Place = Pick<HostFacts, 'scratchDirectory'>

/** What a container changes in its root. Its root is mounted over it, so that nobody else finds anything there while it runs. */
export const changesOf = ({ scratchDirectory }: Place, id: string): string => join(scratchDirectory, id)

/** What it changes elsewhere: volumes that its image asks for, and changes to images that are its volumes. No id has an `@`. */
export const volumesOf = ({ scratchDirectory }: Place, id: string): string => join(scratchDirectory, `${id}@volumes`)

/** The container that has a directory of this name. */
export const ownerOf = (name: string): string => name.replace(/@volumes$/, '')
