import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeRecord, RecordDecoder } from '#wire/recordio.js'

const bytes = (text: string) => Buffer.from(text)
const decodeAll = (decoder: RecordDecoder, ...pieces: (string | Uint8Array)[]) =>
  pieces.flatMap((piece) => decoder.decode(typeof piece === 'string' ? bytes(piece) : piece).map(String))

describe('encodeRecord', () => {
  test('counts bytes, not characters', () => {
    expect(String(encodeRecord('{"é":1}'))).toBe('8\n{"é":1}')
    expect(encodeRecord(Buffer.from([255, 10]))).toEqual(Buffer.from([0x32, 10, 255, 10]))
    expect(String(encodeRecord(''))).toBe('0\n')
  })
})

describe('RecordDecoder', { timeout: 60_000 }, () => {
  test('finds the records however the stream is cut (1-006)', () => {
    const records = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 })
    const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 20 })
    fc.assert(
      fc.property(records, cuts, (sent, at) => {
        const stream = Buffer.concat(sent.map((record) => encodeRecord(record)))
        const ends = [...at.filter((cut) => cut < stream.length), stream.length].sort((a, b) => a - b)
        const decoder = new RecordDecoder()
        const got = ends.flatMap((end, i) => decoder.decode(stream.subarray(ends[i - 1] ?? 0, end)))
        decoder.end()
        expect(got.map((record) => record.toString('hex'))).toEqual(sent.map((record) => Buffer.from(record).toString('hex')))
      }),
    )
  })

  test('takes one byte a piece, two records a piece, and records of nothing (B21)', () => {
    expect(decodeAll(new RecordDecoder(), ...bytes('3\nabc0\n2\nde').toString().split(''))).toEqual(['abc', '', 'de'])
    expect(decodeAll(new RecordDecoder(), '1\na1\nb')).toEqual(['a', 'b'])
  })

  test.each([
    ['more digits than 2^64 has', '999999999999999999999\n'],
    ['a negative length', '-1\n'],
    ['an exponent', '1e3\n'],
    ['a hexadecimal', '0x10\n'],
    ['spaces', ' 3\nabc'],
    ['a carriage return', '3\r\nabc'],
    ['nothing', '\nabc'],
    ['a length above the limit', '1025\n'],
    ['digits without an end', '1'.repeat(1 << 20)],
  ])('refuses %s as a length, and everything after it (B20)', (_what, stream) => {
    const decoder = new RecordDecoder(1024)
    const refused = expect.objectContaining({ code: 'WIRE_RECORD_MALFORMED' })
    expect(() => decoder.decode(bytes(stream))).toThrow(refused)
    expect(() => decoder.decode(bytes('1\na'))).toThrow(refused)
    expect(() => decoder.end()).toThrow(refused)
    const slowly = new RecordDecoder(1024)
    expect(() => decodeAll(slowly, ...stream.slice(0, 40).split(''))).toThrow(refused)
  })

  test('takes a record of exactly the limit', () => {
    expect(decodeAll(new RecordDecoder(4), '4\nabcd')).toEqual(['abcd'])
  })

  test.each(['3\nab', '3', '3\n'])('a stream that ends within a record is an error: %j', (stream) => {
    const decoder = new RecordDecoder()
    expect(decoder.decode(bytes(stream))).toEqual([])
    expect(() => decoder.end()).toThrow(/ended within a record/)
  })

  test('what was announced costs nothing before it comes', () => {
    const before = process.memoryUsage().arrayBuffers
    const decoders = Array.from({ length: 1000 }, () => {
      const decoder = new RecordDecoder()
      decoder.decode(bytes('67108864\nx'))
      return decoder
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20)
    expect(decoders).toHaveLength(1000)
  })
})
