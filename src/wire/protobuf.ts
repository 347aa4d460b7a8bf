import protobuf from 'protobufjs/light.js'
import { shortName, WireErrors } from './errors.js'
import { checkSize } from './limits.js'
import type { MessageType } from './message.js'
import { snakeName } from './reflect.js'
import { missingRequired } from './required.js'

/** More unknown fields than these are not kept but refused: each costs many times its bytes (B27). */
const MAX_UNKNOWN = 10_000

/**
 * Reads 64-bit numbers as bigint, so that no digit is lost (1-002). What it gives shares no memory with what it reads: a uuid of 16 bytes that is
 * kept for long must not hold the whole piece of the stream in which it came.
 */
class Reader extends protobuf.BufferReader {
  private unknown = 0

  /** Known ones, which come through `raw` too. */
  override bytes(): Buffer {
    this.unknown--
    return super.bytes() as Buffer
  }
  /** For unknown fields that are kept. */
  override raw(start: number, end: number): Buffer {
    if (++this.unknown > MAX_UNKNOWN) throw new RangeError(`more than ${MAX_UNKNOWN} unknown fields`)
    return Buffer.from(super.raw(start, end))
  }
  override int64(): never {
    return BigInt.asIntN(64, this.bits()) as never
  }
  override uint64(): never {
    return BigInt.asUintN(64, this.bits()) as never
  }

  /** A varint of at most ten bytes; small ones, which most are, without the cost of bigint arithmetic. */
  private bits(): bigint {
    let low = 0
    for (let i = 0, scale = 1; i < 7; i++, scale *= 128) {
      const byte = this.byte()
      low += (byte & 0x7f) * scale
      if (byte < 0x80) return BigInt(low)
    }
    let value = BigInt(low)
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw new RangeError('invalid varint encoding')
  }

  private byte(): number {
    if (this.pos >= this.len) throw new RangeError(`index out of range: ${this.pos} + 1 > ${this.len}`)
    return this.buf[this.pos++] as number
  }
}

/** Writes 64-bit numbers from bigint (or a safe number), and refuses what is not there: protobufjs would write a required number as zero. */
class Writer extends protobuf.BufferWriter {
  override uint64(value: unknown): protobuf.Writer {
    const bits = BigInt.asUintN(64, BigInt(value as bigint))
    return super.uint64({ low: Number(bits & 0xffffffffn) | 0, high: Number(bits >> 32n) | 0, unsigned: true } as never)
  }
  override int64(value: unknown): protobuf.Writer {
    return this.uint64(value)
  }
  override uint32(value: number): protobuf.Writer {
    return super.uint32(present(value))
  }
  override int32(value: number): protobuf.Writer {
    return super.int32(present(value))
  }
  override double(value: number): protobuf.Writer {
    return super.double(present(value))
  }
  override bool(value: boolean): protobuf.Writer {
    return super.bool(present(value))
  }
}

function present<T>(value: T): T {
  if (value === undefined || value === null) throw new TypeError('a required value is not set')
  return value
}

export interface DecodeOptions {
  /** Whether fields that proto/ does not know are kept, so that what is stored or passed on stays whole. Default: true. */
  keepUnknown?: boolean
}

/**
 * Plain data from protobuf bytes. Throws a `WireErrors` one and nothing else: for malformed or cut off bytes, a missing required field, more than
 * 100 messages within each other. As in every proto2 reader, an unknown enum number leaves its field unset.
 */
export function decode<T>(type: MessageType<T>, bytes: Uint8Array, options: DecodeOptions = {}): T {
  checkSize(bytes, 'the protobuf message')
  const reader = new Reader(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  reader.discardUnknown = options.keepUnknown === false
  try {
    return type.reflected.decode(reader) as T
  } catch (error) {
    throw WireErrors.PROTOBUF_MALFORMED({ type: shortName(type.name), why: whyMalformed(error) }, error)
  }
}

function whyMalformed(error: unknown): string {
  if (error instanceof protobuf.util.ProtocolError) {
    const type = error.instance.$type
    const missing = type.fieldsArray.filter((field) => field.required && !Object.hasOwn(error.instance, field.name))
    return `Missing required fields of ${type.name}: ${missing.map(snakeName).join(', ')}`
  }
  const { message } = error as Error
  if (message.startsWith('index out of range')) return 'the bytes end within a field'
  if (message.startsWith('max depth')) return 'more than 100 messages within each other'
  return error instanceof TypeError && message.includes('encoding') ? 'an id is not UTF-8' : message
}

/** Protobuf bytes of plain data. Every required field must be set: it is our defect if one is not. */
export function encode<T>(type: MessageType<T>, value: T): Buffer {
  try {
    return type.reflected.encode(value as protobuf.Message, new Writer()).finish() as Buffer
  } catch (error) {
    const why = missingRequired(type.reflected, value as object) ?? whyMalformed(error)
    throw WireErrors.INCOMPLETE({ type: shortName(type.name), why }, error)
  }
}
