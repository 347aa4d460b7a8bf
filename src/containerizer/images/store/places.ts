/** A number of places at which something may go on at a time; who comes first gets the next one. */
export class Places {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Resolves to what gives the place back. */
  async take(abort: AbortSignal): Promise<() => void> {
    abort.throwIfAborted()
    if (this.#free > 0) this.#free--
    else await this.#wait(abort)
    let given = false
    return () => {
      if (given) return
      given = true
      this.#give()
    }
  }

  #wait(abort: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(abort.reason)
      }
      const enter = (): void => {
        abort.removeEventListener('abort', leave)
        resolve()
      }
      this.#waiting.push(enter)
      abort.addEventListener('abort', leave, { once: true })
    })
  }

  #give(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }
}
