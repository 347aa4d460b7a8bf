/** `0x0012` */
export function parseHandle(text: string): number | undefined {
  const value = /^0x[0-9a-f]{1,4}$/i.test(text.trim()) ? Number.parseInt(text.trim(), 16) : 0
  return value > 0 ? value : undefined
}

/** `0x0001,0xffff`: first and last. */
export function parseHandles(text: string): { first: number; last: number } | undefined {
  const [first, last, more] = text.split(',').map(parseHandle)
  return first !== undefined && last !== undefined && more === undefined && first <= last ? { first, last } : undefined
}

/** Classes of packets, of which each container has one: the primary handle in the upper half, a secondary one below it. */
export class ClassIds {
  readonly text: string
  readonly #primary: number
  readonly #first: number
  readonly #last: number
  readonly #taken = new Map<string, number>()

  /** `undefined` without a primary handle: then there are no classes. Both texts have been checked. */
  static of(primary: string | undefined, secondary: string): ClassIds | undefined {
    const handle = primary === undefined ? undefined : parseHandle(primary)
    const range = parseHandles(secondary)
    return handle !== undefined && range ? new ClassIds(secondary, handle, range) : undefined
  }

  private constructor(text: string, primary: number, { first, last }: { first: number; last: number }) {
    this.text = text
    this.#primary = primary
    this.#first = first
    this.#last = last
  }

  /** The lowest that is free; `undefined`: there is none. */
  take(id: string): number | undefined {
    const taken = new Set(this.#taken.values())
    for (let handle = this.#first; handle <= this.#last; handle++) {
      const classId = this.#primary * 0x1_0000 + handle
      if (taken.has(classId)) continue
      this.#taken.set(id, classId)
      return classId
    }
    return undefined
  }

  /** Of a container that has it since before this agent was started; perhaps by other flags. */
  keep(id: string, classId: number): void {
    this.#taken.set(id, classId)
  }

  of(id: string): number | undefined {
    return this.#taken.get(id)
  }

  release(id: string): void {
    this.#taken.delete(id)
  }
}
