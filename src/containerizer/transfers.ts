/** What comes to this host for somebody, and how far it is: layers of images, URIs of commands. Nothing here waits or acts. */
export interface Transfer {
  readonly kind: 'layer' | 'uri'
  /** Short digest of a layer, or the URI without what is secret in it. */
  readonly name: string
  readonly phase: TransferPhase
  readonly bytes: number
  /** Unknown until the sender has said so. */
  readonly total: number | undefined
  /** What went otherwise than it should, in a sentence. */
  readonly note?: string | undefined
}

/** `here`: was here before. */
export type TransferPhase = 'waiting' | 'running' | 'unpacking' | 'done' | 'here' | 'failed'

/** All that comes for one container, or for one pull of an operator. */
export class TransferGroup {
  readonly what: string
  readonly #items = new Map<string, Transfer>()
  readonly #changed: () => void

  constructor(what: string, changed: () => void = () => {}) {
    this.what = what
    this.#changed = changed
  }

  /** The first call makes it; later ones change it. */
  set(kind: Transfer['kind'], name: string, change: Partial<Omit<Transfer, 'kind' | 'name'>>): void {
    const before = this.#items.get(name) ?? { kind, name, phase: 'waiting', bytes: 0, total: undefined }
    this.#items.set(name, { ...before, ...change })
    this.#changed()
  }

  /** In the order in which they were first told of. */
  list(): Transfer[] {
    return [...this.#items.values()]
  }
}
