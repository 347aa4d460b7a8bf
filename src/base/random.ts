/**
 * A seeded generator (xoshiro128**, 128 bits of state). Cores draw every random choice and id from one that they own, so that a run replays
 * exactly; production seeds all of its state from the system, simulations from a number.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private d: number
  constructor(seed: number | readonly [number, number, number, number]) {
    const [a, b, c, d] = typeof seed === 'number' ? spread(seed) : seed
    this.a = a | 0
    this.b = b | 0
    this.c = c | 0
    this.d = d | 0 || 1
  }
  /** 32 random bits. */
  bits(): number {
    const scrambled = Math.imul(this.b, 5)
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0
    const t = this.b << 9
    this.c ^= this.a
    this.d ^= this.b
    this.b ^= this.c
    this.a ^= this.d
    this.c ^= t
    this.d = (this.d << 11) | (this.d >>> 21)
    return result
  }
  /** Uniform in [0, 1). */
  next(): number {
    return this.bits() / 4294967296
  }
  /** Uniform integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound)
  }
  /** 16 bytes laid out as a version 4 UUID. */
  uuid(): Buffer {
    const bytes = Buffer.alloc(16)
    for (let i = 0; i < 16; i += 4) bytes.writeUInt32BE(this.bits(), i)
    bytes[6] = (bytes[6]! & 0x0f) | 0x40
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    return bytes
  }
  /** Fisher–Yates, in place. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const swap = items[i]!
      items[i] = items[j]!
      items[j] = swap
    }
    return items
  }
}

/** Four words of state from one (splitmix32). */
function spread(seed: number): [number, number, number, number] {
  let state = seed >>> 0
  const word = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    let t = state ^ (state >>> 16)
    t = Math.imul(t, 0x21f0aaad)
    t ^= t >>> 15
    t = Math.imul(t, 0x735a2d97)
    return (t ^ (t >>> 15)) >>> 0
  }
  return [word(), word(), word(), word()]
}

/** `8f8e…` text of 16 uuid bytes. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
