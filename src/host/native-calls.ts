import { HostCompletion, HostConfig, type HostEvent, HostEvents, Started } from '#wire/native.js'
import { decode, encode } from '#wire/protobuf.js'
import { type Addon, loadAddon, type NativeAssets, type NativeHost } from './addon.js'
import { HostErrors } from './errors.js'
import { sentenceOf } from './lifecycle.js'

interface Waiting {
  resolve: (bytes: Uint8Array) => void
  reject: (why: Error) => void
}

/** The addon, with its answers turned into values and errors, and its operations into promises. */
export class NativeCalls {
  private readonly native: NativeHost
  private readonly waiting = new Map<number, Waiting>()
  /** Keeps the process alive while somebody waits for an operation; containers alone do not. */
  private readonly alive = setInterval(() => {}, 0x7fffffff).unref()
  private nextOperation = 1
  private closed = false
  private readonly closes = new AbortController()

  constructor(config: HostConfig, assets: NativeAssets, onEvent: (event: HostEvent) => void) {
    const { NativeHost: Native }: Addon = loadAddon(assets.addon)
    const onEvents = (bytes: Buffer): void => {
      const { events, completions } = decode(HostEvents, bytes)
      for (const event of events ?? []) onEvent(event)
      for (const completion of completions ?? []) this.complete(completion)
    }
    try {
      this.native = new Native(encode(HostConfig, config), onEvents)
    } catch (error) {
      throw HostErrors.OPEN_FAILED({ why: error instanceof Error ? error.message : String(error) }, error)
    }
  }

  /** A call that is done when it returns. Throws the sentence of what failed. */
  now(call: (native: NativeHost) => Buffer | null): Uint8Array {
    if (this.closed) throw HostErrors.CLOSED({})
    const answer = call(this.native)
    return answer ? resultOf(decode(HostCompletion, answer)) : NOTHING
  }

  /** At once where a supervisor is parked for it, else on the addon's own threads. */
  async start(plan: Buffer): Promise<Started> {
    if (this.closed) throw HostErrors.CLOSED({})
    const answer = this.native.start(plan)
    if (answer) return decode(Started, resultOf(decode(HostCompletion, answer)))
    return decode(Started, await this.begin((native, operation) => native.startAnew(operation, plan)))
  }

  /** A call that may block: done on the addon's own threads. */
  begin(call: (native: NativeHost, operation: number) => void): Promise<Uint8Array> {
    if (this.closed) return Promise.reject(HostErrors.CLOSED({}))
    const operation = this.nextOperation++
    return new Promise((resolve, reject) => {
      this.waiting.set(operation, { resolve, reject })
      this.alive.ref()
      call(this.native, operation)
    })
  }

  overlayWorks(directory: string): boolean {
    return this.native.overlayWorks(directory)
  }

  isOpaque(directory: string): boolean {
    return this.native.isOpaque(directory)
  }

  release(handle: number): void {
    if (!this.closed) this.native.release(handle)
  }

  /** For what is connected to supervisors beside the addon. */
  get closing(): AbortSignal {
    return this.closes.signal
  }

  /** What still waits is told so. Idempotent. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.closes.abort()
    this.native.close()
    for (const { reject } of this.waiting.values()) reject(HostErrors.CLOSED({}))
    this.waiting.clear()
    clearInterval(this.alive)
  }

  private complete(completion: HostCompletion): void {
    const waiting = this.waiting.get(completion.operation)
    if (!waiting) return
    this.waiting.delete(completion.operation)
    if (this.waiting.size === 0) this.alive.unref()
    try {
      waiting.resolve(resultOf(completion))
    } catch (error) {
      waiting.reject(error as Error)
    }
  }
}

const NOTHING = new Uint8Array()

export function resultOf(completion: HostCompletion): Uint8Array {
  if (completion.failure) throw HostErrors.OPERATION_FAILED({ sentence: sentenceOf(completion.failure.cause) })
  return completion.result ?? NOTHING
}
