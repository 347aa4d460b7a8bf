/** What concerns the same name is done one after the other, in the order in which it was asked for. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(name) ?? Promise.resolve()).then(work, work)
    this.#last.set(name, turn)
    const over = (): void => {
      if (this.#last.get(name) === turn) this.#last.delete(name)
    }
    turn.then(over, over)
    return turn
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#last.values())
  }
}
