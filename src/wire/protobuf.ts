import protobuf from 'protobufjs/light.js'
import type { MessageType } from './message.js'

/** Reads 64-bit numbers as bigint, so that no digit is lost (row 1-002). */
class Reader extends protobuf.BufferReader {
  override int64(): never {
    return BigInt.asIntN(64, this.bits()) as never
  }
  override uint64(): never {
    return BigInt.asUintN(64, this.bits()) as never
  }
  private bits(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.buf[this.pos++]
      if (byte === undefined || this.pos > this.len) throw new RangeError('index out of range')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw new RangeError('invalid varint')
  }
}

/** Writes 64-bit numbers from bigint (or a safe number). */
class Writer extends protobuf.BufferWriter {
  override uint64(value: unknown): protobuf.Writer {
    const bits = BigInt.asUintN(64, BigInt(value as bigint))
    return super.uint64({ low: Number(bits & 0xffffffffn) | 0, high: Number(bits >> 32n) | 0, unsigned: true } as never)
  }
  override int64(value: unknown): protobuf.Writer {
    return this.uint64(value)
  }
}

export interface DecodeOptions {
  /** Keep fields that proto/ does not know, for what is stored or passed on. */
  keepUnknown?: boolean
}

/** Plain data from protobuf bytes. Throws `Error` on malformed input or a missing required field. */
export function decode<T>(type: MessageType<T>, bytes: Uint8Array, options: DecodeOptions = {}): T {
  const reader = new Reader(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  reader.discardUnknown = !options.keepUnknown
  return type.reflected.decode(reader) as T
}

/** Protobuf bytes of plain data. Every required field must be set. */
export function encode<T>(type: MessageType<T>, value: T): Buffer {
  return type.reflected.encode(value as protobuf.Message, new Writer()).finish() as Buffer
}
