import type { Transfer, TransferGroup } from '../../transfers.js'

type Change = Partial<Omit<Transfer, 'kind' | 'name'>>

/** How far one layer, or a file that holds some, is, told to all who wait for it; who comes later is told what was. */
export class LayerProgress {
  readonly name: string
  readonly #kind: Transfer['kind']
  readonly #groups = new Map<TransferGroup, number>()
  #state: Change

  constructor(name: string, state: Change, kind: Transfer['kind'] = 'layer') {
    this.name = name
    this.#kind = kind
    this.#state = state
  }

  tell(change: Change): void {
    this.#state = { ...this.#state, ...change }
    for (const group of this.#groups.keys()) group.set(this.#kind, this.name, change)
  }

  /** A group may come here by several images. */
  add(group: TransferGroup): void {
    this.#groups.set(group, (this.#groups.get(group) ?? 0) + 1)
    group.set(this.#kind, this.name, this.#state)
  }

  remove(group: TransferGroup): void {
    const times = (this.#groups.get(group) ?? 0) - 1
    if (times > 0) this.#groups.set(group, times)
    else this.#groups.delete(group)
  }
}

/** All who wait for one image, told of all its layers. */
export class Audience {
  readonly #groups = new Set<TransferGroup>()
  readonly #layers = new Set<LayerProgress>()

  join(group: TransferGroup): void {
    if (this.#groups.has(group)) return
    this.#groups.add(group)
    for (const layer of this.#layers) layer.add(group)
  }

  leave(group: TransferGroup): void {
    if (!this.#groups.delete(group)) return
    for (const layer of this.#layers) layer.remove(group)
  }

  watch(layer: LayerProgress): void {
    if (this.#layers.has(layer)) return
    this.#layers.add(layer)
    for (const group of this.#groups) layer.add(group)
  }

  unwatch(layer: LayerProgress): void {
    if (!this.#layers.delete(layer)) return
    for (const group of this.#groups) layer.remove(group)
  }
}
