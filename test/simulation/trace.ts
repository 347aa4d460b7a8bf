import type { VirtualTime } from './virtual-time.js'

/** What happened, line by line, when somebody wants to know: a seed that fails is run again with it. */
export class Trace {
  private readonly time: VirtualTime
  private readonly write: ((line: string) => void) | undefined

  constructor(time: VirtualTime, write?: (line: string) => void) {
    this.time = time
    this.write = write
  }

  note(what: string, details: object): void {
    this.line(`-- ${what}`, details)
  }

  event(party: string, event: object): void {
    this.line(`${party} <`, event)
  }

  effect(party: string, effect: object): void {
    this.line(`${party}   >`, effect)
  }

  private line(head: string, details: object): void {
    if (this.write) this.write(`${(this.time.now() / 1000).toFixed(3)} ${head} ${JSON.stringify(details, plain)}`)
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex').slice(0, 8)
  if (value && typeof value === 'object' && (value as { type?: string }).type === 'Buffer') return '…'
  return value
}
