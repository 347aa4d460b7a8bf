import type { Identity, IdMapping } from '#wire/native.js'

/** Who the users and groups of a container are on the host. */
export interface IdMappings {
  readonly uid: readonly IdMapping[]
  readonly gid: readonly IdMapping[]
}

/** Ids 0 to 65535: all that images and user databases use. */
export const IDS_OF_A_CONTAINER = 65_536

/** `first:count`, as in /etc/subuid. Below 2^31, since there are programs to which an id is a signed number. */
export function parseRange(text: string): { first: number; count: number } | undefined {
  const [, first = Number.NaN, count = Number.NaN] = /^(\d+):(\d+)$/.exec(text)?.map(Number) ?? []
  const usable = first > 0 && count >= IDS_OF_A_CONTAINER && first + count <= 2 ** 31
  return usable ? { first, count } : undefined
}

/** Hands out ranges of ids that no two containers share at a time. Always the lowest that is free, so that what a crash left is soon covered again. */
export class IdRanges {
  readonly #first: number
  readonly #places: number
  readonly #taken = new Map<string, number>()

  constructor(text: string) {
    const range = parseRange(text) ?? { first: 0, count: 0 }
    this.#first = range.first
    this.#places = Math.floor(range.count / IDS_OF_A_CONTAINER)
  }

  /** `undefined`: all are taken. */
  take(container: string): IdMappings | undefined {
    const taken = new Set(this.#taken.values())
    for (let place = 0; place < this.#places; place++) {
      const outside = this.#first + place * IDS_OF_A_CONTAINER
      if (!taken.has(outside)) {
        this.#taken.set(container, outside)
        const range = [{ inside: 0, outside, count: IDS_OF_A_CONTAINER }]
        return { uid: range, gid: range }
      }
    }
    return undefined
  }

  /** What a container of an earlier agent has. */
  keep(container: string, { uid: [range] }: IdMappings): void {
    if (range) this.#taken.set(container, range.outside)
  }

  release(container: string): void {
    this.#taken.delete(container)
  }
}

/** The same user as the host sees it; without mappings the same. Nobody inside is nobody outside. */
export function identityOnHost(identity: Identity | undefined, mappings: IdMappings | undefined): Identity | undefined {
  if (!mappings) return identity
  const { uid, gid, groups = [] } = identity ?? { uid: 0, gid: 0 }
  const group = (id: number): number => outside(mappings.gid, id)
  return { uid: outside(mappings.uid, uid), gid: group(gid), groups: groups.map(group) }
}

const NOBODY = 65_534

function outside(mappings: readonly IdMapping[], id: number): number {
  const mapping = mappings.find(({ inside, count }) => id >= inside && id < inside + count)
  return mapping ? mapping.outside + (id - mapping.inside) : NOBODY
}
