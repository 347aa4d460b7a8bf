import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { HostFacts } from './host.js'

type Place = Pick<HostFacts, 'scratchDirectory'>

/** What a container changes in its root. Its root is mounted over it, so that nobody else finds anything there while it runs. */
export const changesOf = ({ scratchDirectory }: Place, id: string): string => join(scratchDirectory, id)

/** What it changes elsewhere: volumes that its image asks for, and changes to images that are its volumes. No id has an `@`. */
export const volumesOf = ({ scratchDirectory }: Place, id: string): string => join(scratchDirectory, `${id}@volumes`)

/** The container that has a directory of this name. */
export const ownerOf = (name: string): string => name.replace(/@volumes$/, '')

/** What may be removed as soon as there is time: put aside by another agent's addon (native/isolation/src/{discard,spares}.rs), or run state of another boot. */
export async function discarded({ scratchDirectory, runtimeDirectory, bootId }: BootPlace): Promise<string[]> {
  const boots = dirname(runtimeDirectory)
  const [aside, others] = await Promise.all([
    namesIn(scratchDirectory, (name) => /^\.(removed|spare)-/.test(name)),
    namesIn(boots, (name) => name !== bootId && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name)),
  ])
  return [...aside, ...others]
}

type BootPlace = Pick<HostFacts, 'scratchDirectory' | 'runtimeDirectory' | 'bootId'>

async function namesIn(directory: string, wanted: (name: string) => boolean): Promise<string[]> {
  const names = await readdir(directory).catch(() => [])
  return names.filter(wanted).map((name) => join(directory, name))
}
