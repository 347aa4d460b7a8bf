import { WireErrors } from './errors.js'
import { MAX_MESSAGE_SIZE } from './limits.js'

/** Digits of 2^64; a longer length is no length. */
const MAX_LENGTH_DIGITS = 20

const NEWLINE = 0x0a

/** One record as it stands in a stream: its length in decimal, a newline, its bytes (1-006). */
export function encodeRecord(record: string | Uint8Array): Buffer {
  const size = typeof record === 'string' ? Buffer.byteLength(record) : record.byteLength
  const head = `${size}\n`
  const framed = Buffer.allocUnsafe(head.length + size)
  framed.write(head, 0, 'latin1')
  if (typeof record === 'string') framed.write(record, head.length, 'utf8')
  else framed.set(record, head.length)
  return framed
}

/**
 * Finds the records in a stream that comes in arbitrary pieces. Once a piece was malformed, every later call throws the same: there is no way
 * to find the next record. The records may share memory with the pieces.
 */
export class RecordDecoder {
  private readonly limit: number
  /** The length that is being read, as long as its newline has not come. */
  private digits = ''
  /** Bytes still to come of the record that is being read; -1 while its length is. */
  private missing = -1
  /** The beginning of a record whose rest is still to come. Grows with what has come, not with what was announced. */
  private begun = EMPTY
  private filled = 0
  private broken: Error | undefined

  constructor(limit = MAX_MESSAGE_SIZE) {
    this.limit = limit
  }

  /** The records that this piece completes. */
  decode(piece: Uint8Array): Buffer[] {
    if (this.broken) throw this.broken
    const records: Buffer[] = []
    let rest = piece
    while (rest.length > 0 || this.missing === 0) rest = this.missing < 0 ? this.length(rest) : this.body(rest, records)
    return records
  }

  /** To be called at the end of the stream: a record that was cut off is an error. */
  end(): void {
    if (this.broken) throw this.broken
    if (this.digits !== '' || this.missing >= 0) this.fail('the stream ended within a record')
  }

  private length(bytes: Uint8Array): Uint8Array {
    const end = bytes.indexOf(NEWLINE)
    this.digits += latin1(
      end < 0 ? bytes.subarray(0, MAX_LENGTH_DIGITS + 1) : bytes.subarray(0, Math.min(end, MAX_LENGTH_DIGITS + 1)),
    )
    if (this.digits.length > MAX_LENGTH_DIGITS || !/^[0-9]*$/.test(this.digits))
      this.fail('the length of a record is not a decimal number')
    if (end < 0) return bytes.subarray(bytes.length)
    if (this.digits === '') this.fail('the length of a record is empty')
    this.missing = Number(this.digits)
    this.digits = ''
    if (this.missing > this.limit) this.fail(`a record of ${this.missing} bytes is larger than the limit of ${this.limit}`)
    return bytes.subarray(end + 1)
  }

  private body(bytes: Uint8Array, records: Buffer[]): Uint8Array {
    const taken = bytes.subarray(0, this.missing)
    this.missing -= taken.length
    const whole = this.missing === 0 && this.filled === 0
    if (!whole) this.append(taken)
    if (this.missing === 0) {
      records.push(whole ? asBuffer(taken) : this.begun.subarray(0, this.filled))
      this.forget()
    }
    return bytes.subarray(taken.length)
  }

  private append(bytes: Uint8Array): void {
    const size = this.filled + bytes.length
    if (size > this.begun.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(size + this.missing, Math.max(size, 2 * this.begun.length, 1024)))
      this.begun.copy(larger, 0, 0, this.filled)
      this.begun = larger
    }
    this.begun.set(bytes, this.filled)
    this.filled = size
  }

  private forget(): void {
    this.missing = -1
    this.begun = EMPTY
    this.filled = 0
  }

  private fail(why: string): never {
    this.broken = WireErrors.RECORD_MALFORMED({ why })
    this.forget()
    throw this.broken
  }
}

const EMPTY = Buffer.alloc(0)

const latin1 = (bytes: Uint8Array): string => asBuffer(bytes).toString('latin1')

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
