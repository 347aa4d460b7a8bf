import { crc32 } from 'node:zlib'

/** Length and checksum, four bytes each, before every record. */
const FRAME_HEADER = 8

export function frame(payload: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(FRAME_HEADER + payload.length)
  framed.writeUInt32LE(payload.length, 0)
  framed.writeUInt32LE(crc32(payload), 4)
  framed.set(payload, FRAME_HEADER)
  return framed
}

export interface Unframed {
  payloads: Buffer[]
  /** Where the last whole record ends. */
  end: number
  /** What comes after `end` is more than one torn write can leave: something changed what was there before. */
  damaged: boolean
}

/** All whole records from the start. The last write of an agent that was killed may be torn; that is no damage (T42). */
export function unframe(bytes: Buffer): Unframed {
  const payloads: Buffer[] = []
  let at = 0
  while (at + FRAME_HEADER <= bytes.length) {
    const end = at + FRAME_HEADER + bytes.readUInt32LE(at)
    const payload = bytes.subarray(at + FRAME_HEADER, end)
    if (end > bytes.length) break
    if (payload.length === 0 || crc32(payload) !== bytes.readUInt32LE(at + 4)) {
      const rest = bytes.subarray(at)
      return { payloads, end: at, damaged: end < bytes.length && rest.some((byte) => byte !== 0) }
    }
    payloads.push(payload)
    at = end
  }
  return { payloads, end: at, damaged: false }
}
