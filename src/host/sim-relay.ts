import { HostErrors } from './errors.js'
import type { AttachedInput, AttachedOutput, OutputChunk } from './host.js'

/** As much as a real supervisor keeps for a watcher that does not read. */
const PATIENCE_BYTES = 1 << 20

/** What stands between a simulated task and those who attach to it. */
export class SimRelay {
  readonly #id: string
  readonly #take: (data: Uint8Array) => void
  readonly #endInput: () => void
  readonly #watchers = new Set<Watcher>()
  #giver: object | undefined
  #inputEnded = false
  #ended = false

  /** `take` and `endInput` are the task's standard input. */
  constructor(id: string, take: (data: Uint8Array) => void, endInput: () => void) {
    this.#id = id
    this.#take = take
    this.#endInput = endInput
  }

  say(chunk: OutputChunk): void {
    for (const watcher of this.#watchers) if (!watcher.push(chunk)) this.#watchers.delete(watcher)
  }

  end(): void {
    this.#ended = true
    this.hangUp()
  }

  /** The agent is gone, and with it all who were attached through it. */
  hangUp(): void {
    for (const watcher of this.#watchers) watcher.end()
    this.#watchers.clear()
    this.#giver = undefined
  }

  attachOutput(): AttachedOutput {
    if (this.#ended) throw HostErrors.ENDED({ id: this.#id })
    const watcher = new Watcher(this.#id)
    this.#watchers.add(watcher)
    const close = (): void => {
      this.#watchers.delete(watcher)
      watcher.end()
    }
    return { close, [Symbol.asyncIterator]: () => watcher.chunks() }
  }

  attachInput(): AttachedInput {
    const id = this.#id
    if (this.#ended) throw HostErrors.ENDED({ id })
    if (this.#inputEnded) throw HostErrors.INPUT_ENDED({ id })
    if (this.#giver) throw HostErrors.INPUT_TAKEN({ id })
    const giver = {}
    this.#giver = giver
    const given = (act: () => void): void => {
      if (this.#giver !== giver) throw HostErrors.ENDED({ id })
      if (!this.#inputEnded) act()
    }
    return {
      write: async (data) => given(() => this.#take(data)),
      end: async () =>
        given(() => {
          this.#inputEnded = true
          this.#endInput()
        }),
      close: () => {
        if (this.#giver === giver) this.#giver = undefined
      },
    }
  }
}

class Watcher {
  readonly #id: string
  #pending: OutputChunk[] = []
  #bytes = 0
  #over = false
  #fellBehind = false
  #wake: () => void = () => {}

  constructor(id: string) {
    this.#id = id
  }

  /** False: it has fallen too far behind. */
  push(chunk: OutputChunk): boolean {
    this.#fellBehind = this.#bytes > PATIENCE_BYTES
    if (this.#fellBehind) this.#over = true
    else this.#pending.push(chunk)
    this.#bytes += chunk.data.length
    this.#wake()
    return !this.#over
  }

  end(): void {
    this.#over = true
    this.#wake()
  }

  async *chunks(): AsyncGenerator<OutputChunk> {
    for (;;) {
      for (const chunk of this.#pending.splice(0)) {
        this.#bytes -= chunk.data.length
        yield chunk
      }
      if (this.#pending.length > 0) continue
      if (this.#fellBehind) throw HostErrors.FELL_BEHIND({ id: this.#id })
      if (this.#over) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
