import type { Gpu } from '#wire/native.js'
import { GpuErrors } from './errors.js'

/**
 * Which GPUs belong to whom. Invariant: no GPU belongs to two containers; while it is not known what a container has, nobody gets any.
 */
export class GpuPool {
  readonly #all: readonly Gpu[]
  readonly #holders = new Map<string, readonly Gpu[]>()
  /** Containers that have GPUs, but which? */
  readonly #unclear = new Set<string>()

  constructor(all: readonly Gpu[]) {
    this.#all = all
  }

  held(id: string): readonly Gpu[] {
    return this.#holders.get(id) ?? []
  }

  /** Makes it `count` in all: those that it has stay first. Throws, and changes nothing, when there are not enough. */
  grow(id: string, count: number): readonly Gpu[] {
    const own = this.held(id)
    const wanted = count - own.length
    if (wanted <= 0) return own
    const [unclear] = this.#unclear
    if (unclear !== undefined) throw GpuErrors.UNCLEAR({ id: unclear })
    const taken = new Set([...this.#holders.values()].flat().map(({ uuid }) => uuid))
    const free = this.#all.filter(({ uuid }) => !taken.has(uuid))
    if (free.length < wanted) throw GpuErrors.TOO_FEW({ wanted: count, free: free.length + own.length })
    const now = [...own, ...free.slice(0, wanted)]
    this.#holders.set(id, now)
    return now
  }

  /** Keeps the first `count`. Only when the container cannot use the others any more. */
  shrink(id: string, count: number): void {
    if (this.held(id).length > count) this.#holders.set(id, this.held(id).slice(0, count))
  }

  /** What a container of an earlier agent has; `undefined`: it has some, and nobody knows which. */
  remember(id: string, uuids: readonly string[] | undefined): void {
    if (uuids === undefined) this.#unclear.add(id)
    else
      this.#holders.set(
        id,
        uuids.map((uuid) => this.#all.find((gpu) => gpu.uuid === uuid)).filter((gpu) => gpu !== undefined),
      )
  }

  release(id: string): void {
    this.#holders.delete(id)
    this.#unclear.delete(id)
  }
}
